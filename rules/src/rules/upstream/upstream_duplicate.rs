//! Two upstreams with one name.

use rustc_hash::FxHashSet;
use wslint_grammar::{Directive, Word};
use wslint_model::resolve::Setting;

use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::{Edits, has_comment, remove_block};
use crate::rules::UPSTREAM_DUPLICATE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut reported = FxHashSet::default();
    for &(level, first) in &context.upstream_groups().duplicates {
        let (Some(head), Some(first)) = (configuration.head(level), configuration.head(first))
        else {
            continue;
        };
        let place = head.words_place();
        if context.has_syntax_error_in(place) || !reported.insert(head.reference) {
            continue;
        }
        let name = head.value(0).unwrap_or_default();
        let name = String::from_utf8_lossy(&name);
        let finding = Finding::new(&RULE, place, format!("duplicate upstream \"{name}\""));
        findings.push(if first.reference == head.reference {
            finding.at_place("declared again").help("the file with it is included twice")
        } else {
            finding
                .at_place("names are compared without regard to case")
                .label(first.words_place(), "declared here already")
                .help(match is_same(first.directive, head.directive) {
                    true => "delete one of the two blocks, which say the same",
                    false => "join the two blocks, or give one of them another name",
                })
                .mended_by(fix(context, first, head))
        });
    }
}

/// Deletes the second block, if it says what the first one does.
fn fix(context: &Context<'_>, first: Setting<'_>, second: Setting<'_>) -> Option<FindingFix> {
    if !is_same(first.directive, second.directive)
        || has_comment(second.directive)
        || context.copies().of(second.reference) != 1
        || context.copies().of(first.reference) != 1
    {
        return None;
    }
    let mut edits = Edits::default().ask_unless(false);
    edits.add_in(second.reference.file, remove_block(second.directive)?);
    edits.into_fix("delete the second block")
}

/// Whether two blocks have the same lines in the same order. What another file adds is not compared.
fn is_same(first: Directive<'_>, second: Directive<'_>) -> bool {
    let words = |line: Directive<'_>| -> Vec<Vec<u8>> {
        let name = std::iter::once(line.name_word());
        name.chain(line.arguments()).map(|word: Word<'_>| word.value().into_owned()).collect()
    };
    let is_plain = |line: Directive<'_>| {
        !line.is_block() && line.id() != Some(wslint_grammar::catalogue::directive::INCLUDE)
    };
    let (mut first, mut second) = (first.children(), second.children());
    loop {
        match (first.next(), second.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if is_plain(one) && words(one) == words(other) => {}
            _ => return false,
        }
    }
}
