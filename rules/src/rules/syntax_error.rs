//! `syntax-error`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;
use crate::rules::syntax;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "syntax-error",
    category: Category::Syntax,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "text that nginx cannot read",
    page: include_str!("../../../docs/rules/syntax-error.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    syntax::report(context, &RULE, findings, |kind| {
        !syntax::is_about_semicolons(kind)
            && !syntax::is_about_braces(kind)
            && !syntax::is_about_characters(kind)
    });
}
