//! `limit_except` without `GET` denies handshakes.

mod with_get;

use rustc_hash::FxHashMap;
use with_get::with_get;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix};
use wslint_model::evaluate::{Condition, Truth, Value};
use wslint_model::handshake::Kind;
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::routing::sample;
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Groups;
use crate::rules::LIMIT_EXCEPT_WITHOUT_GET as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.marked_locations() {
        for level in configuration.children(forwarded.level) {
            if configuration.level(level).kind != LevelKind::LimitExcept {
                continue;
            }
            let Some(head) = configuration.head(level) else { continue };
            let lists_get = head.directive.arguments().any(|word| {
                let word = word.value();
                // It is compared without regard to case (`ngx_http_core_limit_except`).
                word.eq_ignore_ascii_case(b"GET") || word.contains(&b'$')
            });
            if lists_get || context.has_syntax_error_in(head.place()) {
                continue;
            }
            if let Some(deny) = denies_all(context, level) {
                groups.add(
                    head.place(),
                    || finding(head, deny, diagnosis.proof.place),
                    forwarded.pass.place(),
                );
            }
        }
    }
    conditions(context, &mut groups);
    findings.extend(groups.into_findings("no handshake comes to this backend"));
}

/// An `if` that refuses some methods, and what it answers.
struct Refusal<'c> {
    head: Setting<'c>,
    answer: Setting<'c>,
}

/// `if ($request_method ...) { return 405; }` that holds for `GET`.
fn conditions(context: &Context<'_>, groups: &mut Groups) {
    let refusals = refusals(context);
    if refusals.is_empty() {
        return;
    }
    for (forwarded, diagnosis) in context.marked_locations() {
        let level = forwarded.level;
        let Some(server) = context.configuration.level(level).server else { continue };
        let Some((_, pattern)) = context.location_of(level) else { continue };
        let around = [context.configuration.enclosing(level, LevelKind::Location), Some(server)];
        let mut known = around.into_iter().flatten().filter_map(|level| refusals.get(&level));
        let Some(refusals) = known.next() else { continue };
        let trace = sample::target(&pattern)
            .and_then(|target| context.tracer().through(server, &target))
            .filter(|trace| trace.outcome.kind == Kind::Refused);
        let Some(answered_at) = trace.and_then(|trace| trace.outcome.place) else { continue };
        let mut all = refusals.iter().chain(known.flatten());
        if let Some(refusal) = all.find(|refusal| refusal.answer.place() == answered_at) {
            groups.add(
                refusal.head.place(),
                || finding_of_condition(refusal, diagnosis.proof.place),
                forwarded.pass.place(),
            );
        }
    }
}

/// All of them, by the level that they stand in.
fn refusals<'c>(context: &Context<'c>) -> FxHashMap<LevelId, Vec<Refusal<'c>>> {
    let configuration = context.configuration;
    let mut refusals: FxHashMap<LevelId, Vec<Refusal<'c>>> = FxHashMap::default();
    for (level, own) in configuration.levels() {
        if !matches!(own.kind, LevelKind::If | LevelKind::IfInServer) {
            continue;
        }
        let (Some(parent), Some(head)) = (own.parent, configuration.head(level)) else { continue };
        if let Some(answer) = configuration.own(level, d::RETURN).iter().next()
            && refuses_get(head)
        {
            refusals.entry(parent).or_default().push(Refusal { head, answer });
        }
    }
    refusals
}

/// Whether an `if` asks for the method, and holds for `GET`.
fn refuses_get(head: Setting<'_>) -> bool {
    let condition = Condition::read(head.directive);
    let (Condition::Equals { left, .. } | Condition::Matches { left, .. }) = &condition else {
        return false;
    };
    matches!(left.as_slice(), b"$request_method" | b"${request_method}")
        && matches!(
            condition.holds(|text| match text {
                text if text == left.as_slice() => Value::known("GET"),
                text if text.contains(&b'$') => Value::unknown("a variable", None),
                text => Value::known(text),
            }),
            Truth::Known(true) | Truth::Tried(true, _)
        )
}

fn finding_of_condition(refusal: &Refusal<'_>, proof: Place) -> Finding {
    let finding = Finding::new(
        &RULE,
        refusal.head.place(),
        "a handshake is a `GET`, for which this condition holds, so that nginx answers it by itself",
    )
    .at_place("holds for `GET`")
    .label(refusal.answer.place(), "answers handshakes")
    .label(proof, "meant for WebSockets")
    .help("let `GET` through");
    match with_get(refusal.head) {
        Some(edits) => finding.fix(Fix::not_safe("let `GET` through", edits)),
        None => finding,
    }
}

/// The `deny all` of a block, when nothing lets anybody in before it or beside it.
fn denies_all<'c>(context: &Context<'c>, level: LevelId) -> Option<Setting<'c>> {
    let configuration = context.configuration;
    if configuration.level(level).unseen.is_some()
        || context.has_unknown_directive(level)
        || configuration.has_own(level, d::ALLOW)
        || may_satisfy_otherwise(context, level)
    {
        return None;
    }
    let mut denials = configuration.own(level, d::DENY).iter();
    denials.find(|deny| deny.value(0).is_some_and(|word| word.as_ref() == b"all"))
}

/// With `satisfy any`, a password or a sub-request may let in who is denied.
fn may_satisfy_otherwise(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    configuration.ancestors(level).any(|level| {
        configuration.level(level).implied
            || configuration.level(level).unseen.is_some()
            || configuration.own(level, d::SATISFY).iter().next().is_some_and(|line| {
                line.directive.argument(0).is_none_or(|word| word.value().as_ref() != b"all")
            })
    })
}

fn finding(head: Setting<'_>, deny: Setting<'_>, proof: Place) -> Finding {
    let last = head.directive.arguments().last().unwrap_or(head.directive.name_word());
    let edit = Edit::insert(last.span().end, " GET");
    Finding::new(
        &RULE,
        head.place(),
        "a handshake is a `GET`, which is not listed here, so that nginx answers it with 403",
    )
    .at_place("holds for every method but these")
    .label(deny.place(), "handshakes are denied here")
    .label(proof, "meant for WebSockets")
    .help("add `GET` to the methods, which lists `HEAD` too")
    .fix(Fix::not_safe("add `GET`", vec![edit]))
}
