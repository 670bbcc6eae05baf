//! `template-leftover`

use wslint_grammar::Span;

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;
use crate::source::{FileId, Place};

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "template-leftover",
    category: Category::Text,
    severity: Severity::Warning,
    effect: Effect::NotLoaded,
    summary: "a template of another language, which nginx cannot read as it is",
    page: include_str!("../../../docs/rules/template-leftover.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for &(file, mark) in context.templates() {
        let finding = finding(file, mark);
        // nginx may take the marks for values, as in `server_name <%= host %>`.
        let loads = context.configuration.loaded.sources.get(file).tree.errors().is_empty();
        findings.push(if loads { finding.effect(Effect::Degraded) } else { finding });
    }
}

fn finding(file: FileId, mark: Span) -> Finding {
    Finding::new(
        &RULE,
        Place { file, span: mark },
        "this file is a template of another language: nginx is not meant to read it as it is, and it \
         was not checked",
    )
    .at_place("the first mark of the template")
    .help("check what the template makes of it")
}
