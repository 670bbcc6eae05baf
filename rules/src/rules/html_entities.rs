//! `html-entities`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;
use crate::rules::syntax;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "html-entities",
    category: Category::Text,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a character as the source of a web page writes it, such as `&quot;`",
    page: include_str!("../../../docs/rules/html-entities.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    syntax::report(context, &RULE, findings, syntax::is_about_entities);
}
