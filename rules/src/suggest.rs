//! What to write, in the terms of the configuration at hand.

use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::evaluate::{Request, Value};
use crate::finding::VersionRange;
use crate::handshake::traffic::{Traffic, traffic};
use crate::handshake::{HTTP_1_1_BY_DEFAULT, has_upgrade_token};
use crate::nginx_text::address::split_url;
use crate::resolve::{LevelId, Setting};

/// How to set `Connection` right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectionLine {
    /// The value: a variable, or a word.
    pub(crate) value: String,
    /// The map that it needs, where there is none yet.
    pub(crate) map: Option<String>,
}

impl ConnectionLine {
    /// The line.
    pub(crate) fn line(&self) -> String {
        format!("proxy_set_header Connection {};", self.value)
    }

    /// The advice, with the map that it needs.
    pub(crate) fn and_map(&self, advice: &str) -> String {
        match &self.map {
            Some(map) => format!("{advice}, and in `http`, once for all locations, `{map}`"),
            None => advice.to_owned(),
        }
    }
}

/// The line that sets `Connection` right: with the variable of a map that is right and there
/// already; where pages come too, with that of a new map; else with a plain value.
pub(crate) fn connection(context: &Context<'_>, level: LevelId) -> ConnectionLine {
    let has_pages = traffic(context, level) == Traffic::PagesToo;
    if let Some(variable) = upgrade_variable(context, level, has_pages) {
        return ConnectionLine { value: format!("${variable}"), map: None };
    }
    if !has_pages {
        return ConnectionLine { value: "\"upgrade\"".to_owned(), map: None };
    }
    let is_free = |name: &&str| !context.variables.is_defined(name);
    let names = ["connection_upgrade", "websocket_connection", "connection_for_websocket"];
    let name = names.into_iter().find(is_free).unwrap_or("connection_to_backend");
    let empty = empty_value(context, level);
    ConnectionLine {
        value: format!("${name}"),
        map: Some(format!("map $http_upgrade ${name} {{ default upgrade; '' {empty}; }}")),
    }
}

/// The variable of a map that gives `upgrade` for every handshake; where pages come too, only to
/// those.
fn upgrade_variable<'x>(
    context: &'x Context<'_>,
    level: LevelId,
    has_pages: bool,
) -> Option<&'x str> {
    /// A `set` may have spoilt one for this level, but not many.
    const TRIED: usize = 4;
    let asks = |variable: &str, request: &Request| {
        let text = format!("${variable}");
        match &context.variables.evaluate(text.as_bytes(), request, level).value {
            Value::Known(value) => Some(has_upgrade_token(value)),
            Value::Unknown(_) => None,
        }
    };
    let is_right = |variable: &&str| {
        asks(variable, &Request::CHROME) == Some(true)
            && asks(variable, &Request::FIREFOX) == Some(true)
            && (!has_pages || asks(variable, &Request::PLAIN) == Some(false))
    };
    let known = context.upgrade_variables();
    let (all, handshakes) = (&known.handshakes_alone, &known.handshakes);
    let candidates = all.iter().take(TRIED).chain(handshakes.iter().take(TRIED));
    candidates.map(String::as_str).find(is_right)
}

/// The variables of maps that give `upgrade` for handshakes, where nothing is `set`.
#[derive(Debug, Default)]
pub(crate) struct UpgradeVariables {
    /// Those that give it to handshakes alone.
    handshakes_alone: Vec<String>,
    /// Those that give it to plain requests too.
    handshakes: Vec<String>,
}

impl UpgradeVariables {
    /// Asks every map.
    pub(crate) fn find(context: &Context<'_>) -> Self {
        let mut found = Self::default();
        for map in context.variables.maps() {
            let text = format!("${}", map.variable);
            let asks = |request: &Request| {
                let value = context.variables.evaluate_unset(text.as_bytes(), request);
                value.value.bytes().is_some_and(has_upgrade_token)
            };
            let handshakes = [Request::CHROME, Request::FIREFOX, Request::CAPITALS];
            if !handshakes.iter().all(asks) {
                continue;
            }
            let list = match asks(&Request::PLAIN) {
                true => &mut found.handshakes,
                false => &mut found.handshakes_alone,
            };
            list.push(map.variable.clone());
        }
        found
    }
}

/// What plain requests should get for a `Connection`: nothing where connections to the backend are
/// kept, since `close` would end them.
fn empty_value(context: &Context<'_>, level: LevelId) -> &'static str {
    if keeps_connections(context, level).is_some() { "''" } else { "close" }
}

/// Where nginx keeps connections to a level's backend, and in which versions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept<'c> {
    /// What says so: `keepalive`, or the `upstream` block.
    pub(crate) by: Setting<'c>,
    /// The versions; `None` for all.
    pub(crate) versions: Option<VersionRange>,
}

/// Whether connections to a level's backend are kept: its `upstream` has `keepalive`, or the target
/// is a version that keeps them by itself (1.29.7, `ngx_http_upstream_keepalive_module`).
pub(crate) fn keeps_connections<'c>(context: &Context<'c>, level: LevelId) -> Option<Kept<'c>> {
    let found = may_keep_connections(context, level)?;
    match (found.versions, context.nginx_version) {
        (None, _) => Some(found),
        (Some(versions), Some(version)) if versions.contains(version) => {
            Some(Kept { versions: None, ..found })
        }
        _ => None,
    }
}

/// As [`keeps_connections`], for whatever version it may be.
pub(crate) fn may_keep_connections<'c>(context: &Context<'c>, level: LevelId) -> Option<Kept<'c>> {
    let configuration = context.configuration;
    let pass = configuration.own(level, d::PROXY_PASS).iter().next_back()?;
    let url = pass.directive.argument(0)?.value();
    let name = split_url(std::str::from_utf8(&url).ok()?)?.authority;
    let group = context.upstream_groups().named(name.as_bytes(), false)?;
    match configuration.own(group, d::KEEPALIVE).iter().next() {
        Some(keepalive) => {
            let number = keepalive.directive.argument(0).map(wslint_grammar::Word::value);
            let is_off = number.as_deref() == Some(b"0");
            (!is_off).then_some(Kept { by: keepalive, versions: None })
        }
        None if configuration.level(group).unseen.is_some() => None,
        None => {
            let by = configuration.head(group)?;
            Some(Kept { by, versions: Some(VersionRange::since(HTTP_1_1_BY_DEFAULT)) })
        }
    }
}

/// The line that passes `Upgrade` on.
pub(crate) const UPGRADE_LINE: &str = "proxy_set_header Upgrade $http_upgrade;";

/// The line that sets the HTTP version.
pub(crate) const HTTP_VERSION_LINE: &str = "proxy_http_version 1.1;";

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The name in `names` that is nearest to a mistyped one: at most two letters differ, and no more
/// than a third of them.
pub(crate) fn nearest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    Nearest::default().of(written, names)
}

/// Finds the [`nearest`] names for many mistyped ones. Comparing thousands of names with thousands
/// would take quadratic time, and no person has mistyped so many: after some time nothing is
/// found any more.
#[derive(Debug, Default)]
pub(crate) struct Nearest {
    /// How much was compared: the product of the two lengths, for each pair.
    done: usize,
}

impl Nearest {
    /// When to give up: after some hundred names of twenty letters among a thousand.
    const ENOUGH: usize = 50_000_000;

    /// What is longer than that is no name.
    const LONGEST: usize = 200;

    /// The name in `names` that is nearest to `written`.
    pub(crate) fn of<'n>(
        &mut self,
        written: &str,
        names: impl Iterator<Item = &'n str>,
    ) -> Option<&'n str> {
        if self.done > Self::ENOUGH || written.len() > Self::LONGEST {
            return None;
        }
        let written = written.to_ascii_lowercase();
        let length = written.chars().count();
        names
            .filter_map(|name| {
                self.done += 1;
                let its = (name.len() <= Self::LONGEST).then(|| name.chars().count())?;
                // Each letter more or less is a difference.
                if its.abs_diff(length) > 2 {
                    return None;
                }
                self.done += its * length;
                let distance = strsim::damerau_levenshtein(&written, &name.to_ascii_lowercase());
                (distance <= 2 && distance * 3 <= its).then_some((distance, name))
            })
            .min_by_key(|&(distance, _)| distance)
            .map(|(_, name)| name)
    }
}
