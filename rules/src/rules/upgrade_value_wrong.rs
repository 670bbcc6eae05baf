//! `upgrade-value-wrong`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::{FieldLine, Forwarded, Verdict};
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
        if forwarded.upgrade_verdict() != Verdict::Fails
            || context.map_faults().explain_upgrade(forwarded.level)
            || context.set_faults().explain_upgrade(forwarded.level)
        {
            continue;
        }
        let sent = forwarded.upgrade.sent().next();
        let Some(line) = sent.or(forwarded.upgrade.lines.last()) else { continue };
        if line.is_damaged {
            continue;
        }
        groups.add(line.setting.place(), || finding(forwarded, line), forwarded.pass.place());
    }
    findings.extend(groups.into_findings("handshakes for this backend"));
}

fn finding(forwarded: &Forwarded<'_>, line: &FieldLine<'_>) -> Finding {
    let message = match line.chrome.value.bytes() {
        Some(b"") => {
            "a handshake reaches the backend without `Upgrade`, and is taken for a plain request"
                .to_owned()
        }
        _ => format!(
            "for a handshake `Upgrade` is {}: the backend looks for the protocol `websocket` in it \
             and refuses",
            line.chrome.value.shown()
        ),
    };
    let finding = Finding::new(&RULE, line.setting.argument_place(1), message)
        .at_place("must give `websocket` for a handshake")
        .help(format!("write `{UPGRADE_LINE}`"));
    // Two wrong values beside each other are one mistake: most often they are swapped.
    match forwarded.connection.sent().last() {
        Some(connection) if forwarded.connection_verdict() == Verdict::Fails => {
            finding.label(connection.setting.argument_place(1), "and this must give `upgrade`")
        }
        _ => finding,
    }
}
