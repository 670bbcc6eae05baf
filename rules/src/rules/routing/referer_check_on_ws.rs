//! `valid_referers` without `none` keeps handshakes out, which have no `Referer`.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::Condition;
use wslint_model::resolve::{LevelId, LevelKind, Setting, settings};
use wslint_model::rewrite::asks_for_a_referer;
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Groups;
use crate::rules::REFERER_CHECK_ON_WS as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    if context.occurrences().of(configuration, d::VALID_REFERERS).next().is_none() {
        return;
    }
    let mut groups = Groups::default();
    // Many locations have one server.
    let mut by_level: FxHashMap<LevelId, Option<(Setting<'_>, Place)>> = FxHashMap::default();
    for (forwarded, _) in context.websocket_locations() {
        let level = forwarded.level;
        let location = configuration.enclosing(level, LevelKind::Location);
        let around = [location, configuration.level(level).server];
        let refused = around
            .into_iter()
            .flatten()
            .find_map(|level| *by_level.entry(level).or_insert_with(|| refusal(context, level)));
        if let Some((valid, refusal)) = refused {
            groups.add(valid.place(), || finding(valid, refusal), forwarded.pass.place());
        }
    }
    findings.extend(groups.into_findings("no handshake of a browser comes to this backend"));
}

/// The `valid_referers` in effect at a level, and the `return` there for who has none.
fn refusal<'c>(context: &Context<'c>, level: LevelId) -> Option<(Setting<'c>, Place)> {
    let configuration = context.configuration;
    let lines = settings::nearest(configuration, level, &[d::VALID_REFERERS]);
    if !asks_for_a_referer(&lines) {
        return None;
    }
    let answer = configuration.children(level).find_map(|inner| {
        if !matches!(configuration.level(inner).kind, LevelKind::If | LevelKind::IfInServer) {
            return None;
        }
        let holds = match Condition::read(configuration.head(inner)?.directive) {
            Condition::IsSet(left) => is_referer(&left),
            Condition::Equals { left, right, negated } => {
                is_referer(&left) && (right == b"1") != negated
            }
            _ => false,
        };
        let answer = configuration.own(inner, d::RETURN).iter().next()?;
        holds.then(|| answer.place())
    })?;
    Some((lines[0], answer))
}

fn is_referer(variable: &[u8]) -> bool {
    matches!(variable, b"$invalid_referer" | b"${invalid_referer}")
}

fn finding(valid: Setting<'_>, refusal: Place) -> Finding {
    Finding::new(
        &RULE,
        valid.place(),
        "browsers send no `Referer` with a handshake, which counts as invalid where `none` is not \
         listed",
    )
    .at_place("`none` is not among them")
    .label(refusal, "answers handshakes of browsers")
    .help("add `none`; it is `Origin` that tells which page opens a WebSocket")
}
