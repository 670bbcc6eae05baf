//! A location for WebSockets whose handshakes are answered before `proxy_pass`, or elsewhere.

mod own_answer;
mod rivals;

use rivals::Rivals;
use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::Edit;
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::intent;
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::source::DirectiveRef;
use wslint_model::text::location::LocationPattern;

use crate::cause::diagnosis::Diagnosis;
use crate::context::Context;
use crate::finding::{Effect, Finding, FindingFix, Severity};
use crate::fix_writing::{Edits, move_before};
use crate::groups::Groups;
use crate::rules::LOCATION_SHADOWED as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut rivals = Rivals::default();
    let mut groups: Groups<Shadowed<'_>> = Groups::default();
    let mut seen = FxHashSet::default();
    let mut meant: Option<FxHashSet<LevelId>> = None;
    for (forwarded, diagnosis) in context.marked_locations() {
        let level = forwarded.level;
        if configuration.level(level).kind != LevelKind::Location {
            continue;
        }
        let Some((head, pattern)) = context.location_of(level) else { continue };
        if !is_meant_itself(forwarded, diagnosis, &pattern) {
            continue;
        }
        if let Some(answer) = own_answer::first(context, level, &pattern) {
            if seen.insert(answer.line.reference) {
                findings.push(own_answer::finding(context, &answer, forwarded));
            }
        } else if let Some(rival) = rivals.of(context, level, &pattern) {
            let meant = meant.get_or_insert_with(|| {
                context.marked_locations().map(|(forwarded, _)| forwarded.level).collect()
            });
            // What is wrong with that one is said there.
            if !meant.contains(&rival.level)
                && let Some(taker) = configuration.head(rival.level)
            {
                let finding = || finding(taker, &pattern, rival.takes_all);
                let is_path = matches!(pattern, LocationPattern::Prefix { .. });
                let part = Shadowed { head, taker, is_path };
                groups.add_with(taker.place(), finding, head.place(), part);
            }
        }
    }
    let message = "no handshake comes here";
    findings.extend(groups.into_mended(message, |shadowed| fix(context, shadowed)));
}

/// A location that another one takes the handshakes of.
struct Shadowed<'c> {
    head: Setting<'c>,
    taker: Setting<'c>,
    /// It is given by a path, and not by a regular expression.
    is_path: bool,
}

/// Keeps regular expressions out of the locations that are given by a path, and puts the others before
/// the one that takes their handshakes.
fn fix(context: &Context<'_>, shadowed: &[Shadowed<'_>]) -> Option<FindingFix> {
    let mut edits = Edits::default().ask_unless(false);
    let mut copies: FxHashMap<DirectiveRef, usize> = FxHashMap::default();
    for &Shadowed { head, taker, is_path } in shadowed {
        *copies.entry(head.reference).or_default() += 1;
        if is_path {
            let path = head.directive.argument(0)?.span();
            edits.add_in(head.reference.file, Edit::insert(path.start, "^~ "));
        } else {
            move_before(context, head, taker)?.into_iter().for_each(|edit| edits.add(edit));
        }
    }
    // In another place that a file is included by, it may be right.
    if copies.iter().any(|(&head, &count)| context.copies().of(head) != count) {
        return None;
    }
    edits.into_fix(match shadowed.iter().all(|shadowed| shadowed.is_path) {
        true => "write `^~` before the path",
        false => "put the other location before this one",
    })
}

/// Whether it is this location that WebSockets are meant for: headers of the server may be for
/// others.
fn is_meant_itself(
    forwarded: &Forwarded<'_>,
    diagnosis: &Diagnosis<'_>,
    pattern: &LocationPattern,
) -> bool {
    diagnosis.proof.is_said
        || forwarded.headers.set().is_some_and(|lines| lines.level == forwarded.level)
        || intent::has_path_word(pattern)
}

fn finding(taker: Setting<'_>, shadowed: &LocationPattern, takes_all: bool) -> Finding {
    let finding = Finding::new(
        &RULE,
        taker.place(),
        "this location takes the handshakes that are meant for another one, and none of them \
         becomes a WebSocket",
    )
    .at_place("nginx prefers this one")
    .help(format!(
        "{}, or make this pattern narrower",
        match shadowed {
            LocationPattern::Regex(_) => "put the other location before this one",
            _ => "write `^~` before the path of the other location",
        }
    ));
    if takes_all { finding } else { finding.severity(Severity::Warning).effect(Effect::Degraded) }
}
