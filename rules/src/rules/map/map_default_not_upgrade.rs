//! The map gives something other than `upgrade` for a handshake.

use wslint_model::evaluate::MapKey;
use wslint_model::handshake::proxied_request::has_upgrade_token;
use wslint_model::source::DirectiveRef;

use crate::cause::map_fault::{Fault, Kind};
use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::mend_map;
use crate::rules::MAP_DEFAULT_NOT_UPGRADE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for fault in context.map_faults().of(Kind::DefaultNotUpgrade) {
        findings.extend(fault.entry.map(|entry| finding(context, fault, entry)));
    }
}

fn finding(context: &Context<'_>, fault: &Fault, entry: DirectiveRef) -> Finding {
    let setting = context.configuration.setting(entry);
    let map = fault.the_map(context);
    let message = format!(
        "`${}` is {} for {}, so `Connection` does not ask the backend for an upgrade",
        map.variable,
        fault.value.shown(),
        fault.client,
    );
    let upgrading = map.entries.iter().find(|entry| {
        matches!(&entry.key, Some(MapKey::Text(key)) if key.is_empty())
            && has_upgrade_token(&entry.value)
    });
    let is_default = map.default().is_some_and(|default| default.reference == entry);
    let mut finding = Finding::new(&RULE, setting.place(), message)
        .at_place("this line is used for it")
        .label(map.place(&context.configuration.loaded), "in this map");
    finding = match upgrading {
        Some(swapped) if is_default => finding
            .label(
                context.configuration.setting(swapped.reference).place(),
                "and this one for requests without `Upgrade`: the values are swapped",
            )
            .help(format!("write `default upgrade;` and `{}`", fault.empty_line())),
        _ => finding.help(fault.cure(context)),
    };
    let fix = mend_map(context, fault);
    fault.label_uses(finding).mended_by(fix)
}
