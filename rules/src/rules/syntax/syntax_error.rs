//! Text that nginx cannot read.

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::SYNTAX_ERROR as RULE;
use crate::syntax_errors;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    syntax_errors::report(context, &RULE, findings, |kind| {
        !syntax_errors::is_about_semicolons(kind)
            && !syntax_errors::is_about_braces(kind)
            && !syntax_errors::is_about_characters(kind)
    });
}
