//! A directive that does not end with `;`.

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::MISSING_SEMICOLON as RULE;
use crate::syntax_errors;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    syntax_errors::report(context, &RULE, findings, syntax_errors::is_about_semicolons);
}
