//! No line of the map gives a value for a handshake.

use crate::cause::map_fault::{Fault, Kind};
use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::mend_map;
use crate::rules::MAP_MISSING_DEFAULT as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for fault in context.map_faults().of(Kind::MissingDefault) {
        findings.push(finding(context, fault));
    }
}

fn finding(context: &Context<'_>, fault: &Fault) -> Finding {
    let message = format!(
        "`${}` is empty for {}: no line of this map matches it and there is no `default`, so \
         `Connection` is not sent",
        fault.the_map(context).variable,
        fault.client
    );
    let finding = Finding::new(&RULE, fault.place(context), message)
        .at_place("has no `default`")
        .help(fault.cure(context));
    fault.label_uses(finding).mended_by(mend_map(context, fault))
}
