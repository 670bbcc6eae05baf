//! Where check and routes contradict nginx.

mod findings;
mod routes;

use std::fmt;

use wslint_model::handshake::Trace;
use wslint_model::resolve::LevelId;
use wslint_test_support::RecordedRequest;

use super::said::Said;
use crate::generator::Route;
use crate::observe::{Running, Seen};
use crate::oracle::compare::{self, Verdict};

/// One contradiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contradiction {
    /// Which promise is broken.
    pub(crate) kind: &'static str,
    /// Where, and by what.
    pub(crate) text: String,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind, self.text)
    }
}

/// The trace does not say what nginx did.
const TRACE: &str = "trace differs";

/// How much of a configuration is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything, traces too.
    Everything,
    /// Neither traces, which the oracle compares for the same configurations, nor findings about a
    /// cache: not every request is sent that may store a response there.
    NeitherTraceNorCache,
}

/// A handshake, as nginx and the trace follow it.
struct Tried<'r> {
    route: &'r Route,
    trace: Trace,
    seen: Seen,
    /// The locations that it passed through.
    visited: Vec<LevelId>,
}

impl Tried<'_> {
    /// The request that reached the backend, when there was exactly one.
    fn upstream(&self) -> Option<&RecordedRequest> {
        only(&self.seen)
    }

    fn shown(&self) -> String {
        let Route { host, target, browser, primed, .. } = self.route;
        let first = if *primed { ", after a regular request" } else { "" };
        format!("{host}{target} from {browser:?}{first}")
    }
}

fn only(seen: &Seen) -> Option<&RecordedRequest> {
    let [recorded] = seen.upstream.as_slice() else { return None };
    Some(recorded)
}

/// Compares what wslint says with what nginx does. `others` are handshakes that are not sent: an
/// error may be about one of them.
pub(crate) fn find(
    nginx: &Running,
    said: &Said<'_>,
    (routes, others): (&[Route], &[Route]),
    scope: Scope,
) -> Vec<Contradiction> {
    let mut all = Vec::new();
    let mut comparison = Comparison { nginx, said, tried: Vec::new(), unknown: Vec::new() };
    for route in routes {
        let trace = said.trace(route, &nginx.authority(route));
        let visited = said.visited(&trace);
        if compare::is_mirrored(&trace) {
            // Whether the handshake or its copy ends first is a matter of time.
            comparison.unknown.extend(visited);
            continue;
        }
        let seen = nginx.send(route);
        let verdict = compare::compare(&trace, &seen);
        let tried = Tried { route, trace, seen, visited };
        match verdict {
            Verdict::Equal | Verdict::Cached => {}
            Verdict::Differs(difference) if scope == Scope::Everything => {
                let text = format!("{}: {difference}", tried.shown());
                all.push(Contradiction { kind: TRACE, text });
            }
            // `oracle` compares these.
            Verdict::Files | Verdict::Differs(_) => {
                comparison.unknown.extend(tried.visited);
                continue;
            }
        }
        comparison.tried.push(tried);
    }
    let proxied = said.routes();
    all.extend(comparison.false_errors((others, &proxied), scope));
    all.extend(comparison.unreported(&proxied));
    for route in &proxied {
        all.extend(comparison.route_faults(route));
    }
    let mut once = Vec::new();
    for contradiction in all {
        if !once.contains(&contradiction) {
            once.push(contradiction);
        }
    }
    once
}

/// What wslint says and what nginx did.
struct Comparison<'r, 's> {
    nginx: &'r Running,
    said: &'r Said<'s>,
    tried: Vec<Tried<'r>>,
    /// The locations of handshakes that cannot be compared.
    unknown: Vec<LevelId>,
}
