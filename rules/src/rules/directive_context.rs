//! `directive-context`

use wslint_grammar::catalogue::Context as Block;

use super::{if_unsupported_directive, map_wrong_context};
use crate::context::Context;
use crate::directive_check::{Problem, ProblemKind, shown_contexts, shown_places};
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "directive-context",
    category: Category::Text,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a directive in a block that it may not stand in",
    page: include_str!("../../../docs/rules/directive-context.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems() {
        let belongs = match problem.kind {
            ProblemKind::Misplaced(id)
                if !if_unsupported_directive::is_about(id, problem.context)
                    && !map_wrong_context::is_about(id, problem.context) =>
            {
                shown_contexts(id, context)
            }
            ProblemKind::MisplacedAdded(contexts) => shown_places(contexts.iter()),
            _ => continue,
        };
        findings.extend(finding(context, problem, &belongs));
    }
}

fn finding(context: &Context<'_>, problem: &Problem, belongs: &str) -> Option<Finding> {
    let setting = context.configuration.setting(problem.reference);
    let file = setting.reference.file;
    // Where a brace is wrong, directives stand in blocks that they were not written into.
    if context.is_misplaced_by_braces(problem.reference) {
        return None;
    }
    let place = Place { file, span: setting.directive.name_word().span() };
    let block = setting.directive.parent();
    let name = setting.directive.name();
    let name = String::from_utf8_lossy(&name);
    let finding = Finding::new(
        &RULE,
        place,
        format!("\"{name}\" directive is not allowed here, in {}", shown(problem.context)),
    )
    .at_place("not allowed here")
    .help(format!("it may stand in {belongs}"));
    Some(match block {
        Some(block) => finding.label(Place { file, span: block.words_span() }, "in this block"),
        None => finding,
    })
}

fn shown(block: Block) -> String {
    match block {
        Block::Main => "the main level".to_owned(),
        block => format!("`{block}`"),
    }
}
