//! What comes to a location that WebSockets come to: they alone, or pages as well?
//!
//! What is right for handshakes may be wrong for pages, and is nobody's business where none come.

use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::evaluate::{Condition, Request, Truth};
use crate::handshake::intent;
use crate::nginx_text::location::LocationPattern;
use crate::resolve::{Effective, LevelId, LevelKind};

/// What comes to a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// WebSockets alone: its path says so, somebody said so, or a test keeps plain requests out.
    WebSocketsAlone,
    /// Pages too: it takes every path, or has what only pages need.
    PagesToo,
    /// Nothing speaks for the one or the other.
    Unclear,
}

/// What comes to a level that has a `proxy_pass`.
pub(crate) fn traffic(context: &Context<'_>, level: LevelId) -> Traffic {
    if intent::said_of(context, level).is_some() || is_behind_test(context, level) {
        return Traffic::WebSocketsAlone;
    }
    let configuration = context.configuration;
    let Some(location) = configuration.enclosing(level, LevelKind::Location) else {
        return Traffic::Unclear;
    };
    if configuration.own(location, d::TRY_FILES).iter().next().is_some()
        || is_cached(context, level)
    {
        return Traffic::PagesToo;
    }
    let Some(pattern) =
        configuration.head(location).and_then(|head| LocationPattern::read(head.directive))
    else {
        return Traffic::Unclear;
    };
    if takes_every_path(&pattern) {
        Traffic::PagesToo
    } else if intent::has_path_word(&pattern) {
        Traffic::WebSocketsAlone
    } else {
        Traffic::Unclear
    }
}

/// Whether an `if` around the level lets handshakes in and keeps plain requests out.
fn is_behind_test(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    configuration.ancestors(level).any(|level| {
        if configuration.level(level).kind != LevelKind::If {
            return false;
        }
        let Some(head) = configuration.head(level) else { return false };
        let Some(around) = configuration.level(level).parent else { return false };
        let condition = Condition::read(head.directive);
        let holds = |request: &Request| {
            condition.holds(|text| context.variables.evaluate(text, request, around).value.clone())
        };
        is(&holds(&Request::CHROME), true) && is(&holds(&Request::PLAIN), false)
    })
}

fn is(truth: &Truth, expected: bool) -> bool {
    matches!(truth, Truth::Known(holds) | Truth::Tried(holds, _) if *holds == expected)
}

/// Whether answers are kept in a cache, which is for pages.
fn is_cached(context: &Context<'_>, level: LevelId) -> bool {
    match context.configuration.value(level, d::PROXY_CACHE) {
        Effective::Set(cache) => {
            cache.directive.argument(0).is_some_and(|zone| zone.value().as_ref() != b"off")
        }
        _ => false,
    }
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
