//! `localhost`, which may be two addresses.

use wslint_grammar::{Edit, Fix};
use wslint_model::resolve::Setting;
use wslint_model::text::address::split_url;

use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::part_of;
use crate::groups::Groups;
use crate::rules::LOCALHOST_DUAL_STACK as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let backends = context.backends();
    let mut groups = Groups::default();
    for way in backends.hosts.iter().filter(|way| is_localhost(&way.host)) {
        let place = way.pass.argument_place(0);
        // With TLS the name is also what the backend's certificate is compared with.
        let finding = || with_fix(finding(way.pass), way.pass, !way.encrypted);
        groups.add(place, finding, way.proof);
    }
    for group in &backends.groups {
        for server in group.servers.iter().filter(|server| server.is_live()) {
            if server.host_and_port().is_some_and(|(host, _)| is_localhost(host)) {
                let place = server.setting.argument_place(0);
                let finding = || with_fix(finding(server.setting), server.setting, true);
                groups.add(place, finding, group.ways[0].pass.place());
            }
        }
    }
    findings.extend(groups.into_findings("for the WebSockets of this location"));
}

fn is_localhost(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
}

/// Writes an address in the place of the name, if that stands there and `is_replaceable`.
fn with_fix(finding: Finding, line: Setting<'_>, is_replaceable: bool) -> Finding {
    match fix(line).filter(|_| is_replaceable) {
        Some(fix) => finding.fix(fix),
        None => finding,
    }
}

fn fix(line: Setting<'_>) -> Option<Fix> {
    const NAME: &str = "localhost";
    let word = line.directive.argument(0)?;
    let value = word.value();
    let text = std::str::from_utf8(&value).ok()?;
    let at = split_url(text).map_or(0, |url| url.host_at);
    let is_there = text.get(at..at + NAME.len()).is_some_and(is_localhost)
        && matches!(text.as_bytes().get(at + NAME.len()), None | Some(b':' | b'/' | b'?' | b'$'));
    let place = part_of(word, at..at + NAME.len()).filter(|_| is_there)?;
    Some(Fix::not_safe("write `127.0.0.1`", vec![Edit::replace(place, "127.0.0.1")]))
}

fn finding(line: Setting<'_>) -> Finding {
    Finding::new(
        &RULE,
        line.argument_place(0),
        "`localhost` is two servers for nginx where it has an IPv6 address too: a backend that \
         listens on one of them refuses every other connection",
    )
    .at_place("127.0.0.1, and perhaps ::1")
    .help("write the address that the backend listens on, as in `127.0.0.1`")
}
