//! A map gives the name of the protocol for `Connection`.

use wslint_grammar::{Edit, Fix};
use wslint_model::source::DirectiveRef;

use crate::cause::map_fault::{Fault, Kind};
use crate::context::Context;
use crate::finding::Finding;
use crate::rules::MAP_VALUE_WRONG as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for fault in context.map_faults().of(Kind::ValueWrong) {
        findings.extend(fault.entry.map(|entry| finding(context, fault, entry)));
    }
}

fn finding(context: &Context<'_>, fault: &Fault, entry: DirectiveRef) -> Finding {
    let setting = context.configuration.setting(entry);
    let map = fault.the_map(context);
    let message = format!(
        "`${}` is {} for {}: that is a value of `Upgrade`, and in `Connection` the backend looks \
         for the token `upgrade`",
        map.variable,
        fault.value.shown(),
        fault.client,
    );
    // A map that is right for `Upgrade` is used in the wrong place.
    if fault.is_right_for_upgrade
        && let Some((&first, others)) = fault.uses.places().split_first()
    {
        let finding = Finding::new(&RULE, first, message)
            .at_place("must give `upgrade` for a handshake")
            .label(setting.place(), "the value comes from here, and is right for `Upgrade`")
            .help(
                "use a variable of its own for `Connection`: `map $http_upgrade \
                 $connection_upgrade { default upgrade; '' close; }`",
            );
        return others.iter().fold(finding, |finding, &place| finding.label(place, "and here"));
    }
    let finding = Finding::new(&RULE, setting.place(), message)
        .at_place("this line is used for it")
        .label(map.place(&context.configuration.loaded), "in this map")
        .help("let the line give `upgrade`");
    let finding = match setting.directive.argument(0) {
        Some(value) if value.span().start > setting.directive.name_word().span().start => {
            finding.fix(Fix::safe("write `upgrade`", vec![Edit::replace(value.span(), "upgrade")]))
        }
        _ => finding,
    };
    fault.label_uses(finding)
}
