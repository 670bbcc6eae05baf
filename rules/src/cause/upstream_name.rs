//! Names of upstreams that are written in different ways where they are declared and used.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::directive;
use wslint_model::resolve::{LevelKind, Setting};
use wslint_model::source::Place;
use wslint_model::text::address::{self, Address};

use crate::context::Context;
use crate::suggest::Nearest;

/// A `proxy_pass` to an upstream that is declared nowhere.
pub(crate) struct Undeclared<'c> {
    pub(crate) place: Place,
    /// The name that it has, in lower case.
    pub(crate) host: String,
    pub(crate) why: &'static str,
    /// The upstream that is likely meant.
    pub(crate) meant: Setting<'c>,
}

/// The hosts of `proxy_pass` that are likely meant for an upstream of another name.
pub(crate) fn undeclared<'c>(context: &Context<'c>) -> Vec<Undeclared<'c>> {
    let mut found = Vec::new();
    let declared = declared(context);
    if declared.is_empty() {
        return found;
    }
    let mut undeclared = context
        .configuration
        .proxied()
        .filter_map(|(_, pass)| Some((pass, group_name(pass)?)))
        .filter(|(_, host)| !declared.contains_key(host.as_str()))
        .peekable();
    if undeclared.peek().is_none() {
        return found;
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
            found.push(Undeclared { place, host, why, meant: declared[meant] });
        } else if let Some(unused) = the_unused
            && host.contains("upstream")
        {
            let why = "the one that is declared is used nowhere";
            found.push(Undeclared { place, host, why, meant: *unused });
        }
    }
    found
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
            let name = head.value(0)?;
            Some((String::from_utf8_lossy(&name).to_ascii_lowercase(), head))
        })
        .collect()
}

/// The names in lower case that upstreams would have without the scheme or port in them, which is
/// reported as that.
pub(crate) fn misnamed(context: &Context<'_>) -> FxHashSet<String> {
    if !context.reports("upstream-name-malformed") {
        return FxHashSet::default();
    }
    let heads = context.upstream_groups().levels.iter();
    let names = heads.filter_map(|&level| {
        let head = context.configuration.head(level)?;
        let name = head.value(0)?;
        let name = std::str::from_utf8(&name).ok()?;
        name_in_address(name).map(str::to_ascii_lowercase)
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
    let value = pass.value(0)?;
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

/// The name in a text that is an address; `None` for other texts.
pub(crate) fn name_in_address(name: &str) -> Option<&str> {
    if name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("unix:")) {
        return None;
    }
    let host = name.find("://").map_or(name, |scheme| &name[scheme + 3..]);
    let host = &host[..host.find([':', '/']).unwrap_or(host.len())];
    (host.len() < name.len() && !host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::name_in_address;

    #[test]
    fn names_in_addresses() {
        for name in ["http://b", "ws://b:80/", "b:80", "b/ws", "https://b/"] {
            assert_eq!(name_in_address(name), Some("b"), "{name}");
        }
        for name in ["b", "b.example.com", "unix:/run/b", ":80", "/b"] {
            assert_eq!(name_in_address(name), None, "{name}");
        }
    }
}
