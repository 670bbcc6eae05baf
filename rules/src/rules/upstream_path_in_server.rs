//! `upstream-path-in-server`

use crate::context::Context;
use crate::declared::upstream_server::Shape;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "upstream-path-in-server",
    category: Category::Upstream,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "an address in an upstream with a path behind it",
    page: include_str!("../../../docs/rules/upstream-path-in-server.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for server in context.misshapen_servers() {
        if server.shape != Shape::Path {
            continue;
        }
        findings.push(
            Finding::new(
                &RULE,
                server.place,
                format!("invalid host in upstream \"{}\"", server.text),
            )
            .at_place("an address has no path")
            .help(
                "write the address alone; a path goes behind the upstream's name in `proxy_pass`",
            ),
        );
    }
}
