//! `tcp-nodelay-off`

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix};

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::resolve::Setting;
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "tcp-nodelay-off",
    category: Category::Capacity,
    severity: Severity::Info,
    effect: Effect::Advice,
    summary: "small messages are held back, because `tcp_nodelay` is switched off",
    page: include_str!("../../../docs/rules/tcp-nodelay-off.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.wants_advice() {
        return;
    }
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let line = context.configuration.value(forwarded.level, d::TCP_NODELAY).set();
        if let Some(line) = line.filter(|line| line.is_switched("off")) {
            groups.add(line.place(), || finding(line), forwarded.pass.place());
        }
    }
    findings.extend(groups.into_findings("WebSockets pass here"));
}

fn finding(line: Setting<'_>) -> Finding {
    let place = line.argument_place(0);
    Finding::new(
        &RULE,
        line.place(),
        "a small message waits until the one before it is acknowledged, in both directions: nginx \
         leaves `TCP_NODELAY` off for WebSockets",
    )
    .at_place("holds small messages back")
    .help("leave it out: `on` is the default")
    .fix(Fix::not_safe("write `on`", vec![Edit::replace(place.span, "on")]))
}
