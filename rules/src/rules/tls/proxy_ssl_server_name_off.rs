//! TLS to a backend of the Internet, without the name that it goes by.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::backend::{Backend, is_public_name};
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::resolve::{Effective, LevelId};

use crate::backend_tls::{is_named, only_name};
use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::set_value_here;
use crate::groups::Groups;
use crate::rules::PROXY_SSL_SERVER_NAME_OFF as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let Some(backend) = Backend::of(context, forwarded) else { continue };
        if !backend.is_encrypted || sends_name(context, forwarded) {
            continue;
        }
        if let Some(name) = backend.hosts(context).into_iter().find(|host| is_public_name(host)) {
            let place = forwarded.pass.place();
            let wanted = NameLine::wanted(context, forwarded, &backend);
            groups.add_with(
                place,
                || finding(forwarded, &wanted, &name),
                place,
                (forwarded.level, wanted.clone()),
            );
        }
    }
    findings.extend(groups.into_mended("this backend", |parts| fix(context, parts)));
}

/// Whether `proxy_ssl_name` has to be written too: of a group nginx sends the group's name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum NameLine {
    /// What stands in `proxy_pass` is the backend's name, or somebody has written another one.
    None,
    /// The servers of the group have this name.
    Known(String),
    /// They have several, or none.
    Unknown,
}

impl NameLine {
    fn wanted(context: &Context<'_>, forwarded: &Forwarded<'_>, backend: &Backend) -> Self {
        if backend.group.is_none() || is_named(context, forwarded.level) {
            return Self::None;
        }
        match only_name(context, backend) {
            Some(name) if name.eq_ignore_ascii_case(&backend.host) => Self::None,
            Some(name) => Self::Known(name),
            None => Self::Unknown,
        }
    }
}

/// Sends the backend's name, and says which one that is where nginx would send another.
fn fix(context: &Context<'_>, parts: &[(LevelId, NameLine)]) -> Option<FindingFix> {
    let name = &parts.first()?.1;
    if *name == NameLine::Unknown || parts.iter().any(|(_, other)| other != name) {
        return None;
    }
    let levels: Vec<LevelId> = parts.iter().map(|&(level, _)| level).collect();
    let mut edits = set_value_here(context, d::PROXY_SSL_SERVER_NAME, "on", &levels)?;
    let NameLine::Known(name) = name else {
        return edits.into_fix("write `proxy_ssl_server_name on;`");
    };
    edits.extend(set_value_here(context, d::PROXY_SSL_NAME, name, &levels)?);
    edits.into_fix(format!("write `proxy_ssl_server_name on;` and `proxy_ssl_name {name};`"))
}

/// Whether nginx sends the backend's name when it begins TLS, or may do so.
fn sends_name(context: &Context<'_>, forwarded: &Forwarded<'_>) -> bool {
    match context.configuration.value(forwarded.level, d::PROXY_SSL_SERVER_NAME) {
        Effective::Default => false,
        Effective::Unknown(_) => true,
        Effective::Set(line) => {
            line.value(0).is_none_or(|value| !value.eq_ignore_ascii_case(b"off"))
        }
    }
}

fn finding(forwarded: &Forwarded<'_>, wanted: &NameLine, name: &str) -> Finding {
    let help = match wanted {
        NameLine::None => "add `proxy_ssl_server_name on;`".to_owned(),
        NameLine::Known(name) => {
            format!("add `proxy_ssl_server_name on;` and `proxy_ssl_name {name};`")
        }
        NameLine::Unknown => "add `proxy_ssl_server_name on;`, and `proxy_ssl_name` with the name \
                              in the certificate of the backends"
            .to_owned(),
    };
    Finding::new(
        &RULE,
        forwarded.pass.place(),
        format!(
            "TLS to `{name}` begins without its name, which nginx does not send by itself: a server \
             of several names ends the connection, or shows the certificate of another"
        ),
    )
    .at_place("no name is sent in TLS (SNI)")
    .help(help)
}
