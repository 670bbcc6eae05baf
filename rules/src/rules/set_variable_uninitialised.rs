//! `set-variable-uninitialised`

use crate::cause::set_variable::Uninitialised;
use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "set-variable-uninitialised",
    category: Category::Map,
    severity: Severity::Error,
    effect: Effect::HandshakeFails,
    summary: "a variable that only another server sets, and that is empty here",
    page: include_str!("../../../docs/rules/set-variable-uninitialised.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
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
