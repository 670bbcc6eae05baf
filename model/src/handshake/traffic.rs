//! What comes to a location that WebSockets come to: they alone, or pages as well?
//!
//! What is right for handshakes may be wrong for pages, and is nobody's business where none come.

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::evaluate::Request;
use crate::handshake::arrivals::Arrival;
use crate::handshake::phases::cache;
use crate::intent::{self, has_word};
use crate::model::Model;
use crate::resolve::{LevelId, LevelKind};
use crate::text::address::split_url;
use crate::text::location::LocationPattern;

/// What comes to a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// WebSockets alone: its path says so, somebody said so, or a test keeps plain requests out.
    WebSocketsAlone,
    /// Pages too: it takes every path, or has what only pages need.
    PagesToo,
    /// Nothing speaks for the one or the other.
    Unclear,
}

/// What comes to a level that has a `proxy_pass`.
pub fn traffic(model: &Model<'_>, level: LevelId) -> Traffic {
    if intent::said_of(model, level).is_some() || is_behind_test(model, level) {
        return Traffic::WebSocketsAlone;
    }
    let configuration = model.configuration;
    let Some(location) = configuration.enclosing(level, LevelKind::Location) else {
        return Traffic::Unclear;
    };
    let pattern =
        configuration.head(location).and_then(|head| LocationPattern::read(head.directive));
    let is_dedicated =
        |pattern: &LocationPattern| intent::has_path_word(pattern) && !takes_every_path(pattern);
    let is_dedicated = pattern.as_ref().is_some_and(is_dedicated);
    // A cache that it inherits was meant for the pages of others.
    if is_cached(model, level, is_dedicated) {
        return Traffic::PagesToo;
    }
    if is_dedicated {
        return Traffic::WebSocketsAlone;
    }
    if tries_files(model, location) {
        return Traffic::PagesToo;
    }
    match pattern {
        Some(pattern) if takes_every_path(&pattern) => {
            // A host for WebSockets needs no path of its own for them.
            match has_name_for_websockets(model, level) {
                true => Traffic::Unclear,
                false => Traffic::PagesToo,
            }
        }
        _ => Traffic::Unclear,
    }
}

/// Whether `if` and `return` let handshakes in and keep plain requests out.
pub fn is_behind_test(model: &Model<'_>, level: LevelId) -> bool {
    let arrival = |request: &Request| model.arrival(request, level);
    arrival(&Request::PLAIN) == Arrival::TurnedAway
        && arrival(&Request::CHROME) != Arrival::TurnedAway
}

/// Whether the name of the server, of its file or of the backend speaks for WebSockets.
fn has_name_for_websockets(model: &Model<'_>, level: LevelId) -> bool {
    let configuration = model.configuration;
    let server = configuration.level(level).server;
    let mut names = server.into_iter().flat_map(|server| {
        configuration.own(server, d::SERVER_NAME).iter().flat_map(|line| line.directive.arguments())
    });
    let is_host = names.any(|name| {
        let name = name.value();
        let label = name.split(|&byte| byte == b'.').next().unwrap_or_default();
        has_word(label)
    });
    let has_file = server.and_then(|server| configuration.head(server)).is_some_and(|head| {
        let path = &configuration.loaded.sources.get(head.reference.file).name;
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        has_word(name.as_bytes())
    });
    is_host
        || has_file
        || configuration.own(level, d::PROXY_PASS).iter().any(|pass| {
            let url = pass.directive.argument(0).map(Word::value).unwrap_or_default();
            let authority = std::str::from_utf8(&url).ok().and_then(split_url);
            authority.is_some_and(|url| has_word(url.authority.as_bytes()))
        })
}

/// Whether answers are kept in a cache, those to plain requests, or perhaps only by a line of the
/// location itself.
pub fn is_cached(model: &Model<'_>, level: LevelId, by_own_line: bool) -> bool {
    let configuration = model.configuration;
    let is_own = || configuration.own(level, d::PROXY_CACHE).iter().next().is_some();
    cache::zone_line(configuration, level).is_some() && (!by_own_line || is_own())
}

/// Whether a location looks for files first.
pub fn tries_files(model: &Model<'_>, location: LevelId) -> bool {
    model.configuration.own(location, d::TRY_FILES).iter().next().is_some()
}

/// Whether a location is the one for all that no other takes, or for a whole API.
fn takes_every_path(pattern: &LocationPattern) -> bool {
    match pattern {
        LocationPattern::Prefix { name, .. } => {
            matches!(name.as_slice(), b"" | b"/" | b"/api" | b"/api/")
        }
        LocationPattern::Regex(regex) => {
            matches!(regex.text.as_str(), "" | "." | ".*" | "/" | "^" | "^/" | "^/.*" | "^.*")
                || regex.text.starts_with("^/(.*)")
        }
        LocationPattern::Exact(_) | LocationPattern::Named(_) => false,
    }
}
