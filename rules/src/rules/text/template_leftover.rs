//! A template of another language, which nginx cannot read as it is.

use wslint_grammar::Span;
use wslint_model::source::{FileId, Place};

use crate::context::Context;
use crate::finding::{Effect, Finding};
use crate::rules::TEMPLATE_LEFTOVER as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
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
