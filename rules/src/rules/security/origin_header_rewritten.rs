//! `Origin` is replaced, so that the backend cannot tell pages of other sites.

use wslint_grammar::{Edit, Fix};
use wslint_model::evaluate::{Part, Request, Value, parts};
use wslint_model::handshake::arrivals::Arrival;
use wslint_model::resolve::{LevelId, Setting};

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Groups;
use crate::rules::ORIGIN_HEADER_REWRITTEN as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        if !diagnosis.is_complete(forwarded) {
            continue;
        }
        let level = forwarded.level;
        // All lines are sent: one that passes the client's on is enough to tell.
        let mut lines = forwarded.lines_of("Origin").peekable();
        let Some(&first) = lines.peek() else { continue };
        if lines.all(|line| replaces(context, level, line)) && !checks_origin(context, level) {
            groups.add(
                first.place(),
                || finding(first, is_removed(context, level, first)),
                forwarded.pass.place(),
            );
        }
    }
    findings.extend(groups.into_findings("this backend does not see the client's `Origin`"));
}

/// Whether the backend gets nothing for a page of another site.
fn is_removed(context: &Context<'_>, level: LevelId, line: Setting<'_>) -> bool {
    line.directive.argument(1).is_some_and(|word| {
        let request = Request::FROM_ELSEWHERE;
        let evaluated = context.evaluate(&word.value(), &request, level);
        evaluated.value == Value::Known(Vec::new())
    })
}

/// Whether a line sends something that does not depend on the client's `Origin`, or takes the
/// `Origin` of another site away.
fn replaces(context: &Context<'_>, level: LevelId, line: Setting<'_>) -> bool {
    let Some(text) = line.value(1) else { return false };
    let request = Request::FROM_ELSEWHERE;
    match &context.evaluate(&text, &request, level).value {
        Value::Known(value) => {
            Some(value.as_slice()) != request.header("Origin").map(str::as_bytes)
        }
        // The host and the like: what a client's page is from does not come into it.
        Value::Unknown(_) => {
            !uses_origin(context, &text, 4) && parts(&text).all(|part| is_of_request(&part))
        }
    }
}

/// Whether a part of a text is the same whatever page a handshake comes from.
fn is_of_request(part: &Part<'_>) -> bool {
    match part {
        Part::Text(_) => true,
        Part::Capture(_) => false,
        Part::Variable { name, .. } => [
            "host",
            "http_host",
            "hostname",
            "proxy_host",
            "proxy_port",
            "scheme",
            "server_addr",
            "server_name",
            "server_port",
        ]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known)),
    }
}

/// Whether a text uses `$http_origin`, or a variable that a map computes from it.
fn uses_origin(context: &Context<'_>, text: &[u8], depth: usize) -> bool {
    depth > 0
        && parts(text).any(|part| match part {
            Part::Variable { name, .. } => {
                name.eq_ignore_ascii_case("http_origin")
                    || context
                        .variables
                        .map_of(name)
                        .is_some_and(|map| uses_origin(context, &map.source, depth - 1))
            }
            _ => false,
        })
}

/// Whether nginx itself turns handshakes from other sites away, or may do so.
fn checks_origin(context: &Context<'_>, level: LevelId) -> bool {
    match context.arrival(&Request::FROM_ELSEWHERE, level) {
        Arrival::Arrives => false,
        // Nobody else's come either, but that is another matter.
        Arrival::TurnedAway => true,
        Arrival::Depends(blocks) => blocks.into_iter().any(|block| {
            context.configuration.head(block).is_some_and(|head| {
                head.directive.arguments().any(|word| uses_origin(context, &word.value(), 4))
            })
        }),
    }
}

fn finding(line: Setting<'_>, is_removed: bool) -> Finding {
    let (message, at_place) = if is_removed {
        (
            "the client's `Origin` is taken away, and most backends let handshakes without it in: \
             a page of any other site can open a WebSocket with the user's cookies",
            "the backend gets no `Origin` of another site",
        )
    } else {
        (
            "the client's `Origin` is replaced by one that the backend trusts: a page of any other \
             site can open a WebSocket with the user's cookies",
            "the backend gets this whatever page the handshake comes from",
        )
    };
    Finding::new(&RULE, line.place(), message)
        .at_place(at_place)
        .help(
            "take the line away, and let the backend see what it compares: `proxy_set_header Host \
             $http_host;`, or the allowed origins in its own settings",
        )
        .fix(Fix::not_safe(
            "pass the client's `Origin` on",
            vec![Edit::replace(line.argument_place(1).span, "$http_origin")],
        ))
}
