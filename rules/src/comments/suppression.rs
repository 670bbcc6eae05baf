//! Silencing findings by comments, and telling which comments silence nothing.
//!
//! Findings are taken away after the check: a rule that another one explains stays quiet, whether
//! or not a comment ignores the other one.

use crate::assumptions::Assumptions;
use crate::check::check;
use crate::comments::{Ignore, RuleSet};
use crate::context::Context;
use crate::finding::{Finding, Severity};
use crate::rules;
use crate::rules::UNUSED_IGNORE;
use crate::source::{FileId, Place};

/// Takes away what comments ignore, and adds what is to be said of those that ignore nothing.
pub(crate) fn apply(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let ignores = &context.comments().ignores;
    if ignores.is_empty() {
        return;
    }
    let mut used = vec![false; ignores.len()];
    retain_not(&silenced(ignores, findings, &mut used), findings);
    if !context.reports(UNUSED_IGNORE.name) || has_syntax_error(context) {
        return;
    }
    note_used_for_other_versions(context, ignores, &mut used);
    let includes = includes(context);
    // An ignore may be about other ignores, so that those that name this rule are judged last.
    let is_last = |ignore: &Ignore| ignore.rules == RuleSet::Rule(UNUSED_IGNORE);
    for last in [false, true] {
        let judged: Vec<usize> = (0..ignores.len())
            .filter(|&number| is_last(&ignores[number]) == last && !used[number])
            .filter(|&number| can_be_judged(context, &includes, &ignores[number]))
            .collect();
        let mut unused: Vec<Finding> =
            judged.iter().map(|&number| finding(context, &ignores[number])).collect();
        let mut silenced = silenced(ignores, &unused, &mut used);
        // One that has silenced what was to be said of another one is used after all.
        for (silenced, &number) in silenced.iter_mut().zip(&judged) {
            *silenced |= used[number];
        }
        retain_not(&silenced, &mut unused);
        findings.extend(unused);
    }
}

fn retain_not(silenced: &[bool], findings: &mut Vec<Finding>) {
    let mut silenced = silenced.iter();
    findings.retain(|_| silenced.next() != Some(&true));
}

/// Which findings some comment covers. Notes which comments did.
fn silenced(ignores: &[Ignore], findings: &[Finding], used: &mut [bool]) -> Vec<bool> {
    // Both are walked in the order of files and places, with those ignores that are open.
    let mut starting: Vec<usize> = (0..ignores.len()).collect();
    starting.sort_by_key(|&number| (ignores[number].place.file, ignores[number].covered.start));
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|&number| (findings[number].place.file, findings[number].place.span.start));
    let mut starting = starting.into_iter().peekable();
    let mut open: Vec<usize> = Vec::new();
    let mut silenced = vec![false; findings.len()];
    for number in order {
        let finding = &findings[number];
        let key = (finding.place.file, finding.place.span.start);
        let begins = |ignore: &Ignore| (ignore.place.file, ignore.covered.start);
        open.extend(std::iter::from_fn(|| starting.next_if(|&it| begins(&ignores[it]) <= key)));
        open.retain(|&it| ignores[it].place.file == key.0 && ignores[it].covered.end > key.1);
        for &it in &open {
            if ignores[it].rules.contains(finding.rule) && !is_about(finding, &ignores[it]) {
                used[it] = true;
                silenced[number] = true;
            }
        }
    }
    silenced
}

/// Whether a finding is about the comment itself.
fn is_about(finding: &Finding, ignore: &Ignore) -> bool {
    ignore.comment.contains(finding.place.span)
}

/// With a syntax error many rules are silent, and what they would have said is not known.
fn has_syntax_error(context: &Context<'_>) -> bool {
    context.configuration.loaded.sources.iter().any(|(_, source)| !source.tree.errors().is_empty())
}

/// Whether it is known that an ignore silences nothing: each of its rules was asked, and the answer
/// is the same on every machine, which it is not where files are included.
fn can_be_judged(context: &Context<'_>, includes: &[Place], ignore: &Ignore) -> bool {
    let is_template = |file: FileId| context.templates().iter().any(|&(it, _)| it == file);
    let includes_something = || {
        let file = ignore.place.file;
        let first = includes.partition_point(|include| {
            (include.file, include.span.start) < (file, ignore.covered.start)
        });
        includes
            .get(first)
            .is_some_and(|include| include.file == file && include.span.start < ignore.covered.end)
    };
    let mut rules = rules::ALL.iter().filter(|rule| ignore.rules.contains(rule));
    !is_template(ignore.place.file)
        && rules.all(|rule| {
            context.reports(rule.name) && (rule.name != "include-missing" || !includes_something())
        })
}

/// Where the `include` directives are, in the order of files and texts.
fn includes(context: &Context<'_>) -> Vec<Place> {
    let mut includes: Vec<Place> =
        context.configuration.includes().map(|include| include.place()).collect();
    includes.sort_unstable();
    includes
}

/// Notes which ignores silence something for other versions of nginx than the one at hand.
fn note_used_for_other_versions(context: &Context<'_>, ignores: &[Ignore], used: &mut [bool]) {
    if context.nginx_version.is_none() || used.iter().all(|&used| used) {
        return;
    }
    let any_version = Assumptions { nginx_version: None, ..context.assumptions.clone() };
    silenced(ignores, &check(context.configuration, context.rules(), &any_version), used);
}

fn finding(context: &Context<'_>, ignore: &Ignore) -> Finding {
    let tree = &context.configuration.loaded.sources.get(ignore.place.file).tree;
    let name = String::from_utf8_lossy(tree.slice(ignore.place.span)).into_owned();
    let finding = Finding::new(
        UNUSED_IGNORE,
        ignore.place,
        format!("this comment ignores `{name}`, but silences nothing"),
    )
    .at_place("nothing of that is found here")
    .help("take it out, so that it hides nothing that comes later");
    // What is not seen here may be what the comment was written for.
    if context.sees_everything() { finding } else { finding.severity(Severity::Info) }
}
