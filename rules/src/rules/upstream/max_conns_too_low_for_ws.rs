//! A small `max_conns` where each open WebSocket takes one.

use wslint_grammar::catalogue::directive as d;
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::label_ways;
use crate::rules::MAX_CONNS_TOO_LOW_FOR_WS as RULE;

/// So many open WebSockets a server are few for any site. Whoever writes more has thought of them.
const FEW: u32 = 100;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.backends().groups {
        // Requests wait there for a connection.
        if group.own(context, d::QUEUE).is_some() {
            continue;
        }
        for server in &group.servers {
            let Some((word, count)) = server.parameter(b"max_conns=") else { continue };
            let count: Option<u32> =
                std::str::from_utf8(&count).ok().and_then(|count| count.parse().ok());
            let Some(count @ 1..FEW) = count else { continue };
            let place = Place { file: server.setting.reference.file, span: word.span() };
            if context.has_syntax_error_in(place) {
                continue;
            }
            let limit = match count {
                1 => "one connection".to_owned(),
                count => format!("{count} connections"),
            };
            let finding = Finding::new(
                &RULE,
                place,
                format!(
                    "an open WebSocket takes one of the server's connections until it is closed: \
                     with {limit} in use, the next handshake does not come to this server"
                ),
            )
            .at_place(format!("at most {limit}"))
            .help("write as many as WebSockets may be open at once, or 0 for no limit");
            findings.push(label_ways(group, finding, "WebSockets go there"));
        }
    }
}
