//! Which findings of a check are about the reason why a handshake was refused.
//!
//! The trace knows the fact, such as a missing `Upgrade`. Its cause may be a map, a quotation mark
//! or a line of the level above, and has the name that the check gives it. A finding says itself what
//! it is about ([`Finding::about`]), or it points at the line that decides.

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::{ReasonKind, Trace};
use wslint_model::resolve::{Configuration, LevelId, LevelKind, Setting};
use wslint_model::source::Place;

use crate::finding::{Category, Effect, Finding};

/// The findings of a check, by the places that they point at.
#[derive(Debug)]
pub struct FindingsByPlace<'f> {
    /// Sorted by file and start; with the furthest end so far in that file, and the number.
    points: Vec<(Place, u32, usize)>,
    findings: &'f [Finding],
}

impl<'f> FindingsByPlace<'f> {
    /// Sorts what a check found.
    pub fn new(findings: &'f [Finding]) -> Self {
        let own = findings.iter().enumerate().flat_map(|(number, finding)| {
            let labels = finding.labels.iter().map(|label| label.place);
            labels.chain([finding.place]).map(move |place| (place, 0, number))
        });
        let mut points: Vec<_> = own.collect();
        points.sort_by_key(|(place, _, number)| (place.file, place.span, *number));
        let mut furthest = (None, 0);
        for (place, end, _) in &mut points {
            if furthest.0 != Some(place.file) {
                furthest = (Some(place.file), 0);
            }
            furthest.1 = furthest.1.max(place.span.end);
            *end = furthest.1;
        }
        Self { points, findings }
    }

    /// The numbers of the findings that share a part with a place.
    fn at(&self, place: Place) -> impl Iterator<Item = usize> {
        let ends = self.points.partition_point(|(point, ..)| {
            (point.file, point.span.start) < (place.file, place.span.end)
        });
        self.points[..ends]
            .iter()
            .rev()
            .take_while(move |(point, furthest, _)| {
                point.file == place.file && *furthest > place.span.start
            })
            .filter(move |(point, ..)| point.span.end > place.span.start)
            .map(|&(_, _, number)| number)
    }

    /// The findings that point at some of the places, in their own order.
    fn at_any(&self, places: impl IntoIterator<Item = Place>) -> Vec<&'f Finding> {
        let mut numbers: Vec<usize> =
            places.into_iter().flat_map(|place| self.at(place).collect::<Vec<_>>()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().map(|number| &self.findings[number]).collect()
    }
}

impl<'f> FindingsByPlace<'f> {
    /// The findings about the reason why a handshake ended as it did, where it came to, each with
    /// that reason.
    pub fn explaining(
        &self,
        configuration: &Configuration,
        trace: &Trace,
    ) -> Vec<(ReasonKind, &'f Finding)> {
        let (Some(location), false) = (trace.location, trace.outcome.reasons.is_empty()) else {
            return Vec::new();
        };
        // A map is at fault where its variable is used, which may be a level above.
        let headers = lines_around(configuration, location, d::PROXY_SET_HEADER);
        let versions = lines_around(configuration, location, d::PROXY_HTTP_VERSION);
        let lines = headers.iter().chain(&versions).map(Setting::place);
        let here = self.at_any(places(configuration, location).into_iter().chain(lines));
        let mut explaining = Vec::new();
        for reason in &trace.outcome.reasons {
            let is_cause = |finding: &&Finding| {
                finding.rule.name == rule_about(reason.kind)
                    || finding.about.contains(&reason.kind)
                    || is_cause(finding, reason.kind, &headers, &versions)
            };
            let causes = here.iter().copied().filter(is_cause);
            explaining.extend(causes.map(|found| (reason.kind, found)));
        }
        explaining
    }

    /// The findings that lie, or point, where a handshake came to.
    pub fn about(&self, configuration: &Configuration, trace: &Trace) -> Vec<&'f Finding> {
        let places = |location| places(configuration, location);
        self.at_any(trace.location.map(places).unwrap_or_default())
    }

    /// The rules that explain how a handshake ended: those of [`FindingsByPlace::explaining`], and for a
    /// reason that none of them is about the rule that is about such reasons.
    pub fn explained_by(&self, configuration: &Configuration, trace: &Trace) -> Vec<&'static str> {
        let explaining = self.explaining(configuration, trace);
        let mut rules = Vec::new();
        for reason in &trace.outcome.reasons {
            let found = explaining.iter().filter(|(kind, _)| *kind == reason.kind);
            let mut names: Vec<_> = found.map(|(_, finding)| finding.rule.name).collect();
            if names.is_empty() {
                names.push(rule_about(reason.kind));
            }
            for name in names {
                if !rules.contains(&name) {
                    rules.push(name);
                }
            }
        }
        rules
    }
}

/// The rule that is about a reason, whatever caused it.
pub fn rule_about(kind: ReasonKind) -> &'static str {
    match kind {
        ReasonKind::Method => "proxy-method-override",
        ReasonKind::Http10 => "proxy-http-version-1-0",
        ReasonKind::Http2 => "proxy-http-version-2",
        ReasonKind::UpgradeMissing => "upgrade-not-forwarded",
        ReasonKind::UpgradeValue => "upgrade-value-wrong",
        ReasonKind::ConnectionMissing => "connection-not-forwarded",
        ReasonKind::ConnectionValue => "connection-value-not-upgrade",
        ReasonKind::SeveralHosts => "duplicate-host-header",
        ReasonKind::WebSocketHeader | ReasonKind::OtherKey => "sec-websocket-header-overridden",
        ReasonKind::HeadersNotPassed => "request-headers-not-passed",
        ReasonKind::ResponseHeaderHidden => "upgrade-response-header-hidden",
        ReasonKind::ErrorPageStatus => "error-page-overrides-101",
        ReasonKind::Cached => "cache-without-upgrade-bypass",
        ReasonKind::AuthRequestUpgrades => "upgrade-leaks-into-auth-request",
        ReasonKind::MirrorUpgrades => "upgrade-leaks-into-mirror",
        ReasonKind::NoResolver => "variable-upstream-without-resolver",
        ReasonKind::AllServersDown => "upstream-all-down",
        ReasonKind::Handler => "handler-cannot-upgrade",
        ReasonKind::Internal => "internal-ws-location",
        ReasonKind::LimitExcept => "limit-except-without-get",
    }
}

/// Whether a finding is the cause of what another rule is about: it points at a line that decides
/// that.
fn is_cause(
    finding: &Finding,
    kind: ReasonKind,
    headers: &[Setting<'_>],
    versions: &[Setting<'_>],
) -> bool {
    if !is_of_handshake(finding) || !finding.about.is_empty() {
        return false;
    }
    if kind.is_about_http_version() {
        return versions.iter().any(|line| points_at(finding, line.place()));
    }
    let header = match kind {
        _ if kind.is_about_upgrade() => "Upgrade",
        _ if kind.is_about_connection() => "Connection",
        _ => return false,
    };
    let sets_header = |line: &&Setting<'_>| {
        line.directive.argument(0).map(wslint_grammar::Word::value).is_some_and(|name| {
            // Damage may follow the name.
            let name = name.get(..header.len());
            name.is_some_and(|name| name.eq_ignore_ascii_case(header.as_bytes()))
        })
    };
    headers.iter().filter(sets_header).any(|line| points_at(finding, line.place()))
}

/// Whether a finding is about a part of the handshake, whatever spoils it.
fn is_of_handshake(finding: &Finding) -> bool {
    let category = finding.rule.category;
    finding.effect == Effect::HandshakeFails
        && matches!(
            category,
            Category::Handshake | Category::Inheritance | Category::Map | Category::Text
        )
}

/// The places that make a location: its head and its own lines, wherever they are included from,
/// without those of locations inside.
fn places(configuration: &Configuration, location: LevelId) -> Vec<Place> {
    let mut places = Vec::new();
    let mut levels = vec![location];
    while let Some(level) = levels.pop() {
        if let Some(head) = configuration.head(level) {
            places.push(Place { file: head.reference.file, span: head.directive.words_span() });
        }
        let lines = configuration.own_settings(level).filter(|line| !line.directive.is_block());
        places.extend(lines.map(|line| line.place()));
        let is_inside = |child: &LevelId| configuration.level(*child).kind != LevelKind::Location;
        levels.extend(configuration.children(level).filter(is_inside));
    }
    places
}

/// The lines of a directive at a location and at the levels around it, in effect or not.
fn lines_around(
    configuration: &Configuration,
    location: LevelId,
    id: DirectiveId,
) -> Vec<Setting<'_>> {
    let levels = configuration.ancestors(location);
    levels.flat_map(|level| configuration.own(level, id).iter()).collect()
}

/// Whether a finding, or a label of it, lies at a place.
fn points_at(finding: &Finding, place: Place) -> bool {
    let labels = finding.labels.iter().map(|label| label.place);
    labels.chain([finding.place]).any(|at| {
        at.file == place.file && at.span.start < place.span.end && place.span.start < at.span.end
    })
}
