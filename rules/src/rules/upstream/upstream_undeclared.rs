//! `proxy_pass` names an upstream that is declared nowhere.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::directive;

use crate::context::Context;
use crate::finding::Finding;
use wslint_model::text::address;
use wslint_model::text::address::Address;
use wslint_model::resolve::LevelKind;
use wslint_model::resolve::Setting;
use crate::rules::UPSTREAM_UNDECLARED as RULE;
use crate::rules::upstream::upstream_name_malformed;
use wslint_model::source::Place;
use crate::suggest::Nearest;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let declared = declared(context);
    if declared.is_empty() {
        return;
    }
    let mut undeclared = context
        .configuration
        .proxied()
        .filter_map(|(_, pass)| Some((pass, group_name(pass)?)))
        .filter(|(_, host)| !declared.contains_key(host.as_str()))
        .peekable();
    if undeclared.peek().is_none() {
        return;
    }
    let misnamed = misnamed(context);
    let used = used(context);
    let mut unused = declared.iter().filter(|(name, _)| !used.contains(name.as_str()));
    let the_unused = match (unused.next(), unused.next()) {
        (Some((_, one)), None) => Some(one),
        _ => None,
    };
    let mut seen = FxHashSet::default();
    let mut nearest = Nearest::default();
    let mut meant_by: FxHashMap<String, Option<&str>> = FxHashMap::default();
    for (pass, host) in undeclared {
        let place = pass.argument_place(0);
        if misnamed.contains(&host) || !seen.insert(pass.reference) {
            continue;
        }
        if !meant_by.contains_key(&host) {
            let meant = nearest.of(&host, declared.keys().map(String::as_str));
            meant_by.insert(host.clone(), meant);
        }
        if let Some(&Some(meant)) = meant_by.get(&host) {
            let why = "one is nearly called so";
            findings.push(finding(place, &host, why, &declared[meant]));
        } else if let Some(unused) = the_unused
            && host.contains("upstream")
        {
            let why = "the one that is declared is used nowhere";
            findings.push(finding(place, &host, why, unused));
        }
    }
}

/// The upstreams by lower-case name: nginx compares without regard to case.
fn declared<'c>(context: &Context<'c>) -> FxHashMap<String, Setting<'c>> {
    let configuration = context.configuration;
    let heads = configuration
        .levels()
        .filter(|(_, level)| level.kind == LevelKind::Upstream)
        .filter_map(|(level, _)| configuration.head(level));
    heads
        .filter_map(|head| {
            let name = head.directive.argument(0)?.value();
            Some((String::from_utf8_lossy(&name).to_ascii_lowercase(), head))
        })
        .collect()
}

/// The names in lower case that upstreams would have without the scheme or port in them, which is
/// reported as that.
pub(in crate::rules) fn misnamed(context: &Context<'_>) -> FxHashSet<String> {
    if !context.reports("upstream-name-malformed") {
        return FxHashSet::default();
    }
    let heads = context.upstream_groups().levels.iter();
    let names = heads.filter_map(|&level| {
        let head = context.configuration.head(level)?;
        let name = head.directive.argument(0)?.value();
        let name = std::str::from_utf8(&name).ok()?;
        upstream_name_malformed::meant(name).map(str::to_ascii_lowercase)
    });
    names.collect()
}

/// Every word of the configuration that may name an upstream, in lower case: the hosts of all
/// `…_pass` directives, and whatever stands in the values of maps and `set`.
fn used(context: &Context<'_>) -> FxHashSet<String> {
    let mut used = FxHashSet::default();
    for (_, source) in context.configuration.loaded.sources.iter() {
        for directive in source.tree.directives() {
            if directive.id() == Some(directive::UPSTREAM) {
                continue;
            }
            for word in directive.arguments() {
                let value = word.value();
                let text = String::from_utf8_lossy(&value).to_ascii_lowercase();
                let host = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
                let end = host.find(['/', ':', '?', '$']).unwrap_or(host.len());
                used.insert(host[..end].to_owned());
            }
        }
    }
    used
}

/// The host of a `proxy_pass` that can only be the name of an upstream or of a machine: one label,
/// no port, no variable.
fn group_name(pass: Setting<'_>) -> Option<String> {
    let value = pass.directive.argument(0)?.value();
    let url = std::str::from_utf8(&value).ok().and_then(address::split_url)?;
    let host = match address::parse(url.authority)?.ok()? {
        Address { host, port: None } => host,
        Address { .. } => return None,
    };
    let is_label = !host.is_empty()
        && !host.bytes().any(|byte| matches!(byte, b'.' | b'[' | b':'))
        && !host.bytes().all(|byte| byte.is_ascii_digit())
        && !host.eq_ignore_ascii_case("localhost");
    is_label.then(|| host.to_ascii_lowercase())
}

fn finding(place: Place, host: &str, why: &str, meant: &Setting<'_>) -> Finding {
    let name = meant.directive.argument(0).map(wslint_grammar::Word::value).unwrap_or_default();
    let name = String::from_utf8_lossy(&name);
    let meant = Place { file: meant.reference.file, span: meant.directive.words_span() };
    let message =
        format!("host not found in upstream \"{host}\": no upstream has that name, but {why}");
    Finding::new(&RULE, place, message)
        .at_place("declared nowhere")
        .label(meant, "perhaps this one is meant")
        .help(format!("write `{name}`, unless a machine called `{host}` exists where nginx runs"))
}
