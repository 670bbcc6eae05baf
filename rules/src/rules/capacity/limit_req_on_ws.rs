//! A rate of requests without `burst`, which refuses clients that connect again.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::resolve::{Effective, Setting};

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Groups;
use crate::rules::LIMIT_REQ_ON_WS as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let level = forwarded.level;
        let Some(limits) = configuration.effective(level, d::LIMIT_REQ).set() else { continue };
        let dry_run = configuration.value(level, d::LIMIT_REQ_DRY_RUN);
        if matches!(dry_run, Effective::Set(line) if line.is_switched("on"))
            || traffic(context, level) == Traffic::PagesToo
        {
            continue;
        }
        for limit in limits.iter().filter(|&limit| has_no_burst(limit)) {
            groups.add(limit.place(), || finding(limit), forwarded.pass.place());
        }
    }
    findings.extend(groups.into_findings("WebSockets pass here"));
}

fn has_no_burst(limit: Setting<'_>) -> bool {
    // Of a placeholder nothing is known; it may be the burst.
    limit.directive.arguments().all(|word| word.value().starts_with(b"zone="))
}

fn finding(limit: Setting<'_>) -> Finding {
    Finding::new(
        &RULE,
        limit.place(),
        "of a WebSocket only the handshake counts, and without `burst` not one may come early: \
         clients that all connect again at once, as after a restart, are refused",
    )
    .at_place("refuses what comes faster than the rate")
    .help(
        "add `burst=` with the number of handshakes that may come at once; messages are not \
         limited either way",
    )
}
