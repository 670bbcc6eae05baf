//! `upstream-duplicate`

use rustc_hash::FxHashSet;

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::resolve::Setting;
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "upstream-duplicate",
    category: Category::Upstream,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "two upstreams with one name",
    page: include_str!("../../../docs/rules/upstream-duplicate.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut reported = FxHashSet::default();
    for &(level, first) in &context.upstream_groups().duplicates {
        let (Some(head), Some(first)) = (configuration.head(level), configuration.head(first))
        else {
            continue;
        };
        let place = words(head);
        if context.has_syntax_error_in(place) || !reported.insert(head.reference) {
            continue;
        }
        let name = head.directive.argument(0).map(wslint_grammar::Word::value).unwrap_or_default();
        let name = String::from_utf8_lossy(&name);
        let finding = Finding::new(&RULE, place, format!("duplicate upstream \"{name}\""));
        findings.push(if first.reference == head.reference {
            finding.at_place("declared again").help("the file with it is included twice")
        } else {
            finding
                .at_place("names are compared without regard to case")
                .label(words(first), "declared here already")
                .help("join the two blocks, or give one of them another name")
        });
    }
}

fn words(head: Setting<'_>) -> Place {
    Place { file: head.reference.file, span: head.directive.words_span() }
}
