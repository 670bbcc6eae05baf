//! Every reload cuts the open WebSockets off after less than a minute.

use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::WORKER_SHUTDOWN_TIMEOUT as RULE;

/// Shorter than this, a reload is felt by everybody at nearly the same time.
const SHORT: i64 = 60_000;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let Some((main, _)) = configuration.levels().next() else { return };
    let line = configuration.own(main, d::WORKER_SHUTDOWN_TIMEOUT).iter().next_back();
    // Zero is no limit.
    let Some(line) =
        line.filter(|line| line.milliseconds().is_some_and(|time| (1..SHORT).contains(&time)))
    else {
        return;
    };
    let Some((forwarded, _)) = context.websocket_locations().next() else { return };
    let written = line.value(0).unwrap_or_default();
    findings.push(
        Finding::new(
            &RULE,
            line.place(),
            format!(
                "every reload of nginx cuts all open WebSockets off after {}, and their clients \
                 come back at once",
                String::from_utf8_lossy(&written)
            ),
        )
        .at_place("what is open then is closed")
        .label(forwarded.pass.place(), "WebSockets pass here")
        .help(
            "leave it if clients connect again by themselves; otherwise a longer time lets more of \
             them end by themselves, and old worker processes stay for so long",
        ),
    );
}
