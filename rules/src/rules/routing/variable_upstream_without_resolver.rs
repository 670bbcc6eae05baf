//! A host in a variable, and no `resolver` to look it up.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::Request;
use wslint_model::handshake::phases::upstream::{Upstreams, fault};
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::text::address;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::VARIABLE_UPSTREAM_WITHOUT_RESOLVER as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    // A `resolver`, or an `upstream` of that name, may stand in what is not seen.
    if !context.sees_everything() {
        return;
    }
    let mut upstreams = None;
    let mut seen = FxHashSet::default();
    for (forwarded, _) in context.websocket_locations() {
        let level = forwarded.level;
        let text = forwarded.pass.value(0).unwrap_or_default();
        if !text.contains(&b'$')
            || configuration.level(level).kind != LevelKind::Location
            || !configuration.effective(level, d::RESOLVER).is_default()
            || has_page(context, level)
        {
            continue;
        }
        // A client may name its own host, and that may be an address.
        let evaluated = context.evaluate(&text, &Request::CHROME, level);
        let url = evaluated.value.bytes().and_then(|url| std::str::from_utf8(url).ok());
        let Some(url) = url.and_then(address::split_url) else { continue };
        let upstreams = upstreams.get_or_insert_with(|| Upstreams::new(context));
        if fault(url.authority).is_none()
            && let Some(host) = upstreams.looked_up(url.scheme, url.authority)
            && seen.insert(forwarded.pass.reference)
        {
            findings.push(finding(forwarded.pass, host));
        }
    }
}

/// Whether `error_page` leads elsewhere when a backend cannot be reached.
fn has_page(context: &Context<'_>, level: LevelId) -> bool {
    let pages = context.configuration.effective(level, d::ERROR_PAGE).set();
    pages
        .into_iter()
        .flat_map(|pages| pages.iter())
        .any(|page| page.directive.arguments().any(|word| word.value().as_ref() == b"502"))
}

fn finding(pass: Setting<'_>, host: &str) -> Finding {
    Finding::new(
        &RULE,
        pass.argument_place(0),
        format!(
            "no resolver defined to resolve {host}: a host in a variable is looked up while nginx \
             runs, and a handshake is answered 502"
        ),
    )
    .at_place(format!("{host}, by a variable"))
    .help("name a `resolver`, or let the variable give the name of an `upstream`")
}
