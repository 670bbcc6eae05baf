//! `proxy-ssl-server-name-off`

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::declared::backend::{Backend, is_public_name};
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::Forwarded;
use crate::resolve::Effective;
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "proxy-ssl-server-name-off",
    category: Category::Tls,
    severity: Severity::Warning,
    effect: Effect::Degraded,
    summary: "TLS to a backend of the Internet, without the name that it goes by",
    page: include_str!("../../../docs/rules/proxy-ssl-server-name-off.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let Some(backend) = Backend::of(context, forwarded) else { continue };
        if !backend.is_encrypted || sends_name(context, forwarded) {
            continue;
        }
        if let Some(name) = backend.hosts(context).into_iter().find(|host| is_public_name(host)) {
            let place = forwarded.pass.place();
            groups.add(place, || finding(forwarded, &backend, &name), place);
        }
    }
    findings.extend(groups.into_findings("this backend"));
}

/// Whether nginx sends the backend's name when it begins TLS, or may do so.
fn sends_name(context: &Context<'_>, forwarded: &Forwarded<'_>) -> bool {
    match context.configuration.value(forwarded.level, d::PROXY_SSL_SERVER_NAME) {
        Effective::Default => false,
        Effective::Unknown(_) => true,
        Effective::Set(line) => line
            .directive
            .argument(0)
            .map(Word::value)
            .is_none_or(|value| !value.eq_ignore_ascii_case(b"off")),
    }
}

fn finding(forwarded: &Forwarded<'_>, backend: &Backend, name: &str) -> Finding {
    // Of a group nginx would send the group's name.
    let name_line = match backend.group {
        Some(_) => format!(" proxy_ssl_name {name};"),
        None => String::new(),
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
    .help(format!("add `proxy_ssl_server_name on;{name_line}`"))
}
