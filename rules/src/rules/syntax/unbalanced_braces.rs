//! A brace that is missing or too many.

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::UNBALANCED_BRACES as RULE;
use crate::syntax_errors;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    syntax_errors::report(context, &RULE, findings, syntax_errors::is_about_braces);
}
