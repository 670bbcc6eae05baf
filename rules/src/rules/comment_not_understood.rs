//! `comment-not-understood`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "comment-not-understood",
    category: Category::Text,
    severity: Severity::Warning,
    effect: Effect::Advice,
    summary: "a comment for wslint that says nothing that wslint knows",
    page: include_str!("../../../docs/rules/comment-not-understood.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mistakes = context.comments().mistakes.iter();
    findings.extend(mistakes.map(|mistake| {
        Finding::new(&RULE, mistake.place, &*mistake.message)
            .at_place("not understood")
            .help(&*mistake.help)
    }));
}
