//! `connection-upgrade-hardcoded`

use wslint_grammar::{Edit, Fix};

use crate::cause::hard_coded::{hard_coded_connection, hard_coded_upgrade};
use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::{All, GroupsOf};
use crate::handshake::{FieldLine, Forwarded};
use crate::rule::Rule;
use crate::suggest;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "connection-upgrade-hardcoded",
    category: Category::Handshake,
    severity: Severity::Warning,
    effect: Effect::Degraded,
    summary: "`Connection: upgrade` is sent for plain requests too",
    page: include_str!("../../../docs/rules/connection-upgrade-hardcoded.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups: GroupsOf<All> = GroupsOf::default();
    let is_reported = context.reports("upgrade-hardcoded");
    for (forwarded, _) in context.websocket_locations() {
        // Both are one mistake.
        if is_reported && hard_coded_upgrade(context, forwarded).is_some() {
            continue;
        }
        if let Some(line) = hard_coded_connection(context, forwarded) {
            groups.add(
                line.setting.place(),
                || finding(context, forwarded, line),
                forwarded.pass.place(),
            );
        }
    }
    findings.extend(groups.into_findings("plain requests for this backend carry it too"));
}

fn finding(context: &Context<'_>, forwarded: &Forwarded<'_>, line: &FieldLine<'_>) -> Finding {
    let right = suggest::connection(context, forwarded.level);
    let finding = Finding::new(
        &RULE,
        line.setting.argument_place(1),
        "pages come here too, and each of their requests announces an upgrade that it does not ask \
         for, which some backends refuse",
    )
    .at_place("the same for every request")
    .help(right.and_map(&format!("write `{}`", right.line())));
    match line.setting.directive.argument(1) {
        Some(word) if right.map.is_none() && right.value.starts_with('$') => {
            finding.fix(Fix::safe(
                format!("write `{}`", right.value),
                vec![Edit::replace(word.span(), right.value)],
            ))
        }
        _ => finding,
    }
}
