//! TLS to the backend, whose certificate nobody looks at.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::backend::{Backend, is_local};
use wslint_model::resolve::{Effective, LevelId};
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Groups;
use crate::rules::PROXY_SSL_NOT_VERIFIED as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let Some(backend) = Backend::of(context, forwarded) else { continue };
        let pass = forwarded.pass.place();
        let Some(place) = not_verified(context, forwarded.level, pass) else { continue };
        // Nobody stands between nginx and its own machine.
        let is_here = backend.hosts(context).iter().all(|host| is_local(host));
        if backend.is_encrypted && !is_here {
            groups.add(place, || finding(place), pass);
        }
    }
    findings.extend(groups.into_findings("TLS to this backend"));
}

/// Where it is said that certificates are not looked at: by default that is the `proxy_pass`.
/// `None` when they are, or may be.
fn not_verified(context: &Context<'_>, level: LevelId, pass: Place) -> Option<Place> {
    match context.configuration.value(level, d::PROXY_SSL_VERIFY) {
        Effective::Default => Some(pass),
        Effective::Unknown(_) => None,
        Effective::Set(line) => {
            let value = line.value(0)?;
            value.eq_ignore_ascii_case(b"off").then(|| line.place())
        }
    }
}

fn finding(place: Place) -> Finding {
    Finding::new(
        &RULE,
        place,
        "nginx takes any certificate of the backend: whoever gets in between reads what it sends",
    )
    .at_place("no certificate is looked at")
    .help(
        "add `proxy_ssl_verify on;` and `proxy_ssl_trusted_certificate PATH;` with the \
         certificates of those who sign",
    )
}
