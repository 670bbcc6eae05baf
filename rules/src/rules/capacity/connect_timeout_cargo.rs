//! A `proxy_connect_timeout` of many minutes, which keeps no WebSocket open.

use wslint_grammar::Edit;
use wslint_grammar::catalogue::directive as d;
use wslint_model::resolve::{Effective, LevelId, Setting};

use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::{Edits, remove};
use crate::groups::Groups;
use crate::rules::CONNECT_TIMEOUT_CARGO as RULE;

/// Operating systems give up long before: Linux after 127 seconds, unless told otherwise.
const LONG: i64 = 10 * 60 * 1000;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let timeout = context.configuration.value(forwarded.level, d::PROXY_CONNECT_TIMEOUT).set();
        if let Some(timeout) = timeout
            && timeout.milliseconds().is_some_and(|time| time >= LONG)
        {
            groups.add_with(
                timeout.place(),
                || finding(timeout),
                forwarded.pass.place(),
                (forwarded.level, timeout),
            );
        }
    }
    findings.extend(groups.into_mended("WebSockets pass here", |felt| fix(context, felt)));
}

/// Leaves the line out where that makes it the default, and writes the default elsewhere. No
/// request of any location is better off with such a time, so that it may concern others too.
fn fix(context: &Context<'_>, felt: &[(LevelId, Setting<'_>)]) -> Option<FindingFix> {
    let configuration = context.configuration;
    let line = felt.first()?.1;
    let around_is_default = felt.iter().all(|&(level, _)| {
        let id = d::PROXY_CONNECT_TIMEOUT;
        let own = configuration.effective(level, id).set().map(|lines| lines.level);
        own.and_then(|own| configuration.level(own).parent)
            .is_some_and(|around| matches!(configuration.value(around, id), Effective::Default))
    });
    let mut edits = Edits::default();
    edits.ask();
    if around_is_default && context.copies().of(line.reference) == 1 {
        edits.add_in(line.reference.file, remove(line.directive)?);
        return edits.into_fix("leave it out, for 60 seconds");
    }
    edits.add_in(line.reference.file, Edit::replace(line.argument_place(0).span, "60s"));
    edits.into_fix("write `60s`, the default")
}

fn finding(timeout: Setting<'_>) -> Finding {
    let written = timeout.value(0);
    let written = written.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    Finding::new(
        &RULE,
        timeout.place(),
        format!(
            "`proxy_connect_timeout {written}` keeps no WebSocket open: it is about opening the \
             connection to the backend, and only makes clients wait for one that is gone"
        ),
    )
    .at_place("ends when the backend takes the connection")
    .help(
        "leave it out, for 60 seconds: how long a WebSocket may be idle, `proxy_read_timeout` says",
    )
}
