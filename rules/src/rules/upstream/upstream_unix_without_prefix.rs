//! A socket's path in an upstream without `unix:` before it.

use wslint_grammar::{Edit, Fix};
use wslint_model::declarations::upstream_server::Shape;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::UPSTREAM_UNIX_WITHOUT_PREFIX as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for server in context.misshapen_servers() {
        if server.shape != Shape::SocketPath {
            continue;
        }
        let finding = Finding::new(
            &RULE,
            server.place,
            format!("invalid host in upstream \"{}\"", server.text),
        )
        .at_place("a path, not an address")
        .help("put `unix:` before the socket's path");
        let start = server.place.span.start;
        findings.push(if server.is_plain {
            finding.fix(Fix::safe("put `unix:` before it", vec![Edit::insert(start, "unix:")]))
        } else {
            finding
        });
    }
}
