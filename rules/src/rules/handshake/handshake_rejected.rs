//! A handshake that was followed through the configuration fails for a reason that no other rule has
//! named: the net under all of them. It runs last, and looks at what the others have found.

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::arrivals::is_led_only;
use wslint_model::handshake::proxied_request::{Forwarded, Verdict};
use wslint_model::handshake::{Kind, Reason, ReasonKind, SampleHandshake, Trace};
use wslint_model::resolve::{LevelId, LevelKind, settings};
use wslint_model::source::Place;

use crate::context::Context;
use crate::explain::{FindingsByPlace, rule_about};
use crate::finding::{Finding, Severity};
use crate::rules::HANDSHAKE_REJECTED as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let is_there =
        |id: &DirectiveId| context.occurrences().of(context.configuration, *id).next().is_some();
    let special: Vec<DirectiveId> = SPECIAL.into_iter().filter(is_there).collect();
    let locations = context.marked_locations().map(|(forwarded, _)| forwarded);
    let mut locations =
        locations.filter(|forwarded| !is_plain(context, forwarded, &special)).peekable();
    if locations.peek().is_none() {
        return;
    }
    let known = FindingsByPlace::new(findings);
    let mut found: Vec<Finding> =
        locations.filter_map(|forwarded| of_location(context, forwarded, &known)).collect();
    findings.append(&mut found);
}

/// The directives that decide about handshakes beside the headers.
const SPECIAL: [DirectiveId; 9] = [
    d::PROXY_METHOD,
    d::PROXY_PASS_REQUEST_HEADERS,
    d::PROXY_HIDE_HEADER,
    d::PROXY_CACHE,
    d::ERROR_PAGE,
    d::INTERNAL,
    d::AUTH_REQUEST,
    d::MIRROR,
    d::TRY_FILES,
];

/// Whether the other rules see all that there is: nothing but the headers decides, and what they
/// send is known.
fn is_plain(context: &Context<'_>, forwarded: &Forwarded<'_>, special: &[DirectiveId]) -> bool {
    let is_known = |verdict| verdict != Verdict::Unknown;
    is_known(forwarded.upgrade_verdict())
        && is_known(forwarded.connection_verdict())
        && forwarded.websocket_field.is_none()
        && context.takes_no_steps(forwarded.level)
        && !has_special(context, forwarded.level, special)
}

/// Whether one of these directives is in effect, or a block in the location has settings of its own.
fn has_special(context: &Context<'_>, level: LevelId, special: &[DirectiveId]) -> bool {
    let configuration = context.configuration;
    // What a location rejects itself, `error_page` may lead here; a file that is missing is no
    // handshake, and of a named location its own rule knows more.
    let rejects = |&from: &LevelId| {
        [d::RETURN, d::INTERNAL]
            .iter()
            .any(|&id| configuration.own(from, id).iter().next().is_some())
    };
    let is_led_to = || {
        let location = configuration.enclosing(level, LevelKind::Location);
        location.is_some_and(|location| {
            !is_led_only(configuration, location) && context.led_from(location).iter().any(rejects)
        })
    };
    special.iter().any(|&id| settings::value(configuration, level, id).is_some())
        || special.contains(&d::ERROR_PAGE) && is_led_to()
        || configuration.children(level).any(|child| {
            matches!(configuration.level(child).kind, LevelKind::LimitExcept | LevelKind::If)
        })
}

/// A handshake that fails, with the reasons that nobody has named.
struct Failure {
    target: String,
    trace: Trace,
    reasons: Vec<Reason>,
}

/// Follows some handshakes to a location.
fn of_location(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    known: &FindingsByPlace<'_>,
) -> Option<Finding> {
    let configuration = context.configuration;
    let location = configuration.enclosing(forwarded.level, LevelKind::Location)?;
    let mut failures: Vec<Failure> = Vec::new();
    let mut succeed = false;
    for sample in context.tracer().sample_handshakes(forwarded.level) {
        let SampleHandshake { target, trace, depends_on_client } = sample;
        // That of a client with another address may succeed.
        succeed |= depends_on_client;
        match trace.outcome.kind {
            Kind::Switches => succeed = true,
            Kind::Refused => {
                let explained = known.explaining(configuration, &trace);
                let is_named = |reason: &Reason| {
                    explained.iter().any(|(kind, _)| *kind == reason.kind)
                        || !context.reports(rule_about(reason.kind))
                        // Around a fragment it may be set.
                        || reason.place.is_none() && !configuration.is_whole()
                        // An internal location rejects clients on purpose.
                        || reason.kind == ReasonKind::Internal
                        || depends_on_client && reason.kind == ReasonKind::LimitExcept
                };
                let reasons: Vec<Reason> =
                    trace.outcome.reasons.iter().copied().filter(|it| !is_named(it)).collect();
                // One reason that is named explains enough.
                if reasons.len() == trace.outcome.reasons.len() && !reasons.is_empty() {
                    failures.push(Failure { target, trace, reasons });
                } else if reasons.is_empty() && !trace.outcome.reasons.is_empty() {
                    return None;
                }
            }
            Kind::Unknown | Kind::NotLoaded => {}
        }
    }
    let failure = failures.into_iter().next()?;
    let head = configuration.head(location)?;
    let place = Place { file: head.reference.file, span: head.directive.words_span() };
    Some(finding(context, &failure, place, succeed))
}

fn finding(context: &Context<'_>, failure: &Failure, place: Place, some_succeed: bool) -> Finding {
    let reason = failure.reasons[0];
    let tree = &context.configuration.loaded.sources.get(place.file).tree;
    let shown = String::from_utf8_lossy(tree.slice(place.span)).into_owned();
    let which = if some_succeed { "some handshakes" } else { "handshakes" };
    let message = format!("{which} for `{shown}` fail: {}", worded(reason.kind));
    let mut finding = Finding::new(&RULE, place, message)
        .about(failure.reasons.iter().map(|reason| reason.kind))
        .at_place("WebSocket location")
        .help(format!("run `wslint trace` with the path `{}` to see each step", failure.target));
    for decided in failure.reasons.iter().filter_map(|reason| reason.place) {
        if decided != place && finding.labels.iter().all(|label| label.place != decided) {
            finding = finding.label(decided, "decides what the backend gets");
        }
    }
    if let Some(ended) = failure.trace.outcome.place
        && finding.labels.is_empty()
    {
        finding = finding.label(ended, "the handshake gets this far");
    }
    if some_succeed { finding.severity(Severity::Warning) } else { finding }
}

/// A reason, as the end of "handshakes fail: …".
fn worded(kind: ReasonKind) -> &'static str {
    match kind {
        ReasonKind::Method => "the method is not `GET`",
        ReasonKind::Http10 => "nginx talks HTTP/1.0 to the backend",
        ReasonKind::Http2 => "nginx talks HTTP/2 to the backend",
        ReasonKind::UpgradeMissing => "`Upgrade` is not sent",
        ReasonKind::UpgradeValue => "`Upgrade` is not `websocket`",
        ReasonKind::ConnectionMissing => "`Connection: upgrade` is not sent",
        ReasonKind::ConnectionValue => "`Connection` does not contain `upgrade`",
        ReasonKind::SeveralHosts => "`Host` is sent more than once",
        ReasonKind::WebSocketHeader => "a `Sec-WebSocket-*` header is replaced",
        ReasonKind::HeadersNotPassed => "the client's headers are not sent",
        ReasonKind::OtherKey => "the backend gets another `Sec-WebSocket-Key`",
        ReasonKind::ResponseHeaderHidden => "the 101 lacks a required header",
        ReasonKind::ErrorPageStatus => "`error_page` replaces the status 101",
        ReasonKind::Cached => "a cached response can replace the 101",
        ReasonKind::AuthRequestUpgrades => "the `auth_request` subrequest upgrades",
        ReasonKind::MirrorUpgrades => "the `mirror` subrequest upgrades",
        ReasonKind::NoResolver => "there is no `resolver` for the backend's name",
        ReasonKind::AllServersDown => "every server of the upstream is `down`",
        ReasonKind::Handler => "this handler can't upgrade",
        ReasonKind::Internal => "the location is `internal`",
        ReasonKind::LimitExcept => "`limit_except` denies `GET`",
    }
}
