//! A variable that only another server sets, and that is empty here.

use crate::cause::set_variable::Uninitialised;
use crate::context::Context;
use crate::finding::Finding;
use crate::rules::SET_VARIABLE_UNINITIALISED as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for uninitialised in &context.set_faults().uninitialised {
        findings.extend(finding(context, uninitialised));
    }
}

fn finding(context: &Context<'_>, uninitialised: &Uninitialised) -> Option<Finding> {
    let Uninitialised { name, .. } = uninitialised;
    let (&first, others) = uninitialised.uses.places().split_first()?;
    let mut finding = Finding::new(
        &RULE,
        first,
        format!(
            "`${name}` is empty here: the configuration loads because another server sets it, but \
             no request of this server comes by there"
        ),
    )
    .at_place("never set in this server")
    .help(format!("set `${name}` in this server too, or define it by a `map` for all of them"));
    for &other in others {
        finding = finding.label(other, "and here");
    }
    for &set in &uninitialised.sets {
        finding = finding.label(context.configuration.setting(set).place(), "for that server only");
    }
    Some(finding)
}
