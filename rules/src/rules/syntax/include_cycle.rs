//! An include that leads back to its own file.

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::INCLUDE_CYCLE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
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
