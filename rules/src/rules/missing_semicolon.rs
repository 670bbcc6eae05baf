//! `missing-semicolon`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;
use crate::rules::syntax;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "missing-semicolon",
    category: Category::Syntax,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a directive that does not end with `;`",
    page: include_str!("../../../docs/rules/missing-semicolon.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    syntax::report(context, &RULE, findings, syntax::is_about_semicolons);
}
