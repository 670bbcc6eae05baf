//! Several maps of one variable, of which the last counts.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::{Map, Part, parts};
use wslint_model::handshake::proxied_request::is_handshake_field;
use wslint_model::intent::uses_upgrade;
use wslint_model::source::DirectiveRef;
use wslint_model::validate::{Problem, ProblemKind};

use crate::cause::map_fault::{Fault, Kind};
use crate::context::Context;
use crate::finding::{Effect, Finding, FindingFix, Severity};
use crate::fix_writing::{Edits, has_comment, remove_block};
use crate::map_comparison::is_same;
use crate::rules::MAP_REDEFINED as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let maps = context.variables.maps();
    let misplaced = misplaced(context);
    // In a template, one of them may be left out.
    if !context.templates().is_empty() {
        return;
    }
    let mut by_name: FxHashMap<&str, Vec<&Map>> = FxHashMap::default();
    let mut names = Vec::new();
    let mut seen = FxHashSet::default();
    for map in maps {
        // A file that is included twice has its map twice.
        // One that stands in a server has a rule of its own.
        if seen.insert(map.reference) && !misplaced.contains(&map.reference) {
            let same = by_name.entry(&map.variable).or_default();
            same.push(map);
            if same.len() == 2 {
                names.push(map.variable.as_str());
            }
        }
    }
    if names.is_empty() {
        return;
    }
    let mut broken: FxHashMap<DirectiveRef, Vec<&Fault>> = FxHashMap::default();
    for fault in context.map_faults().of(Kind::Redefined) {
        broken.entry(fault.the_map(context).reference).or_default().push(fault);
    }
    let sent = sent(context);
    for name in names {
        let Some((&last, earlier)) = by_name[name].split_last() else { continue };
        let broken = broken.get(&last.reference).map_or(&[][..], Vec::as_slice);
        let is_about_upgrade = sent.contains(name)
            || by_name[name].iter().any(|map| uses_upgrade(context, &map.source, 4));
        findings.push(finding(context, last, earlier, broken, is_about_upgrade));
    }
}

fn finding(
    context: &Context<'_>,
    last: &Map,
    earlier: &[&Map],
    broken: &[&Fault],
    is_about_upgrade: bool,
) -> Finding {
    let loaded = &context.configuration.loaded;
    let name = &last.variable;
    let same = earlier.iter().all(|map| is_same(map, last));
    let message = match (broken.first(), same) {
        (Some(fault), _) => format!(
            "this map of `${name}` takes the place of an earlier one that is right: `${name}` is {} \
             for {}",
            fault.value.shown(),
            fault.client,
        ),
        (None, true) => {
            format!(
                "`${name}` is defined twice, in the same way: of several maps only the last counts"
            )
        }
        (None, false) => {
            format!("this map of `${name}` takes the place of an earlier one, which has no effect")
        }
    };
    let mut finding = Finding::new(&RULE, last.place(loaded), message)
        .at_place("read last: this one counts")
        .help(if broken.is_empty() {
            "take the one away that has no effect, or call one otherwise"
        } else {
            "take this one away, or call one otherwise"
        })
        .mended_by(fix(context, last, earlier, broken));
    for map in earlier {
        finding = finding.label(map.place(loaded), "has no effect");
    }
    for fault in broken {
        finding = fault.label_uses(finding);
    }
    if !broken.is_empty() {
        finding.severity(Severity::Error).effect(Effect::HandshakeFails)
    } else if same || !is_about_upgrade {
        finding.severity(Severity::Info).effect(Effect::Advice)
    } else {
        finding
    }
}

/// Takes the maps away that have no effect; where the one that has is wrong, all but the one that is
/// right.
fn fix(
    context: &Context<'_>,
    last: &Map,
    earlier: &[&Map],
    broken: &[&Fault],
) -> Option<FindingFix> {
    let all = || earlier.iter().copied().chain([last]);
    // Of a file that is included twice, all copies would go.
    if all().any(|map| context.copies().of(map.reference) != 1) {
        return None;
    }
    let kept = match broken {
        [] => last.reference,
        [fault, others @ ..] if others.iter().all(|it| it.line == fault.line) => fault.line?,
        _ => return None,
    };
    if !all().any(|map| map.reference == kept) {
        return None;
    }
    let mut edits = Edits::default();
    let mut is_safe = broken.is_empty();
    for map in all().filter(|map| map.reference != kept) {
        let block = context.configuration.setting(map.reference).directive;
        // Another configuration may include that file alone.
        is_safe &=
            is_same(map, last) && map.reference.file == last.reference.file && !has_comment(block);
        edits.add_in(map.reference.file, remove_block(block)?);
    }
    let message = match (broken, earlier) {
        ([], [_]) => "take the map away that has no effect",
        ([], _) => "take the maps away that have no effect",
        _ => "let the map count that is right, and take the other away",
    };
    edits.ask_unless(is_safe).into_fix(message)
}

/// The maps that nginx refuses because of where they stand.
fn misplaced(context: &Context<'_>) -> FxHashSet<DirectiveRef> {
    let is_map = |problem: &&Problem| matches!(problem.kind, ProblemKind::Misplaced(d::MAP));
    context.problems().iter().filter(is_map).map(|problem| problem.reference).collect()
}

/// The variables in the values of `Upgrade` and `Connection`, in lower case.
fn sent(context: &Context<'_>) -> FxHashSet<String> {
    let mut sent = FxHashSet::default();
    for line in context.header_lines() {
        let name = line.value(0).unwrap_or_default();
        let value = line.value(1).unwrap_or_default();
        if is_handshake_field(&name) {
            sent.extend(parts(&value).filter_map(|part| match part {
                Part::Variable { name, .. } => Some(name.to_ascii_lowercase()),
                _ => None,
            }));
        }
    }
    sent
}
