//! `upgrade-hardcoded`

use wslint_grammar::{Edit, Fix};

use crate::cause::hard_coded::{hard_coded_connection, hard_coded_upgrade};
use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::{FieldLine, Forwarded};
use crate::rule::Rule;
use crate::suggest::{self, UPGRADE_LINE};

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "upgrade-hardcoded",
    category: Category::Handshake,
    severity: Severity::Warning,
    effect: Effect::Degraded,
    summary: "`Upgrade: websocket` is sent for plain requests too",
    page: include_str!("../../../docs/rules/upgrade-hardcoded.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        if let Some(line) = hard_coded_upgrade(context, forwarded) {
            groups.add(
                line.setting.place(),
                || finding(context, forwarded, line),
                forwarded.pass.place(),
            );
        }
    }
    findings.extend(groups.into_findings("plain requests for this backend become handshakes"));
}

fn finding(context: &Context<'_>, forwarded: &Forwarded<'_>, line: &FieldLine<'_>) -> Finding {
    let mut finding = Finding::new(
        &RULE,
        line.setting.argument_place(1),
        "pages come here too, and `Upgrade` makes a handshake without a key of each of their \
         requests, which a backend refuses",
    )
    .at_place("the same for every request");
    let connection = hard_coded_connection(context, forwarded);
    let advice = format!("write `{UPGRADE_LINE}`");
    finding = match connection {
        Some(connection) => {
            let right = suggest::connection(context, forwarded.level);
            finding
                .label(connection.setting.argument_place(1), "and this is, too")
                .help(right.and_map(&format!("{advice} and `{}`", right.line())))
        }
        None => finding.help(advice),
    };
    match line.setting.directive.argument(1) {
        // Other protocols than WebSocket get through then, as `h2c`.
        Some(word) => finding.fix(Fix::not_safe(
            "write `$http_upgrade`",
            vec![Edit::replace(word.span(), "$http_upgrade")],
        )),
        None => finding,
    }
}
