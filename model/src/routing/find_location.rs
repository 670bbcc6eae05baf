//! Which location a URI belongs to (`ngx_http_core_find_location`).

use rustc_hash::FxHashMap;
use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;

use crate::resolve::{Configuration, LevelId, LevelKind};
use crate::text::location::LocationPattern;
use crate::text::pattern::{Captures, Pattern};

/// The directives that hand requests to a backend.
pub const BACKENDS: [DirectiveId; 6] =
    [d::PROXY_PASS, d::FASTCGI_PASS, d::UWSGI_PASS, d::SCGI_PASS, d::GRPC_PASS, d::MEMCACHED_PASS];

/// The locations directly inside each level.
#[derive(Debug, Default)]
pub struct Locations {
    by_level: FxHashMap<LevelId, Inside>,
    patterns: FxHashMap<LevelId, LocationPattern>,
}

#[derive(Debug, Default)]
struct Inside {
    exact: FxHashMap<Vec<u8>, LevelId>,
    prefixes: FxHashMap<Vec<u8>, (LevelId, bool)>,
    longest_prefix: usize,
    regexes: Vec<(Pattern, LevelId)>,
    named: FxHashMap<Vec<u8>, LevelId>,
    /// Names that a request without the slash at their end is redirected to.
    redirects: FxHashMap<Vec<u8>, LevelId>,
}

/// What a URI led to.
#[derive(Debug)]
pub enum Found {
    /// A location, with what regular expressions captured on the way.
    Location(LevelId, Vec<Captures>),
    /// The location whose name is the URI with a slash: the client is redirected to it.
    Redirect(LevelId),
    /// None.
    Nothing,
    /// A regular expression is in the way that cannot be used.
    Unknown(LevelId),
}

impl Locations {
    pub(crate) fn new(configuration: &Configuration) -> Self {
        let mut locations = Locations::default();
        for (level, own) in configuration.levels() {
            let (LevelKind::Location, Some(parent)) = (own.kind, own.parent) else { continue };
            let Some(pattern) =
                configuration.head(level).and_then(|head| LocationPattern::read(head.directive))
            else {
                continue;
            };
            let redirects = redirects_to_slash(configuration, level);
            let inside = locations.by_level.entry(parent).or_default();
            match &pattern {
                LocationPattern::Exact(name) => {
                    inside.exact.entry(name.clone()).or_insert(level);
                    if redirects && name.ends_with(b"/") {
                        inside.redirects.entry(name.clone()).or_insert(level);
                    }
                }
                LocationPattern::Prefix { name, keeps_regexes_out } => {
                    inside.longest_prefix = inside.longest_prefix.max(name.len());
                    inside.prefixes.entry(name.clone()).or_insert((level, *keeps_regexes_out));
                    if redirects && name.ends_with(b"/") {
                        inside.redirects.entry(name.clone()).or_insert(level);
                    }
                }
                LocationPattern::Regex(regex) => inside.regexes.push((regex.clone(), level)),
                LocationPattern::Named(name) => {
                    inside.named.entry(name.clone()).or_insert(level);
                }
            }
            locations.patterns.insert(level, pattern);
        }
        locations
    }

    /// How a location is written.
    pub fn pattern(&self, level: LevelId) -> Option<&LocationPattern> {
        self.patterns.get(&level)
    }

    /// A named location of a server.
    pub fn named(&self, server: LevelId, name: &[u8]) -> Option<LevelId> {
        self.by_level.get(&server)?.named.get(name).copied()
    }

    /// Looks for the location of a URI among those of `level`, and inside the one that is found.
    pub fn find(&self, level: LevelId, uri: &[u8]) -> Found {
        let mut around = level;
        let mut captures = Vec::new();
        let mut found = None;
        // Regular expressions of the levels that were entered by a prefix, innermost last.
        let mut later: Vec<&Inside> = Vec::new();
        while let Some(inside) = self.by_level.get(&around) {
            if let Some(&exact) = inside.exact.get(uri) {
                return Found::Location(exact, captures);
            }
            let longest = inside.longest_prefix.min(uri.len());
            let prefix = (0..=longest).rev().find_map(|length| inside.prefixes.get(&uri[..length]));
            let has_whole = inside.prefixes.contains_key(uri);
            if !has_whole
                && let Some(&level) = inside.redirects.get([uri, b"/"].concat().as_slice())
            {
                return Found::Redirect(level);
            }
            match prefix {
                Some(&(level, keeps_regexes_out)) => {
                    found = Some(level);
                    if keeps_regexes_out {
                        // It keeps out the expressions beside it, and not those around it.
                        later.push(&EMPTY);
                    } else {
                        later.push(inside);
                    }
                    around = level;
                }
                None => {
                    later.push(inside);
                    break;
                }
            }
        }
        while let Some(inside) = later.pop() {
            for (pattern, level) in &inside.regexes {
                match pattern.captures(uri) {
                    Some(Some(found)) => {
                        captures.push(found);
                        return match self.find(*level, uri) {
                            Found::Location(inner, more) => {
                                captures.extend(more);
                                Found::Location(inner, captures)
                            }
                            // nginx looks at no redirect from inside a regular expression.
                            Found::Redirect(inner) => Found::Location(inner, captures),
                            Found::Nothing => Found::Location(*level, captures),
                            unknown @ Found::Unknown(_) => unknown,
                        };
                    }
                    Some(None) => {}
                    None => return Found::Unknown(*level),
                }
            }
        }
        found.map_or(Found::Nothing, |level| Found::Location(level, captures))
    }
}

static EMPTY: std::sync::LazyLock<Inside> = std::sync::LazyLock::new(Inside::default);

/// Whether a location hands requests to a backend: only then is a slash added to a URI that lacks
/// it (`auto_redirect`).
fn redirects_to_slash(configuration: &Configuration, level: LevelId) -> bool {
    BACKENDS.into_iter().any(|id| configuration.own(level, id).iter().next().is_some())
}
