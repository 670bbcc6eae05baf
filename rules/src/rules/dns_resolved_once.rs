//! `dns-resolved-once`

use rustc_hash::FxHashSet;

use super::upstream_undeclared::{self, misnamed};
use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::backends::{Way, is_name};
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "dns-resolved-once",
    category: Category::Upstream,
    severity: Severity::Info,
    effect: Effect::Advice,
    summary: "a host name that nginx looks up only when it starts",
    page: include_str!("../../../docs/rules/dns-resolved-once.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.wants_advice() {
        return;
    }
    let backends = context.backends();
    let mut groups = Groups::default();
    let mistaken = mistaken(context);
    for way in backends.hosts.iter().filter(|way| !way.has_variables && is_remote(&way.host)) {
        let place = way.pass.argument_place(0);
        // The upstream of that name may stand in a file that is not seen. It would have no port.
        let may_be_group = way.port.is_none() && !context.sees_everything();
        if may_be_group || mistaken(way, place) {
            continue;
        }
        groups.add(place, || finding(place, &way.host), way.proof);
    }
    for group in &backends.groups {
        for server in group.servers.iter().filter(|server| !server.has(b"resolve")) {
            let Some((host, _)) = server.host_and_port() else { continue };
            if is_remote(host) && !host.contains('/') {
                let place = server.setting.argument_place(0);
                groups.add(place, || finding(place, host), group.ways[0].pass.place());
            }
        }
    }
    findings.extend(groups.into_findings("for the WebSockets of this location"));
}

/// Tells of a way whether its host seems to be meant for an upstream, which is reported as that.
fn mistaken(context: &Context<'_>) -> impl Fn(&Way<'_>, Place) -> bool {
    let misnamed = misnamed(context);
    let mut undeclared = Vec::new();
    if context.reports("upstream-undeclared") {
        upstream_undeclared::check(context, &mut undeclared);
    }
    let undeclared: FxHashSet<Place> = undeclared.iter().map(|finding| finding.place).collect();
    move |way, place| {
        undeclared.contains(&place) || misnamed.contains(&way.host.to_ascii_lowercase())
    }
}

/// Names whose address stays: that of this machine, and what containers call it.
const OF_THIS_MACHINE: [&str; 4] =
    ["localhost", "host.docker.internal", "gateway.docker.internal", "host.containers.internal"];

/// Whether a host is looked up, and its address may change.
fn is_remote(host: &str) -> bool {
    is_name(host) && !OF_THIS_MACHINE.iter().any(|name| host.eq_ignore_ascii_case(name))
}

fn finding(place: Place, host: &str) -> Finding {
    Finding::new(
        &RULE,
        place,
        format!(
            "`{host}` is looked up when nginx starts and not again: when its address changes, \
             handshakes go to the old one until a reload"
        ),
    )
    .at_place("looked up once")
    .help(
        "if its address may change, add `resolve` to its `server`, with `zone` and `resolver` \
         (nginx 1.27.3), or put the name into a variable, with `resolver`",
    )
}
