//! `duplicate-connection-header`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::{FieldLine, Verdict};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "duplicate-connection-header",
    category: Category::Handshake,
    severity: Severity::Info,
    effect: Effect::Advice,
    summary: "several `Connection` lines at one level, which are all sent",
    page: include_str!("../../../docs/rules/duplicate-connection-header.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.wants_advice() {
        return;
    }
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        // Where no line upgrades, that is what is wrong.
        if forwarded.connection_verdict() != Verdict::Passes {
            continue;
        }
        if let Some([first, second]) = forwarded.connection.sent_twice() {
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
        format!(
            "`Connection` is sent twice, as {} and as {}: nginx sends every line of the level, and \
             the last one does not replace the others",
            first.chrome.value.shown(),
            second.chrome.value.shown()
        ),
    )
    .at_place("sent too")
    .help("keep the line that gives `upgrade`");
    // A snippet that is included twice has one place.
    if first.setting.place() == second.setting.place() {
        finding
    } else {
        finding.label(first.setting.place(), "sent first")
    }
}
