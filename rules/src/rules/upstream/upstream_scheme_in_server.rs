//! A URL where an upstream wants an address.

use wslint_grammar::{Edit, Fix, Span};
use wslint_model::declarations::upstream_server::Shape;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::UPSTREAM_SCHEME_IN_SERVER as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for server in context.misshapen_servers() {
        let Shape::Scheme(length) = server.shape else { continue };
        let (scheme, rest) = server.text.split_at(length);
        let finding = Finding::new(
            &RULE,
            server.place,
            format!("invalid host in upstream \"{}\"", server.text),
        )
        .at_place("an address has no scheme");
        let encrypted = ["https", "wss"].iter().any(|it| scheme.starts_with(it));
        let finding = if encrypted {
            finding.help(
                "write the address alone, with its port, and put `https://` before the upstream's \
                 name in `proxy_pass`",
            )
        } else {
            finding.help("write the address alone: the scheme stands in `proxy_pass`")
        };
        let start = server.place.span.start;
        let address = rest.strip_suffix('/').unwrap_or(rest);
        findings.push(if server.is_plain && !encrypted && !address.contains(['/', '?']) {
            let scheme = Span::new(start, start + length as u32);
            let mut edits = vec![Edit::delete(scheme)];
            if address.len() < rest.len() {
                let end = server.place.span.end;
                edits.push(Edit::delete(Span::new(end - 1, end)));
            }
            finding.fix(Fix::safe("delete the scheme", edits))
        } else {
            finding
        });
    }
}
