//! `events-missing`

use wslint_grammar::catalogue::directive;

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::resolve::LevelKind;
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "events-missing",
    category: Category::Capacity,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a whole configuration without an `events` block",
    page: include_str!("../../../docs/rules/events-missing.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let Some((main, level)) = configuration.levels().next() else { return };
    if !configuration.is_whole()
        || level.unseen.is_some()
        || configuration.loaded.some_folder_is_absent
        || context.structure_is_damaged()
    {
        return;
    }
    let mut http = None;
    let mut is_main_file = configuration.own_settings(main).next().is_some();
    for child in configuration.children(main) {
        let Some(head) = configuration.head(child) else { continue };
        if head.directive.id() == Some(directive::EVENTS) {
            return;
        }
        if configuration.level(child).kind == LevelKind::Http {
            http = http.or(Some(head));
        } else {
            is_main_file = true;
        }
    }
    // A file with nothing but `http` or `stream` may well be included at the main level. A mistyped
    // `events` is an unknown directive.
    let Some(http) = http.filter(|_| is_main_file) else { return };
    if configuration.unknown_directives().any(|(level, _)| level == main) {
        return;
    }
    let place = Place { file: http.reference.file, span: http.directive.words_span() };
    findings.push(
        Finding::new(&RULE, place, "no \"events\" section in configuration")
            .at_place("beside this block nginx wants an `events` block")
            .help("add `events {}` before it; its settings have defaults"),
    );
}
