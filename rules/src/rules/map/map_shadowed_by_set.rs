//! `set` gives a map's variable another value.

use crate::cause::set_variable::Shadowed;
use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::rules::MAP_SHADOWED_BY_SET as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for shadowed in &context.set_faults().shadowed {
        findings.push(finding(context, shadowed));
    }
}

fn finding(context: &Context<'_>, shadowed: &Shadowed) -> Finding {
    let Shadowed { name, value, .. } = shadowed;
    let set = context.configuration.setting(shadowed.set);
    let map = &context.variables.maps()[shadowed.map];
    let so = match shadowed.fails {
        true => ", and handshakes fail with it",
        false => "",
    };
    let finding = Finding::new(
        &RULE,
        set.place(),
        format!("this takes the place of the map: `${name}` is {} here{so}", value.shown()),
    )
    .at_place("counts for every request that comes by here")
    .label(map.place(&context.configuration.loaded), "is not asked then")
    .help(format!("take the `set` away, or give its variable another name than `${name}`"));
    let finding = match shadowed.fails {
        true => finding.severity(Severity::Error).effect(Effect::HandshakeFails),
        false => finding,
    };
    shadowed.uses.label(finding, "used here")
}
