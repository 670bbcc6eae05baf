//! Where routes contradict nginx.

use wslint_model::handshake::{self, EffectiveSetting, Kind, Phase, Trace};
use wslint_test_support::{Browser, RecordedRequest};

use super::{Comparison, Contradiction, Tried, only};
use crate::generator::Route;
use crate::oracle::compare::{self, Verdict};

/// The outcome of a route is not what becomes of its URL.
const ROUTE_OUTCOME: &str = "routes has another outcome";
/// A printed value is not what the backend gets.
const ROUTE_VALUE: &str = "routes has another value";

impl Comparison<'_, '_> {
    /// What is wrong with one of the routes.
    pub(super) fn route_faults(&self, route: &handshake::Route) -> Vec<Contradiction> {
        let Self { nginx, said, tried, .. } = self;
        let location = said.location(route.level);
        let shown = location.map(|location| said.shown(location)).unwrap_or_default();
        let text = std::fs::read_to_string(nginx.main_file()).unwrap_or_default();
        let by_address = text.contains("geo ");
        let arrives = |trace: &Trace| {
            trace.location == location
                && trace.upstream_request.is_some()
                && !compare::is_authorized(trace)
                && trace
                    .steps
                    .iter()
                    .any(|step| step.phase == Phase::Proxy && step.place == Some(route.pass))
        };
        let Some(url) = &route.url else {
            // No URL leads there: the handshakes that got there by redirects show the values.
            let came: Vec<_> = tried
                .iter()
                .filter(|tried| tried.route.browser == Browser::Chrome && arrives(&tried.trace))
                .filter_map(Tried::upstream)
                .collect();
            let differ = |a: &RecordedRequest, b: &RecordedRequest| {
                ["Upgrade", "Connection"].iter().any(|name| a.header(name) != b.header(name))
            };
            return match came.as_slice() {
                [first, rest @ ..] if !rest.iter().any(|it| differ(first, it)) => {
                    values(route, first, &shown, Null::Unknown, by_address)
                }
                _ => Vec::new(),
            };
        };
        let [versioned] = route.traces.as_slice() else { return Vec::new() };
        let trace = &versioned.trace;
        if url.port != nginx.port()
            || trace.outcome.kind == Kind::Unknown
            || compare::is_mirrored(trace)
        {
            return Vec::new();
        }
        let handshake = Route {
            address: [127, 0, 0, 1],
            other_port: false,
            host: url.host.clone(),
            target: url.target.clone(),
            browser: Browser::Chrome,
            fields: Vec::new(),
            primed: false,
        };
        let seen = nginx.send(&handshake);
        if matches!(compare::compare(trace, &seen), Verdict::Files | Verdict::Cached) {
            return Vec::new();
        }
        if (trace.outcome.kind == Kind::Switches) != seen.switched {
            let (kind, status) = (trace.outcome.kind.name(), seen.status);
            return vec![Contradiction {
                kind: ROUTE_OUTCOME,
                text: format!("`{shown}`: {kind} for {}, nginx {status:?}", url.target),
            }];
        }
        match only(&seen) {
            Some(recorded) if arrives(trace) => {
                values(route, recorded, &shown, Null::NotSent, by_address)
            }
            _ => Vec::new(),
        }
    }
}

/// What it means that a route has no value for a header that a directive sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Null {
    /// The header is not sent.
    NotSent,
    /// The header is not sent, or its value depends on the handshake.
    Unknown,
}

/// The values of a route that the backend did not get.
fn values(
    route: &handshake::Route,
    got: &RecordedRequest,
    shown: &str,
    null: Null,
    depends_on_address: bool,
) -> Vec<Contradiction> {
    let version = got.head.start_line.rsplit('/').next().map(str::to_owned);
    let all = [
        ("proxy_http_version", &route.http_version, version),
        ("Upgrade", &route.upgrade, got.header("Upgrade")),
        ("Connection", &route.connection, got.header("Connection")),
    ];
    // What depends on the client's address is printed as it is written.
    let is_written = |said: &EffectiveSetting| {
        depends_on_address && said.value.as_ref().is_some_and(|value| value.contains('$'))
    };
    let wrong = all
        .into_iter()
        .filter(|(_, said, got)| !is_written(said) && !is_right(said, got.as_deref(), null));
    let wrong = wrong.map(|(name, said, got)| Contradiction {
        kind: ROUTE_VALUE,
        text: format!("`{shown}`: {name} is {:?}, the backend gets {got:?}", said.value),
    });
    wrong.collect()
}

/// Whether the backend got an effective value. What no directive sets is nginx's default.
fn is_right(said: &EffectiveSetting, got: Option<&str>, null: Null) -> bool {
    let got = got.unwrap_or_default().trim();
    match (&said.value, said.place) {
        (None, None) => true,
        (None, Some(_)) => null == Null::Unknown || got.is_empty(),
        (Some(value), _) => value.trim() == got,
    }
}
