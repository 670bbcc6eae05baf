//! `upstream-unix-without-prefix`

use wslint_grammar::{Edit, Fix};

use crate::context::Context;
use crate::declared::upstream_server::Shape;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "upstream-unix-without-prefix",
    category: Category::Upstream,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a socket's path in an upstream without `unix:` before it",
    page: include_str!("../../../docs/rules/upstream-unix-without-prefix.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
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
