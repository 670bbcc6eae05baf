//! A character as the source of a web page writes it, such as `&quot;`.

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::HTML_ENTITIES as RULE;
use crate::syntax_errors;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    syntax_errors::report(context, &RULE, findings, syntax_errors::is_about_entities);
}
