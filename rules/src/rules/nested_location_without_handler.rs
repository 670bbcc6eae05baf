//! `nested-location-without-handler`

use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::handshake::intent::{self, Proof};
use crate::handshake::{Forwarded, SentValues};
use crate::nginx_text::location::LocationPattern;
use crate::resolve::{LevelId, LevelKind, Setting};
use crate::rule::Rule;
use crate::trace::{By, Kind, Phase, sample};

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "nested-location-without-handler",
    category: Category::Inheritance,
    severity: Severity::Error,
    effect: Effect::HandshakeFails,
    summary: "a location in a location, which does not inherit `proxy_pass`",
    page: include_str!("../../../docs/rules/nested-location-without-handler.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut seen = rustc_hash::FxHashSet::default();
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
                && seen.insert(head.reference)
            {
                findings.push(finding(head, forwarded.pass, proof));
            }
        }
    }
}

/// What shows that WebSockets are meant to come to a location that hands them to nobody: upgrade
/// headers are in effect, and it says something about a proxy, or has the name of a WebSocket.
fn proof(context: &Context<'_>, level: LevelId, pass: Setting<'_>) -> Option<Proof> {
    let configuration = context.configuration;
    if configuration.level(level).unseen.is_some() || context.has_unknown_directive(level) {
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
    intent::proof(context, &forwarded)
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
        && trace.outcome.rules.is_empty()
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
