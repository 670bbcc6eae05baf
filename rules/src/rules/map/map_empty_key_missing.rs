//! The map gives `upgrade` for plain requests too.

use crate::cause::map_fault::{Fault, Kind, has_empty_key};
use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::tell_plain_requests_apart;
use crate::rules::MAP_EMPTY_KEY_MISSING as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for fault in context.map_faults().of(Kind::EmptyKeyMissing) {
        findings.push(finding(context, fault));
    }
}

fn finding(context: &Context<'_>, fault: &Fault) -> Finding {
    let map = fault.the_map(context);
    let message = format!(
        "`${}` is `upgrade` for plain requests too: pages are asked for with a `Connection` that \
         announces an upgrade, which some backends refuse",
        map.variable
    );
    let has_line = has_empty_key(map);
    let place =
        if has_line { fault.place(context) } else { map.place(&context.configuration.loaded) };
    let finding = Finding::new(&RULE, place, message);
    let finding = if has_line {
        finding
            .at_place("this line is used for them")
            .help(format!("write `{}`", fault.empty_line()))
    } else {
        let finding = match fault.entry {
            Some(entry) => {
                let place = context.configuration.setting(entry).place();
                finding.label(place, "is used for plain requests too")
            }
            None => finding,
        };
        finding
            .at_place("has no line for requests without `Upgrade`")
            .help(format!("add `{}`", fault.empty_line()))
    };
    fault.label_uses(finding).mended_by(tell_plain_requests_apart(context, fault))
}
