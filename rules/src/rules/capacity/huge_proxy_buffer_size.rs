//! Two large buffers for every WebSocket, as long as it is open.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::resolve::{LevelId, Setting};

use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::set_value_here;
use crate::groups::Groups;
use crate::rules::HUGE_PROXY_BUFFER_SIZE as RULE;

/// Sixteen times what any response head of sound applications takes.
const HUGE: i64 = 128 * 1024;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let size = context.configuration.value(forwarded.level, d::PROXY_BUFFER_SIZE).set();
        if let Some(line) = size
            && let Some(size) = line.bytes().filter(|&size| size >= HUGE)
        {
            groups.add_with(
                line.place(),
                || finding(line, size),
                forwarded.pass.place(),
                forwarded.level,
            );
        }
    }
    findings.extend(groups.into_mended("WebSockets pass here", |levels| fix(context, levels)));
}

/// A usual size where WebSockets pass, and pages do not, which may be what the line is for.
fn fix(context: &Context<'_>, levels: &[LevelId]) -> Option<FindingFix> {
    if levels.iter().any(|&level| traffic(context, level) == Traffic::PagesToo) {
        return None;
    }
    let edits = set_value_here(context, d::PROXY_BUFFER_SIZE, "8k", levels)?;
    edits.into_fix("write `proxy_buffer_size 8k;` where WebSockets pass")
}

fn finding(line: Setting<'_>, size: i64) -> Finding {
    let kilobytes = size.saturating_mul(2) / 1024;
    Finding::new(
        &RULE,
        line.place(),
        format!(
            "nginx keeps two buffers of this size for every WebSocket as long as it is open: \
             {kilobytes}k for each"
        ),
    )
    .at_place("twice for every open WebSocket")
    .help(
        "write it only in locations whose pages have so large a head, and `8k` where WebSockets \
         pass",
    )
}
