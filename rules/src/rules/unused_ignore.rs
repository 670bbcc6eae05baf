//! `unused-ignore`

use crate::finding::{Category, Effect, Severity};
use crate::rule::Rule;

/// See the rule's page.
pub(crate) static RULE: Rule = Rule {
    name: "unused-ignore",
    category: Category::Text,
    severity: Severity::Warning,
    effect: Effect::Advice,
    summary: "a comment that ignores a rule, but silences nothing",
    page: include_str!("../../../docs/rules/unused-ignore.md"),
    // What a comment silences is known when all rules have spoken: `suppression` reports it.
    check: |_, _| {},
};
