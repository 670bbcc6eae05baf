//! `resolve` in an upstream without `zone`, or without a resolver.

use wslint_grammar::catalogue::{Version, directive as d};
use wslint_model::resolve::{LevelId, Setting};
use wslint_model::source::Place;
use wslint_model::text::address;

use crate::context::Context;
use crate::finding::{Finding, FindingFix, VersionRange};
use crate::rules::RESOLVE_NEEDS_ZONE as RULE;
use crate::upstream_zone::{add_zone, has_resolver};

/// The first version with `resolve`, apart from NGINX Plus.
const SINCE: VersionRange = VersionRange::since(Version::new(1, 27, 3));

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut last = None;
    for &(level, server) in context.upstream_servers() {
        if last == Some(level) {
            continue;
        }
        let Some(resolve) = resolves(server) else { continue };
        last = Some(level);
        let place = Place { file: server.reference.file, span: resolve.span() };
        if let Some((message, help)) = missing(context, level)
            && !context.has_syntax_error_in(place)
        {
            let mut finding = Finding::new(&RULE, place, message)
                .at_place("asks for names at run time")
                .versions(SINCE)
                .help(help);
            if let Some(head) = context.configuration.head(level) {
                let words = head.words_place();
                finding = finding.label(words, "in this upstream");
            }
            findings.push(finding.mended_by(fix(context, level)));
        }
    }
}

/// The word `resolve` of a server that is named, and not given by an address.
fn resolves(server: Setting<'_>) -> Option<wslint_grammar::Word<'_>> {
    let mut parameters = server.directive.arguments().skip(1);
    let resolve = parameters.find(|word| word.value().as_ref() == b"resolve")?;
    let value = server.value(0)?;
    let address = address::parse(std::str::from_utf8(&value).ok()?)?.ok()?;
    let is_name = !address.host.starts_with('[')
        && address.host.parse::<std::net::Ipv4Addr>().is_err()
        && !address.host.contains('/');
    is_name.then_some(resolve)
}

/// Adds the zone, if that is what is missing.
fn fix(context: &Context<'_>, level: LevelId) -> Option<FindingFix> {
    if context.configuration.has_own(level, d::ZONE) {
        return None;
    }
    let (name, edits) = add_zone(context, level)?;
    edits.into_fix(format!("add `zone {name} 64k;`"))
}

/// What the upstream lacks, in nginx's words, and what to do
/// (`ngx_http_upstream_init_round_robin`).
fn missing(context: &Context<'_>, level: LevelId) -> Option<(String, String)> {
    let configuration = context.configuration;
    let own = configuration.level(level);
    let head = configuration.head(level)?;
    if own.unseen.is_some() || context.has_unknown_directive(level) {
        return None;
    }
    let name = String::from_utf8_lossy(&head.value(0)?).into_owned();
    let has = |level, id| configuration.has_own(level, id);
    if !has(level, d::ZONE) {
        return Some((
            format!(
                "resolving names at run time requires upstream \"{name}\" to be in shared memory"
            ),
            format!("add `zone {name} 64k;` to the upstream"),
        ));
    }
    if own.parent.is_some() && !has_resolver(context, level) && context.sees_everything() {
        return Some((
            format!("no resolver defined to resolve names at run time in upstream \"{name}\""),
            "add `resolver ADDRESS;` with the address of a name server to the upstream or to the \
             block around it"
                .to_owned(),
        ));
    }
    None
}
