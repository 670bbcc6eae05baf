//! `huge-proxy-buffer-size`

use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::resolve::Setting;
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "huge-proxy-buffer-size",
    category: Category::Capacity,
    severity: Severity::Info,
    effect: Effect::Advice,
    summary: "two large buffers for every WebSocket, as long as it is open",
    page: include_str!("../../../docs/rules/huge-proxy-buffer-size.md"),
    check,
};

/// Sixteen times what any response head of sound applications takes.
const HUGE: i64 = 128 * 1024;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.wants_advice() {
        return;
    }
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let size = context.configuration.value(forwarded.level, d::PROXY_BUFFER_SIZE).set();
        if let Some(line) = size
            && let Some(size) = line.bytes().filter(|&size| size >= HUGE)
        {
            groups.add(line.place(), || finding(line, size), forwarded.pass.place());
        }
    }
    findings.extend(groups.into_findings("WebSockets pass here"));
}

fn finding(line: Setting<'_>, size: i64) -> Finding {
    let kilobytes = size.saturating_mul(2) / 1024;
    Finding::new(
        &RULE,
        line.place(),
        format!(
            "nginx keeps two buffers of this size for every WebSocket as long as it is open: \
             {kilobytes}k for each"
        ),
    )
    .at_place("twice for every open WebSocket")
    .help("write it only in locations whose pages have so large a head, and leave it out here")
}
