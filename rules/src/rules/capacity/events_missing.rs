//! A whole configuration without an `events` block.

use wslint_grammar::catalogue::directive;
use wslint_model::validate::ProblemKind;

use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::add_before;
use crate::rules::EVENTS_MISSING as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let Some((main, level)) = configuration.levels().next() else { return };
    if !configuration.is_whole()
        || level.unseen.is_some()
        || configuration.loaded.some_folder_is_absent()
        || context.structure_is_damaged()
    {
        return;
    }
    let mut http = None;
    let mut other = None;
    for child in configuration.children(main) {
        let Some(head) = configuration.head(child) else { continue };
        match head.directive.id() {
            Some(directive::EVENTS) => return,
            Some(directive::HTTP) => http = http.or(Some(head)),
            _ => other = other.or(Some(head)),
        }
    }
    // A file with nothing but `http` or `stream` may well be included at the main level, the latter
    // also with the module that it needs.
    let mut settings = configuration.own_settings(main);
    let (beside, block) = match http {
        Some(_) => (other.is_some() || settings.next().is_some(), http),
        None => (settings.any(|it| it.directive.id() != Some(directive::LOAD_MODULE)), other),
    };
    let Some(block) = block.filter(|_| beside) else { return };
    // A mistyped `events` is an unknown directive, and one in another block is misplaced.
    let is_elsewhere = || {
        let mut problems = context.problems().iter();
        context.reports("directive-context")
            && problems.any(|it| matches!(it.kind, ProblemKind::Misplaced(directive::EVENTS)))
    };
    if configuration.unknown_directives().any(|(level, _)| level == main) || is_elsewhere() {
        return;
    }
    let place = block.words_place();
    findings.push(
        Finding::new(&RULE, place, "no \"events\" section in configuration")
            .at_place("beside this block nginx wants an `events` block")
            .help("add `events {}` before it; its settings have defaults")
            .mended_by(add_before(context, block, "events {}")),
    );
}
