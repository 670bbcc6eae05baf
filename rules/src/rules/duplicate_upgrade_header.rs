//! `duplicate-upgrade-header`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::{FieldLine, Verdict};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "duplicate-upgrade-header",
    category: Category::Handshake,
    severity: Severity::Warning,
    effect: Effect::Degraded,
    summary: "`Upgrade` is sent twice, which most backends refuse",
    page: include_str!("../../../docs/rules/duplicate-upgrade-header.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        // Values that are wrong have a rule of their own.
        if forwarded.upgrade_verdict() != Verdict::Passes {
            continue;
        }
        if let Some([first, second]) = forwarded.upgrade.sent_twice() {
            let place = second.setting.place();
            groups.add(place, || finding(first, second), forwarded.pass.place());
        }
    }
    findings.extend(groups.into_findings("handshakes for this backend"));
}

fn finding(first: &FieldLine<'_>, second: &FieldLine<'_>) -> Finding {
    let finding = Finding::new(
        &RULE,
        second.setting.place(),
        "`Upgrade` is sent twice, because nginx sends every line of the level: most backends read \
         `websocket, websocket`, and refuse the handshake",
    )
    .at_place("sent too")
    .help("take one of the two lines away");
    // A snippet that is included twice has one place.
    if first.setting.place() == second.setting.place() {
        finding
    } else {
        finding.label(first.setting.place(), "sent first")
    }
}
