//! A comment for wslint that says nothing that wslint knows.

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::COMMENT_NOT_UNDERSTOOD as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mistakes = context.comments().mistakes.iter();
    findings.extend(mistakes.map(|mistake| {
        Finding::new(&RULE, mistake.place, &*mistake.message)
            .at_place("not understood")
            .help(&*mistake.help)
    }));
}
