//! WebSockets are closed after less than 30 seconds without a message.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::resolve::Setting;

use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::groups::Groups;
use crate::rules::READ_TIMEOUT_SHORT as RULE;

/// Shorter than the pause between two pings of what is in common use (socket.io: 25 seconds).
const SHORTEST: i64 = 30_000;

/// Where pages come too, a shorter time is meant: no WebSocket that waits would have seen the end
/// of the first test.
const SHORTEST_OVERLOOKED: i64 = 5_000;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (mut certain, mut perhaps) = (Groups::default(), Groups::default());
    let mut certain_at = FxHashSet::default();
    for (forwarded, _) in context.websocket_locations() {
        let level = forwarded.level;
        let timeout = context.configuration.value(level, d::PROXY_READ_TIMEOUT).set();
        // Zero has a rule of its own.
        if let Some(timeout) = timeout
            && let Some(time) = timeout.milliseconds()
            && (1..SHORTEST).contains(&time)
        {
            let (place, pass) = (timeout.place(), forwarded.pass.place());
            if traffic(context, level) == Traffic::WebSocketsAlone {
                certain_at.insert(place);
                certain.add(place, || finding(timeout), pass);
            } else if time >= SHORTEST_OVERLOOKED {
                // For pages it may be meant.
                let finding = || finding(timeout).severity(Severity::Info).effect(Effect::Advice);
                perhaps.add(place, finding, pass);
            }
        }
    }
    let message = "WebSockets pass here";
    findings.extend(certain.into_findings(message));
    let perhaps = perhaps.into_findings(message);
    findings.extend(perhaps.filter(|finding| !certain_at.contains(&finding.place)));
}

fn finding(timeout: Setting<'_>) -> Finding {
    let written = timeout.value(0);
    let written = written.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    Finding::new(
        &RULE,
        timeout.place(),
        format!(
            "a WebSocket on which nothing is sent for {written} is closed: many clients and \
             backends send their pings less often"
        ),
    )
    .at_place("too short for WebSockets that wait")
    .help("write a longer time where WebSockets pass, such as `proxy_read_timeout 1h;`")
}
