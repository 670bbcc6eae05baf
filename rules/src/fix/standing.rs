//! How well a configuration does, so that it can be seen whether a fix made it worse.

use rustc_hash::FxHashMap;
use wslint_grammar::EditError;
use wslint_grammar::catalogue::Version;
use wslint_model::handshake::{Client, Kind, Route, Tracer};
use wslint_model::resolve::{Configuration, LevelId, LevelKind};
use wslint_model::source::FileId;

use super::Subject;
use crate::check::refusal;
use crate::context::Context;
use crate::finding::VersionRange;

/// What a fix would have made worse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Worse {
    /// Its edits contradict each other, or are for another text.
    #[error("its edits cannot be applied: {0}")]
    Edits(#[from] EditError),
    /// nginx could not parse the file.
    #[error("{file} would have syntax errors: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// The first error.
        message: String,
    },
    /// nginx would refuse the configuration.
    #[error("nginx would refuse the configuration: {message} ({rule})")]
    NotLoaded {
        /// The rule that says so.
        rule: &'static str,
        /// What it says.
        message: String,
    },
    /// Handshakes that became WebSockets would not do so any more.
    #[error("handshakes would fail at `location {location}`: {why}")]
    Route {
        /// The location's pattern.
        location: String,
        /// What would happen to them.
        why: String,
    },
    /// A location would not proxy any more.
    #[error("`location {location}` would not be proxied any more")]
    RouteGone {
        /// The location's pattern.
        location: String,
    },
    /// The same is found again and again.
    #[error("it would be applied again and again")]
    Endless,
}

/// How well a configuration does.
#[derive(Debug)]
pub(super) struct Standing {
    /// The syntax errors of each file, by name.
    syntax_errors: FxHashMap<String, usize>,
    /// Why nginx refuses it.
    refusal: Option<(&'static str, String)>,
    /// Where handshakes end; empty when nginx refuses it, for then there are none.
    routes: Vec<RouteStanding>,
}

#[derive(Debug)]
struct RouteStanding {
    /// What tells it from others.
    identity: (Vec<String>, Option<(u16, bool)>, String),
    /// How the handshakes of Chrome end, and those of Firefox.
    ends: [Vec<End>; 2],
}

/// For some versions of nginx: how handshakes end, and why.
type End = (VersionRange, Kind, String);

impl RouteStanding {
    /// With the same route as Chrome and as Firefox take it.
    fn new(chrome: Route, firefox: Route) -> Self {
        let ends = [chrome.traces, firefox.traces].map(|traces| {
            let ends = traces.into_iter().map(|versioned| {
                let outcome = versioned.trace.outcome;
                (versioned.versions, outcome.kind, outcome.why)
            });
            ends.collect()
        });
        // nginx takes no two locations of which one keeps regular expressions out.
        let pattern = chrome.pattern.strip_prefix("^~ ").unwrap_or(&chrome.pattern).to_owned();
        Self { ends, identity: (chrome.names, chrome.port, pattern) }
    }

    /// Why a handshake with some version does not switch that switched before.
    fn loss(&self, before: &Self) -> Option<&str> {
        before.ends.iter().zip(&self.ends).find_map(|(before, now)| {
            let switched = before.iter().filter(|(_, kind, _)| *kind == Kind::Switches);
            switched.into_iter().find_map(|(versions, ..)| {
                let lost = now
                    .iter()
                    .find(|(other, kind, _)| *kind != Kind::Switches && overlap(*versions, *other));
                lost.map(|(_, _, why)| why.as_str())
            })
        })
    }
}

/// Whether some version is in both.
fn overlap(a: VersionRange, b: VersionRange) -> bool {
    let ends_before = |a: Option<Version>, b: Option<Version>| {
        a.zip(b).is_some_and(|(before, from)| before <= from)
    };
    !ends_before(a.before, b.from) && !ends_before(b.before, a.from)
}

impl Standing {
    pub(super) fn of(configuration: &Configuration, subject: Subject<'_>) -> Self {
        let sources = &configuration.loaded.sources;
        let erroneous = sources.iter().filter(|(_, source)| !source.tree.errors().is_empty());
        let syntax_errors: FxHashMap<String, usize> = erroneous
            .map(|(_, source)| (source.name.clone(), source.tree.errors().len()))
            .collect();
        // Whatever was asked to be checked: what nginx refuses, it refuses.
        let context = Context::new(configuration, subject.assumptions);
        let refusal = refusal(&context, subject.assumptions)
            .map(|finding| (finding.rule.name, finding.message));
        let routes = if refusal.is_some() {
            Vec::new()
        } else {
            let tracer = Tracer::new(&context);
            let version = subject.assumptions.nginx_version;
            let chrome = tracer.routes_of(version, Client::Chrome);
            let firefox = tracer.routes_of(version, Client::Firefox);
            let routes = chrome.into_iter().zip(firefox);
            // Where sub-requests alone come, a handshake is no client's: nginx takes no 101 for it
            // (`ngx_http_upstream_upgrade`), and a fix may well take it away. What that does to
            // clients is seen at the locations that ask, whose traces follow their sub-requests.
            let is_hidden = |level: LevelId| {
                let location = configuration.enclosing(level, LevelKind::Location);
                location.is_some_and(|it| context.sub_requests().is_hidden(configuration, it))
            };
            let mut standings: Vec<RouteStanding> = Vec::new();
            for (chrome, firefox) in routes {
                let hidden = is_hidden(chrome.level);
                let mut standing = RouteStanding::new(chrome, firefox);
                if hidden {
                    standing.ends = Default::default();
                }
                standings.push(standing);
            }
            standings
        };
        Self { syntax_errors, refusal, routes }
    }

    /// What is worse than it was `before`. What nginx refuses cannot become worse in other ways, but
    /// more can be seen of it: what a syntax error hid is none of the fix's doing.
    pub(super) fn worse_than(&self, before: &Self, configuration: &Configuration) -> Option<Worse> {
        for (file, count) in &self.syntax_errors {
            if *count > before.syntax_errors.get(file).copied().unwrap_or_default() {
                let mut sources = configuration.loaded.sources.iter();
                let source = sources.find(|(_, source)| &source.name == file);
                let error = source.and_then(|(_, source)| source.tree.errors().first());
                let message = error.map(|error| error.kind.to_string()).unwrap_or_default();
                return Some(Worse::Syntax { file: file.clone(), message });
            }
        }
        if before.refusal.is_some() {
            return None;
        }
        if let Some((rule, message)) = &self.refusal {
            return Some(Worse::NotLoaded { rule, message: message.clone() });
        }
        self.lost_route(before)
    }

    fn lost_route(&self, before: &Self) -> Option<Worse> {
        let switched = |route: &RouteStanding| {
            route.ends.iter().flatten().any(|(_, kind, _)| *kind == Kind::Switches)
        };
        let lost = |before: &RouteStanding, now: &RouteStanding| {
            let why = now.loss(before)?.to_owned();
            Some(Worse::Route { location: before.identity.2.clone(), why })
        };
        // Of several that are called alike, the first is compared with the first. A block may have been
        // moved, or written once more.
        let mut by_identity: FxHashMap<_, Vec<usize>> = FxHashMap::default();
        for (number, route) in self.routes.iter().enumerate().rev() {
            by_identity.entry(&route.identity).or_default().push(number);
        }
        let mut is_found = vec![false; self.routes.len()];
        let mut missing = Vec::new();
        for was in &before.routes {
            let Some(number) = by_identity.get_mut(&was.identity).and_then(Vec::pop) else {
                missing.push(was);
                continue;
            };
            is_found[number] = true;
            if let Some(worse) = lost(was, &self.routes[number]) {
                return Some(worse);
            }
        }
        let left = self.routes.iter().zip(&is_found).filter(|(_, is_found)| !**is_found);
        let left: Vec<&RouteStanding> = left.map(|(route, _)| route).collect();
        // What is called otherwise now is the same.
        let count = missing.len();
        if left.len() == count {
            return missing.into_iter().zip(left).find_map(|(was, is)| lost(was, is));
        }
        // There may be others besides.
        let does_as_well = |was: &RouteStanding| left.iter().any(|is| lost(was, is).is_none());
        missing
            .into_iter()
            .find(|was| switched(was) && (left.len() < count || !does_as_well(was)))
            .map(|was| Worse::RouteGone { location: was.identity.2.clone() })
    }
}

/// The name of a file, and a line of it.
pub(super) fn line_of(configuration: &Configuration, file: FileId, offset: u32) -> (String, u32) {
    let source = configuration.loaded.sources.get(file);
    (source.name.clone(), source.position(offset).line)
}
