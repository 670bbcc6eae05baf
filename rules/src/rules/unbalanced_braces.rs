//! `unbalanced-braces`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;
use crate::rules::syntax;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "unbalanced-braces",
    category: Category::Syntax,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a brace that is missing or too many",
    page: include_str!("../../../docs/rules/unbalanced-braces.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    syntax::report(context, &RULE, findings, syntax::is_about_braces);
}
