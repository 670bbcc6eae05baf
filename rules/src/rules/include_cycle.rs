//! `include-cycle`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "include-cycle",
    category: Category::Syntax,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "an include that leads back to its own file",
    page: include_str!("../../../docs/rules/include-cycle.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    for cycle in &configuration.include_cycles {
        let [others @ .., last] = cycle.chain.as_slice() else { continue };
        let mut finding = Finding::new(
            &RULE,
            configuration.setting(*last).place(),
            "this include leads back to a file that it is included by: nginx reads in a circle until \
             no more files can be opened",
        )
        .at_place("closes the circle");
        for reference in others {
            finding = finding.label(configuration.setting(*reference).place(), "on the way");
        }
        findings.push(finding);
    }
    if let Some(reference) = configuration.include_flood {
        let place = configuration.setting(reference).place();
        findings.push(
            Finding::new(
                &RULE,
                place,
                "files include each other so often that the rest was not followed",
            )
            .at_place("given up here"),
        );
    }
}
