//! A location in a location, which does not inherit `proxy_pass`.

use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::{Part, parts};
use wslint_model::handshake::proxied_request::{Forwarded, SentValues};
use wslint_model::handshake::{By, Kind, Phase, evidence};
use wslint_model::intent::{self, Proof};
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::routing::sample;
use wslint_model::text::address::split_url;
use wslint_model::text::location::LocationPattern;

use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::repeat_proxy_pass;
use crate::groups::Groups;
use crate::rules::NESTED_LOCATION_WITHOUT_HANDLER as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut groups: Groups<(LevelId, Setting<'_>)> = Groups::default();
    for forwarded in context.forwarded() {
        let around = configuration.level(forwarded.level);
        if around.kind != LevelKind::Location || around.children_count() == 0 {
            continue;
        }
        for level in configuration.children(forwarded.level) {
            if configuration.level(level).kind == LevelKind::Location
                && let Some(head) = configuration.head(level)
                && let Some(proof) = proof(context, level, forwarded.pass)
                && gets_no_answer(context, level)
            {
                let (place, pass) = (head.place(), forwarded.pass);
                groups.add_with(place, || finding(head, pass, proof), place, (level, pass));
            }
        }
    }
    findings.extend(groups.into_mended("", |parts| fix(context, parts)));
}

/// Repeats `proxy_pass`.
fn fix(context: &Context<'_>, parts: &[(LevelId, Setting<'_>)]) -> Option<FindingFix> {
    let mut urls = parts.iter().map(|&(level, pass)| url(context, level, pass));
    let url = urls.next()??;
    if !urls.all(|other| other.as_ref() == Some(&url)) {
        return None;
    }
    let mut edits = repeat_proxy_pass(context, parts.iter().map(|&(level, _)| level), &url)?;
    // What the location answers today may be meant.
    edits.ask();
    edits.into_fix(format!("add `proxy_pass {url};`"))
}

/// The URL that lets a location ask for what the one around it would ask for, as it is to be
/// written. A URI takes the place of the location's name, so that what is more of the inner name
/// is more of the URI; a regular expression has no such name, and captures of its own.
fn url(context: &Context<'_>, level: LevelId, pass: Setting<'_>) -> Option<String> {
    let word = pass.directive.argument(0)?;
    let value = word.value();
    let text = std::str::from_utf8(&value).ok()?;
    let raw = || std::str::from_utf8(word.raw()).ok().map(str::to_owned);
    if text.contains('$') {
        let is_capture = |part: Part<'_>| matches!(part, Part::Capture(_));
        return if parts(&value).any(is_capture) { None } else { raw() };
    }
    let is_socket = split_url(text)?.authority.starts_with("unix:");
    if split_url(text)?.uri.is_empty() && !is_socket {
        return raw();
    }
    let around = context.configuration.level(level).parent?;
    let (_, LocationPattern::Prefix { name: outer, .. }) = context.location_of(around)? else {
        return None;
    };
    let (_, LocationPattern::Exact(inner) | LocationPattern::Prefix { name: inner, .. }) =
        context.location_of(level)?
    else {
        return None;
    };
    let rest = inner.strip_prefix(outer.as_slice())?;
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte);
    if is_socket || word.is_escaped() || text.contains('?') || !rest.iter().all(is_plain) {
        return None;
    }
    let whole = format!("{text}{}", std::str::from_utf8(rest).ok()?);
    Some(match word.quote().character() {
        Some(quote) => format!("{quote}{whole}{quote}"),
        None => whole,
    })
}

/// What shows that WebSockets are meant to come to a location that hands them to nobody: upgrade
/// headers are in effect, and it says something about a proxy, or has the name of a WebSocket.
fn proof(context: &Context<'_>, level: LevelId, pass: Setting<'_>) -> Option<Proof> {
    let configuration = context.configuration;
    if configuration.level(level).unseen.is_some() || context.has_unknown_directive(level) {
        return None;
    }
    // It has a backend, and handshakes end there in another way.
    if configuration.has_own(level, d::PROXY_PASS) {
        return None;
    }
    let has_path_word =
        || context.location_of(level).is_some_and(|(_, pattern)| intent::has_path_word(&pattern));
    let settings = || configuration.own_references(level).map(|(id, _)| id);
    if !settings().any(|id| id.name().starts_with("proxy_")) && !has_path_word()
        || settings().any(|id| FILES.contains(&id))
        // Settings for the locations inside it.
        || configuration
            .children(level)
            .any(|inner| configuration.level(inner).kind == LevelKind::Location)
    {
        return None;
    }
    let forwarded = Forwarded::new(
        context,
        level,
        configuration.setting(pass.reference),
        &mut SentValues::default(),
    );
    evidence::proof(context, &forwarded)
}

/// What a location has that is meant to answer with files.
const FILES: [wslint_grammar::DirectiveId; 8] = [
    d::ROOT,
    d::ALIAS,
    d::INDEX,
    d::TRY_FILES,
    d::AUTOINDEX,
    d::RANDOM_INDEX,
    d::EXPIRES,
    d::GZIP_STATIC,
];

/// Whether a handshake that has come to the location ends with the search for a file.
fn gets_no_answer(context: &Context<'_>, level: LevelId) -> bool {
    let Some((_, pattern)) = context.location_of(level) else { return false };
    if matches!(pattern, LocationPattern::Named(_)) {
        return false;
    }
    let target = sample::target(&pattern).unwrap_or_else(|| "/ws".to_owned());
    let trace = context.tracer().arrived(level, &target);
    let is_last = trace.steps.last().is_some_and(|step| step.phase == Phase::Content);
    trace.outcome.kind == Kind::Refused
        && trace.outcome.by == Some(By::Nginx)
        && trace.outcome.reasons.is_empty()
        && is_last
}

fn finding(head: Setting<'_>, pass: Setting<'_>, proof: Proof) -> Finding {
    Finding::new(
        &RULE,
        head.place(),
        "a location does not inherit `proxy_pass` from the one around it: nginx looks for a file \
         here, and the backend never hears of a handshake",
    )
    .at_place("nothing answers in this location")
    .label(pass.place(), "is not inherited")
    .label(proof.place, "meant for WebSockets")
    .help("repeat `proxy_pass` in this location; headers and timeouts are inherited")
}
