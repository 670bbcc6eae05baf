//! What wslint says about a configuration: the findings, the routes, and the trace of a handshake.

use std::net::Ipv4Addr;
use std::path::Path;

use wslint_grammar::catalogue::Version;
use wslint_model::assumptions::Assumptions;
use wslint_model::handshake::{self, Client, Kind, Outcome, Phase, Question, Trace, Tracer};
use wslint_model::load::{LoadOptions, load};
use wslint_model::resolve::{Configuration, LevelId, LevelKind};
use wslint_model::source::Place;
use wslint_rules::check::check;
use wslint_rules::context::Context;
use wslint_rules::explain::FindingsByPlace;
use wslint_rules::finding::{Effect, Finding};
use wslint_rules::rules;
use wslint_test_support::{Browser, Nginx};

use crate::generator::Route;

/// Everything that wslint says about one configuration and the installed nginx.
#[derive(Debug)]
pub(crate) struct Said<'s> {
    context: &'s Context<'s>,
    tracer: Tracer<'s, 's>,
    findings: &'s [Finding],
    by_place: FindingsByPlace<'s>,
    locations: Vec<Location<'s>>,
    version: Version,
}

/// A location, with what is reported about it.
#[derive(Debug)]
struct Location<'s> {
    level: LevelId,
    head: Place,
    /// The findings that say that handshakes fail, with their place or a label in it.
    failures: Vec<&'s Finding>,
}

/// Checks a file, and calls `ask` with what wslint says about it.
pub(crate) fn about<T>(file: &Path, ask: impl FnOnce(&Said<'_>) -> T) -> T {
    let configuration =
        Configuration::resolve(load(file, &LoadOptions::default()).expect("a file"));
    let installed = Nginx::version();
    let version = Version::new(installed.0 as u16, installed.1 as u16, installed.2 as u16);
    let assumptions = Assumptions::for_version(Some(version));
    let context = Context::new(&configuration, &assumptions);
    let findings = check(&configuration, rules::ALL, &assumptions);
    let tracer = Tracer::new(&context);
    let by_place = FindingsByPlace::new(&findings);
    let all = configuration.levels().filter(|(_, level)| level.kind == LevelKind::Location);
    let locations = all.filter_map(|(level, _)| {
        let failures = by_place
            .about(&configuration, &arrived(level))
            .into_iter()
            .filter(|finding| says_so(finding));
        let head = configuration.head(level)?.place();
        Some(Location { level, head, failures: failures.collect() })
    });
    let locations = locations.collect();
    ask(&Said { tracer, by_place, locations, findings: &findings, context: &context, version })
}

/// Whether a finding says that handshakes fail.
fn says_so(finding: &Finding) -> bool {
    finding.effect == Effect::HandshakeFails
}

/// A trace that ends in a location, for any reason.
fn arrived(location: LevelId) -> Trace {
    let outcome = Outcome {
        kind: Kind::Unknown,
        by: None,
        status: None,
        why: String::new(),
        place: None,
        reasons: Vec::new(),
    };
    Trace {
        outcome,
        server: None,
        location: Some(location),
        proxied_by: None,
        steps: Vec::new(),
        upstream_request: None,
    }
}

/// Whether two places share a part.
fn overlap(a: Place, b: Place) -> bool {
    a.file == b.file && a.span.start < b.span.end && b.span.start < a.span.end
}

impl Said<'_> {
    /// The finding that says that nginx does not start.
    pub(crate) fn not_loaded(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.effect == Effect::NotLoaded)
    }

    /// Follows a handshake.
    pub(crate) fn trace(&self, route: &Route, authority: &str) -> Trace {
        self.trace_from(Ipv4Addr::LOCALHOST, route, authority)
    }

    /// The trace of a handshake from an address.
    pub(crate) fn trace_from(&self, address: Ipv4Addr, route: &Route, authority: &str) -> Trace {
        let url = format!("ws://{authority}{}", route.target);
        self.tracer.trace(&Question {
            url: url.parse().expect("a URL"),
            client: match route.browser {
                Browser::Chrome => Client::Chrome,
                Browser::Firefox => Client::Firefox,
            },
            fields: route.fields.clone(),
            address: Some(address.into()),
            proxy_protocol: false,
            nginx_version: self.version,
        })
    }

    /// Every proxied location.
    pub(crate) fn routes(&self) -> Vec<handshake::Route> {
        self.tracer.routes(Some(self.version))
    }

    /// The location around a level.
    pub(crate) fn location(&self, level: LevelId) -> Option<LevelId> {
        self.context.configuration.enclosing(level, LevelKind::Location)
    }

    /// The first line of a location.
    pub(crate) fn shown(&self, location: LevelId) -> String {
        let head = self.context.configuration.head(location);
        let words = head.iter().flat_map(|head| head.directive.arguments());
        let words: Vec<_> =
            words.map(|word| String::from_utf8_lossy(&word.value()).into_owned()).collect();
        format!("location {}", words.join(" "))
    }

    /// The locations that a handshake passed through, including the last one.
    pub(crate) fn visited(&self, trace: &Trace) -> Vec<LevelId> {
        let mut visited: Vec<LevelId> = Vec::new();
        let steps = trace.steps.iter().filter(|step| step.phase == Phase::Location);
        let found = steps.filter_map(|step| {
            let head = step.place?;
            self.locations.iter().find(|location| location.head == head).map(|it| it.level)
        });
        for location in found.chain(trace.location) {
            if !visited.contains(&location) {
                visited.push(location);
            }
        }
        visited
    }

    /// The findings that say that handshakes fail, with their place or a label in a location.
    pub(crate) fn failures_in(&self, location: LevelId) -> &[&Finding] {
        let known = self.locations.iter().find(|known| known.level == location);
        known.map(|location| location.failures.as_slice()).unwrap_or_default()
    }

    /// The locations that have the place or a label of such a finding.
    pub(crate) fn locations_of(&self, finding: &Finding) -> impl Iterator<Item = LevelId> {
        let has = |location: &&Location<'_>| {
            location.failures.iter().any(|known| std::ptr::eq(*known, finding))
        };
        self.locations.iter().filter(has).map(|location| location.level)
    }

    /// Whether a finding says why a handshake failed: in a location that it passed through, at one
    /// of its steps, or at an inherited directive.
    pub(crate) fn is_reported(&self, trace: &Trace, visited: &[LevelId]) -> bool {
        // The place of a server or location is its whole block.
        let steps = trace
            .steps
            .iter()
            .filter(|step| !matches!(step.phase, Phase::Server | Phase::Location));
        let places = steps.filter_map(|step| step.place).chain(trace.outcome.place);
        let places: Vec<Place> = places.collect();
        let is_at_a_step = |finding: &Finding| {
            let mut own = finding.labels.iter().map(|label| label.place).chain([finding.place]);
            own.any(|own| places.iter().any(|&place| overlap(own, place)))
        };
        visited.iter().any(|&location| !self.failures_in(location).is_empty())
            || self.findings.iter().filter(|finding| says_so(finding)).any(is_at_a_step)
            || !self.by_place.explaining(self.context.configuration, trace).is_empty()
    }

    /// The names of all rules that found something.
    pub(crate) fn rules(&self) -> Vec<&str> {
        self.findings.iter().map(|finding| finding.rule.name).collect()
    }
}
