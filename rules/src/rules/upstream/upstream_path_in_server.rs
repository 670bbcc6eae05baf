//! An address in an upstream with a path behind it.

use wslint_grammar::{Edit, Fix, Span};
use wslint_model::declarations::upstream_server::{Misshapen, Shape};

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::UPSTREAM_PATH_IN_SERVER as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for server in context.misshapen_servers() {
        if server.shape != Shape::Path {
            continue;
        }
        let finding = Finding::new(
            &RULE,
            server.place,
            format!("invalid host in upstream \"{}\"", server.text),
        )
        .at_place("an address has no path")
        .help("write the address alone; a path goes behind the upstream's name in `proxy_pass`");
        findings.push(match fix(server) {
            Some(fix) => finding.fix(fix),
            None => finding,
        });
    }
}

/// Takes the path away. A lone slash means nothing; another path was meant to be asked for.
fn fix(server: &Misshapen) -> Option<Fix> {
    let at = server.text.find(['/', '?']).filter(|_| server.is_plain)?;
    let span = Span::new(server.place.span.start + at as u32, server.place.span.end);
    let edits = vec![Edit::delete(span)];
    Some(match &server.text[at..] {
        "/" => Fix::safe("delete the slash", edits),
        _ => Fix::not_safe("delete the path", edits),
    })
}
