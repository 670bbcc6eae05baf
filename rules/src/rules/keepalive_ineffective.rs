//! `keepalive-ineffective`

use wslint_grammar::catalogue::directive as d;

use crate::cause::hard_coded::hard_coded_connection;
use crate::context::Context;
use crate::evaluate::{Request, Value};
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::backends::Way;
use crate::handshake::traffic::{Traffic, traffic};
use crate::handshake::{FieldLine, Verdict, has_token};
use crate::resolve::Setting;
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "keepalive-ineffective",
    category: Category::Upstream,
    severity: Severity::Warning,
    effect: Effect::Degraded,
    summary: "plain requests close the connections that `keepalive` should keep",
    page: include_str!("../../../docs/rules/keepalive-ineffective.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for group in &context.backends().groups {
        let Some(keepalive) = group.own(context, d::KEEPALIVE).filter(|it| keeps_any(*it)) else {
            continue;
        };
        for way in &group.ways {
            let Some(line) = closing_line(context, way) else { continue };
            groups.add(line.place(), || finding(line, keepalive), way.pass.place());
        }
    }
    findings.extend(groups.into_findings("each plain request opens a connection of its own"));
}

/// Whether a `keepalive` keeps connections at all; 0 keeps none.
fn keeps_any(keepalive: Setting<'_>) -> bool {
    keepalive.directive.argument(0).is_some_and(|count| count.value().as_ref() != b"0")
}

/// The line that sends `close` with plain requests, where a handshake passes and pages come too.
/// When a map gives the value, the map is at fault, and that is another rule's.
fn closing_line<'c>(context: &Context<'c>, way: &Way<'c>) -> Option<Setting<'c>> {
    let forwarded = &context.forwarded()[way.forwarded];
    if forwarded.connection_verdict() != Verdict::Passes {
        return None;
    }
    let closes = |line: &&FieldLine<'c>| {
        let Some(text) = line.setting.directive.argument(1) else { return false };
        let plain = context.variables.evaluate(&text.value(), &Request::PLAIN, way.level);
        plain.maps.is_empty()
            && matches!(&plain.value, Value::Known(value) if has_token(value, b"close"))
    };
    let line = forwarded.connection.lines.iter().find(closes)?;
    // The same line for handshakes and pages is another mistake, and mended by the same map.
    if context.reports("connection-upgrade-hardcoded")
        && hard_coded_connection(context, forwarded).is_some()
    {
        return None;
    }
    (traffic(context, way.level) != Traffic::WebSocketsAlone).then_some(line.setting)
}

fn finding(line: Setting<'_>, keepalive: Setting<'_>) -> Finding {
    Finding::new(
        &RULE,
        line.place(),
        "`keepalive` keeps no connection open: plain requests ask the backend to close theirs",
    )
    .at_place("`close` for plain requests")
    .label(keepalive.place(), "for these connections")
    .help("let `Connection` be empty for plain requests, and `upgrade` for handshakes alone")
}
