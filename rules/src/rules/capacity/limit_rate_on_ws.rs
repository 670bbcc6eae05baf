//! A `limit_rate` so low that the head of the `101` is cut.

use wslint_grammar::catalogue::directive as d;
use wslint_model::resolve::{Configuration, Effective, LevelId, Setting};

use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::groups::Groups;
use crate::rules::LIMIT_RATE_ON_WS as RULE;

/// What the shortest `101` of nginx takes: a status line of 34 bytes, `Server: nginx`, `Date`,
/// `Connection`, `Upgrade`, `Sec-WebSocket-Accept` and an empty line.
const SHORTEST_HEAD: i64 = 34 + 15 + 37 + 21 + 20 + 52 + 2;

/// What one with cookies, a protocol and extensions may take.
const LONG_HEAD: i64 = 512;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let level = forwarded.level;
        if let Some(line) = configuration.value(level, d::LIMIT_RATE).set()
            // Zero is no limit.
            && let Some(rate) = line.bytes().filter(|&rate| rate > 0)
            && let Some(free) = bytes_before(configuration, level)
            && rate.saturating_add(free) < LONG_HEAD
        {
            let sure = rate + free < SHORTEST_HEAD;
            groups.add(line.place(), || finding(line, sure), forwarded.pass.place());
        }
    }
    findings.extend(groups.into_findings("WebSockets pass here"));
}

/// How much is sent before the limit begins.
fn bytes_before(configuration: &Configuration, level: LevelId) -> Option<i64> {
    match configuration.value(level, d::LIMIT_RATE_AFTER) {
        Effective::Default => Some(0),
        Effective::Set(line) => line.bytes(),
        Effective::Unknown(_) => None,
    }
}

fn finding(line: Setting<'_>, sure: bool) -> Finding {
    let may = if sure { "is" } else { "may be" };
    let finding = Finding::new(
        &RULE,
        line.place(),
        format!(
            "in the first second no more bytes are sent than this: the head of the `101` {may} \
             cut, and what follows is no WebSocket"
        ),
    )
    .at_place("bytes, not kilobytes, per second")
    .help("write `k` behind the number if kilobytes were meant; messages are not limited by it");
    if sure { finding.severity(Severity::Error).effect(Effect::HandshakeFails) } else { finding }
}
