//! Silencing findings by comments, and telling which comments silence nothing.
//!
//! Findings are taken away after the check: a rule that another one explains stays quiet, whether
//! or not a comment ignores the other one.

use rustc_hash::FxHashMap;
use wslint_grammar::Span;
use wslint_model::assumptions::Assumptions;
use wslint_model::source::{FileId, Place};

use crate::check::check;
use crate::comments::{Ignore, RuleSet};
use crate::context::Context;
use crate::finding::{Finding, Severity};
use crate::rules::{self, UNUSED_IGNORE};

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
    let mut asked = FxHashMap::default();
    for ignore in ignores {
        asked.entry(ignore.rules).or_insert_with(|| Asked::new(context, ignore.rules));
    }
    // An ignore may be about other ignores, so that those that name this rule are judged last.
    let is_last = |ignore: &Ignore| ignore.rules == RuleSet::Rule(&UNUSED_IGNORE);
    for last in [false, true] {
        let judged: Vec<usize> = (0..ignores.len())
            .filter(|&number| is_last(&ignores[number]) == last && !used[number])
            .filter(|&number| can_be_judged(context, &includes, &asked, &ignores[number]))
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
    let mut open: FxHashMap<RuleSet, Open> = FxHashMap::default();
    let mut file = None;
    let mut silenced = vec![false; findings.len()];
    for number in order {
        let finding = &findings[number];
        let key = (finding.place.file, finding.place.span.start);
        if file.replace(key.0) != Some(key.0) {
            open.clear();
        }
        let begins = |ignore: &Ignore| (ignore.place.file, ignore.covered.start);
        while let Some(it) = starting.next_if(|&it| begins(&ignores[it]) <= key) {
            if ignores[it].place.file == key.0 {
                open.entry(ignores[it].rules).or_default().add(it, &ignores[it]);
            }
        }
        for rules in RuleSet::that_contain(finding.rule) {
            if let Some(open) = open.get_mut(&rules) {
                silenced[number] |= open.cover(finding.place.span, used);
            }
        }
    }
    silenced
}

/// The ignores of one set of rules that begin before some place: however many of them cover a
/// finding, each is looked at only until it has silenced something.
#[derive(Debug, Default)]
struct Open {
    /// Those of each comment that have silenced nothing yet.
    waiting: Vec<(Covering, Vec<usize>)>,
    /// Of those that have, the one that ends last, and the last one of another comment.
    last: [Option<Covering>; 2],
}

/// A comment, and the end of what it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Covering {
    comment: Span,
    end: u32,
}

impl Covering {
    fn covers(self, place: Span) -> bool {
        // A comment does not silence what is said about itself.
        self.end > place.start && !self.comment.contains(place)
    }
}

impl Open {
    fn add(&mut self, number: usize, ignore: &Ignore) {
        let covering = Covering { comment: ignore.comment, end: ignore.covered.end };
        match self.waiting.last_mut() {
            Some((last, numbers)) if *last == covering => numbers.push(number),
            _ => self.waiting.push((covering, vec![number])),
        }
    }

    /// Whether some of them cover a place behind their beginning. Notes which do.
    fn cover(&mut self, place: Span, used: &mut [bool]) -> bool {
        let last = &mut self.last;
        self.waiting.retain(|(covering, numbers)| {
            if covering.covers(place) {
                for &number in numbers {
                    used[number] = true;
                }
                note(last, *covering);
                return false;
            }
            covering.end > place.start
        });
        self.last.iter().flatten().any(|covering| covering.covers(place))
    }
}

/// Keeps the two that end last, of different comments.
fn note([last, other]: &mut [Option<Covering>; 2], new: Covering) {
    match *last {
        None => *last = Some(new),
        Some(known) if known.comment == new.comment => {}
        Some(known) if known.end < new.end => {
            *other = Some(known);
            *last = Some(new);
        }
        Some(_) if other.is_none_or(|other| other.end < new.end) => *other = Some(new),
        Some(_) => {}
    }
}

/// With a syntax error many rules are silent, and what they would have said is not known.
fn has_syntax_error(context: &Context<'_>) -> bool {
    context.configuration.loaded.sources.iter().any(|(_, source)| !source.tree.errors().is_empty())
}

/// Whether it is known that an ignore silences nothing: each of its rules was asked, and the answer
/// is the same on every machine, which it is not where files are included.
fn can_be_judged(
    context: &Context<'_>,
    includes: &[Place],
    asked: &FxHashMap<RuleSet, Asked>,
    ignore: &Ignore,
) -> bool {
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
    let asked = &asked[&ignore.rules];
    asked.all && !is_template(ignore.place.file) && !(asked.include_missing && includes_something())
}

/// What is known of a set of rules.
#[derive(Debug)]
struct Asked {
    /// All of them are in use.
    all: bool,
    /// `include-missing` is one of them.
    include_missing: bool,
}

impl Asked {
    fn new(context: &Context<'_>, rules: RuleSet) -> Self {
        let mut contained = rules::ALL.iter().filter(|rule| rules.contains(rule));
        Self {
            all: contained.clone().all(|rule| context.reports(rule.name)),
            include_missing: contained.any(|rule| rule.name == "include-missing"),
        }
    }
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
        &UNUSED_IGNORE,
        ignore.place,
        format!("this comment ignores `{name}`, but silences nothing"),
    )
    .at_place("nothing of that is found here")
    .help("take it out, so that it hides nothing that comes later");
    // What is not seen here may be what the comment was written for.
    if context.sees_everything() { finding } else { finding.severity(Severity::Info) }
}
