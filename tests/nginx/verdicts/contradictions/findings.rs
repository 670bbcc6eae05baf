//! Where check contradicts nginx.

use std::net::Ipv4Addr;

use wslint_model::handshake::{self, Intent, Kind, ReasonKind};
use wslint_model::resolve::LevelId;
use wslint_rules::finding::{Finding, Severity};

use super::{Comparison, Contradiction, Scope, Tried};
use crate::generator::Route;

/// Every handshake of a location succeeds, but check reports an error there.
const FALSE_ERROR: &str = "check reports an error where handshakes succeed";
/// A handshake fails without a finding.
const UNREPORTED: &str = "check reports nothing where a handshake fails";

/// Rules about a cache (see [`Scope::NeitherTraceNorCache`]).
const ABOUT_A_CACHE: [&str; 1] = ["cache-without-upgrade-bypass"];

/// A client that no generated `geo` names (RFC 5737).
const OTHER_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// An argument for which a generated `map` has `upgrade`.
const OTHER_ARGUMENT: &str = "a=upgrade";

/// An internal location rejects direct requests on purpose.
const ON_PURPOSE: ReasonKind = ReasonKind::Internal;

/// A client may name a host in an argument that `proxy_pass` uses.
const BY_CLIENT: ReasonKind = ReasonKind::NoResolver;

/// Missing credentials are not a fault of the configuration.
const UNAUTHORIZED: u16 = 401;

impl Comparison<'_, '_> {
    /// The errors in locations all of whose handshakes succeed.
    pub(super) fn false_errors(
        &self,
        (others, proxied): (&[Route], &[handshake::Route]),
        scope: Scope,
    ) -> Vec<Contradiction> {
        let said = self.said;
        let mut sound: Vec<LevelId> = Vec::new();
        for location in self.tried.iter().flat_map(|tried| tried.visited.iter().copied()) {
            if !sound.contains(&location) && !self.fails(location) {
                sound.push(location);
            }
        }
        // A finding that touches another location may be about that one.
        let is_false = |finding: &Finding| {
            finding.severity == Severity::Error
                && said.locations_of(finding).all(|location| sound.contains(&location))
                && (scope == Scope::Everything || !ABOUT_A_CACHE.contains(&finding.rule.name))
        };
        let mut all = Vec::new();
        for &location in &sound {
            let findings = said.failures_in(location).iter().filter(|finding| is_false(finding));
            let errors: Vec<_> = findings.collect();
            if errors.is_empty() || self.some_other_fails((others, proxied), location) {
                continue;
            }
            all.extend(errors.into_iter().map(|finding| Contradiction {
                kind: FALSE_ERROR,
                text: format!(
                    "`{}`: {}: {}",
                    said.shown(location),
                    finding.rule.name,
                    finding.message
                ),
            }));
        }
        all
    }

    /// Whether a handshake that was sent through a location failed, or cannot be compared.
    fn fails(&self, location: LevelId) -> bool {
        let failed = |tried: &Tried<'_>| tried.visited.contains(&location) && !tried.seen.switched;
        self.unknown.contains(&location) || self.tried.iter().any(failed)
    }

    /// Whether one of these handshakes passes through a location and may fail.
    fn some_other_fails(
        &self,
        (others, proxied): (&[Route], &[handshake::Route]),
        location: LevelId,
    ) -> bool {
        let Self { nginx, said, .. } = self;
        let fails = |outcome: &handshake::Outcome| {
            outcome.kind != Kind::Switches
                && !outcome.reasons.iter().any(|reason| reason.kind == ON_PURPOSE)
        };
        let sample_fails = |route: &handshake::Route| {
            route.url.is_some()
                && said.location(route.level) == Some(location)
                && route.traces.iter().any(|versioned| fails(&versioned.trace.outcome))
        };
        proxied.iter().any(sample_fails)
            || others.iter().any(|route| {
                let trace = said.trace(route, &nginx.authority(route));
                trace.outcome.kind != Kind::Switches && said.visited(&trace).contains(&location)
            })
    }

    /// The handshakes that fail in WebSocket locations without a finding.
    pub(super) fn unreported(&self, proxied: &[handshake::Route]) -> Vec<Contradiction> {
        let said = self.said;
        let mut all = Vec::new();
        for tried in &self.tried {
            let Tried { trace, seen, visited, .. } = tried;
            let Some(location) = trace.location else { continue };
            let by_backend = seen.answered_by_backend || seen.status == Some(101);
            let reasons = &trace.outcome.reasons;
            let by_nginx = !reasons.is_empty()
                && reasons.iter().all(|it| it.kind != ON_PURPOSE && it.kind != BY_CLIENT)
                && seen.status != Some(UNAUTHORIZED);
            let is_rejected = !seen.switched && (by_backend || by_nginx);
            if !is_rejected
                || !self.is_websocket(location, proxied)
                || said.is_reported(trace, visited)
                || self.another_client_succeeds(tried, location)
            {
                continue;
            }
            all.push(Contradiction {
                kind: UNREPORTED,
                text: format!(
                    "{} at `{}`: {}, {:?}; reported: {:?}",
                    tried.shown(),
                    said.shown(location),
                    trace.outcome.why,
                    trace.outcome.reasons,
                    said.rules()
                ),
            });
        }
        all
    }

    /// Whether the handshake of another client to the same location succeeds: of one with another
    /// address or another argument.
    fn another_client_succeeds(&self, tried: &Tried<'_>, location: LevelId) -> bool {
        let Self { nginx, said, .. } = self;
        let authority = nginx.authority(tried.route);
        let (path, _) = tried.route.target.split_once('?').unwrap_or((&tried.route.target, ""));
        let target = format!("{path}?{OTHER_ARGUMENT}");
        let other_argument = Route { target, ..tried.route.clone() };
        [
            said.trace_from(OTHER_ADDRESS, tried.route, &authority),
            said.trace(&other_argument, &authority),
        ]
        .iter()
        .any(|trace| trace.outcome.kind == Kind::Switches && trace.location == Some(location))
    }

    /// Whether a location is a WebSocket location: its directives say so, or it sent `Upgrade` to the
    /// backend.
    fn is_websocket(&self, location: LevelId, proxied: &[handshake::Route]) -> bool {
        let sends_upgrade = |tried: &Tried<'_>| {
            let mut requests = tried.seen.upstream.iter();
            tried.trace.location == Some(location)
                && requests.any(|request| request.head.has_token("Upgrade", "websocket"))
        };
        let is_shown = |route: &handshake::Route| {
            route.intent == Intent::WebSocket && self.said.location(route.level) == Some(location)
        };
        self.tried.iter().any(sends_upgrade) || proxied.iter().any(is_shown)
    }
}
