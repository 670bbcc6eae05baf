//! `map-wrong-context`

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::{Context as Block, directive as d};

use crate::context::Context;
use crate::directive_check::{Problem, ProblemKind};
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "map-wrong-context",
    category: Category::Map,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a map inside a server or a location",
    page: include_str!("../../../docs/rules/map-wrong-context.md"),
    check,
};

/// Whether this rule reports that a directive stands in the wrong block.
pub(super) fn is_about(id: DirectiveId, block: Block) -> bool {
    id == d::MAP && block != Block::Main
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems() {
        if let ProblemKind::Misplaced(id) = problem.kind
            && is_about(id, problem.context)
            && !context.is_misplaced_by_braces(problem.reference)
        {
            findings.push(finding(context, problem));
        }
    }
}

fn finding(context: &Context<'_>, problem: &Problem) -> Finding {
    let setting = context.configuration.setting(problem.reference);
    let file = setting.reference.file;
    let finding = Finding::new(
        &RULE,
        Place { file, span: setting.directive.words_span() },
        format!(
            "\"map\" directive is not allowed here, in `{}`: a map defines its variable for all of \
             `http`",
            problem.context
        ),
    )
    .at_place("not allowed here")
    .help("move the whole block out, directly into `http`; no other map may define its variable");
    match setting.directive.parent() {
        Some(block) => finding.label(Place { file, span: block.words_span() }, "in this block"),
        None => finding,
    }
}
