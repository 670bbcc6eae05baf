//! `upgrade-value-wrong`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::{FieldLine, Verdict};
use crate::rule::Rule;
use crate::suggest::UPGRADE_LINE;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "upgrade-value-wrong",
    category: Category::Handshake,
    severity: Severity::Error,
    effect: Effect::HandshakeFails,
    summary: "`Upgrade` is set to something other than `websocket`",
    page: include_str!("../../../docs/rules/upgrade-value-wrong.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        if forwarded.upgrade_verdict() != Verdict::Fails {
            continue;
        }
        let sent = forwarded.upgrade.sent().next();
        let Some(line) = sent.or(forwarded.upgrade.lines.last()) else { continue };
        groups.add(line.setting.place(), || finding(line), forwarded.pass.place());
    }
    findings.extend(groups.into_findings("this backend gets it"));
}

fn finding(line: &FieldLine<'_>) -> Finding {
    let sent = match line.chrome.value.bytes() {
        Some(b"") => "is not sent at all".to_owned(),
        _ => format!("is {}", line.chrome.value.shown()),
    };
    Finding::new(
        &RULE,
        line.setting.argument_place(1),
        format!(
            "for a handshake `Upgrade` {sent}: the backend looks for the protocol `websocket` in it \
             and refuses"
        ),
    )
    .at_place("must give `websocket` for a handshake")
    .help(format!("write `{UPGRADE_LINE}`"))
}
