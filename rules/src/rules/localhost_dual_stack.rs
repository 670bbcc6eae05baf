//! `localhost-dual-stack`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "localhost-dual-stack",
    category: Category::Upstream,
    severity: Severity::Info,
    effect: Effect::Advice,
    summary: "`localhost`, which may be two addresses",
    page: include_str!("../../../docs/rules/localhost-dual-stack.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.wants_advice() {
        return;
    }
    let backends = context.backends();
    let mut groups = Groups::default();
    for way in backends.hosts.iter().filter(|way| is_localhost(&way.host)) {
        let place = way.pass.argument_place(0);
        groups.add(place, || finding(place), way.proof);
    }
    for group in &backends.groups {
        for server in group.servers.iter().filter(|server| server.is_live()) {
            if server.host_and_port().is_some_and(|(host, _)| is_localhost(host)) {
                let place = server.setting.argument_place(0);
                groups.add(place, || finding(place), group.ways[0].pass.place());
            }
        }
    }
    findings.extend(groups.into_findings("for the WebSockets of this location"));
}

fn is_localhost(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
}

fn finding(place: Place) -> Finding {
    Finding::new(
        &RULE,
        place,
        "`localhost` is two servers for nginx where it has an IPv6 address too: a backend that \
         listens on one of them refuses every other connection",
    )
    .at_place("127.0.0.1, and perhaps ::1")
    .help("write the address that the backend listens on, as in `127.0.0.1`")
}
