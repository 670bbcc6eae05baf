//! `directive-duplicate`

use crate::context::Context;
use crate::directive_check::ProblemKind;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "directive-duplicate",
    category: Category::Text,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a directive that may stand only once in a block, twice",
    page: include_str!("../../../docs/rules/directive-duplicate.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems() {
        if let ProblemKind::Duplicate(first) = problem.kind {
            let setting = context.configuration.setting(problem.reference);
            let name = setting.directive.name();
            let name = String::from_utf8_lossy(&name);
            let place = setting.place();
            if context.has_syntax_error_in(place) {
                continue;
            }
            findings.push(
                Finding::new(&RULE, place, format!("\"{name}\" directive is duplicate"))
                    .at_place("stands in the same block again")
                    .label(context.configuration.setting(first).place(), "stands here already")
                    .help("keep one of them"),
            );
        }
    }
}
