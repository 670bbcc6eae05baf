//! The name of an upstream with a port behind it.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix, Span};
use wslint_model::resolve::{LevelKind, Setting};
use wslint_model::text::address;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::UPSTREAM_PORT_ON_GROUP as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    if context.upstream_groups().levels.is_empty() {
        return;
    }
    let mut reported = FxHashSet::default();
    for id in [d::PROXY_PASS, d::GRPC_PASS, d::FASTCGI_PASS, d::UWSGI_PASS, d::SCGI_PASS] {
        for (level, pass) in context.occurrences().of(configuration, id) {
            let in_stream = configuration.level(level).kind == LevelKind::StreamServer;
            if let Some(finding) = finding(context, pass, in_stream)
                && reported.insert(pass.reference)
            {
                findings.push(finding);
            }
        }
    }
}

fn finding(context: &Context<'_>, pass: Setting<'_>, in_stream: bool) -> Option<Finding> {
    let word = pass.directive.argument(0)?;
    let value = word.value();
    let text = std::str::from_utf8(&value).ok()?;
    let at = text.find("://").map_or(0, |scheme| scheme + 3);
    let authority = &text[at..];
    let authority = &authority[..authority.find(['/', '?']).unwrap_or(authority.len())];
    // Most name a group alone.
    memchr::memchr(b':', authority.as_bytes())?;
    let address = address::parse(authority)?.ok()?;
    let port = address.port?;
    let group = context.upstream_groups().named(address.host.as_bytes(), in_stream)?;
    let place = pass.argument_place(0);
    if context.has_syntax_error_in(place) {
        return None;
    }
    let name = address.host;
    let head = context.configuration.head(group)?;
    let words = head.words_place();
    let finding =
        Finding::new(&RULE, place, format!("upstream \"{name}\" may not have port {port}"))
            .at_place("a group has no port")
            .label(words, "its servers have ports of their own")
            .help("delete the port, or put it behind the addresses in the upstream");
    if word.is_escaped() {
        return Some(finding);
    }
    let start = word.content_span().start + (at + name.len()) as u32;
    let span = Span::new(start, start + (authority.len() - name.len()) as u32);
    Some(finding.fix(Fix::safe("delete the port", vec![Edit::replace(span, "")])))
}
