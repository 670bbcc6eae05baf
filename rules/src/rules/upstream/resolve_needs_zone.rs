//! `resolve` in an upstream without `zone`, or without a resolver.

use wslint_grammar::catalogue::{Version, directive as d};

use crate::context::Context;
use crate::finding::Finding;
use crate::finding::FindingFix;
use crate::finding::VersionRange;
use crate::fix_writing::Edits;
use crate::fix_writing::add_to_upstream;
use wslint_model::text::address;
use wslint_model::resolve::LevelId;
use wslint_model::resolve::Setting;
use crate::rules::RESOLVE_NEEDS_ZONE as RULE;
use wslint_model::source::Place;

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
                let words = Place { file: head.reference.file, span: head.directive.words_span() };
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
    let value = server.directive.argument(0)?.value();
    let address = address::parse(std::str::from_utf8(&value).ok()?)?.ok()?;
    let is_name = !address.host.starts_with('[')
        && address.host.parse::<std::net::Ipv4Addr>().is_err()
        && !address.host.contains('/');
    is_name.then_some(resolve)
}

/// Adds the zone, if that is what is missing.
fn fix(context: &Context<'_>, level: LevelId) -> Option<FindingFix> {
    if context.configuration.own(level, d::ZONE).iter().next().is_some() {
        return None;
    }
    let (name, edits) = add_zone(context, level)?;
    edits.into_fix(format!("add `zone {name} 64k;`"))
}

/// Adds a zone to an upstream, with its name, if that is free.
pub(in crate::rules) fn add_zone(context: &Context<'_>, level: LevelId) -> Option<(String, Edits)> {
    let name = context.configuration.head(level)?.directive.argument(0)?.value();
    if !context.zones().mentions(&name).is_empty() {
        return None;
    }
    let name = std::str::from_utf8(&name).ok()?;
    let edits = add_to_upstream(context, level, "zone", &[name, "64k"])?;
    Some((name.to_owned(), edits))
}

/// Whether a `resolver` is named for the servers of an upstream, as far as is seen.
pub(in crate::rules) fn has_resolver(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    let has = |level| configuration.own(level, d::RESOLVER).iter().next().is_some();
    has(level) || configuration.level(level).parent.is_some_and(has)
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
    let name = String::from_utf8_lossy(&head.directive.argument(0)?.value()).into_owned();
    let has = |level, id| configuration.own(level, id).iter().next().is_some();
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
