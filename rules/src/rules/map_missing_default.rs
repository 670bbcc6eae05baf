//! `map-missing-default`

use crate::cause::map_fault::{Fault, faults, is_misspelt_default};
use crate::context::Context;
use crate::evaluate::MapKey;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "map-missing-default",
    category: Category::Map,
    severity: Severity::Error,
    effect: Effect::HandshakeFails,
    summary: "no line of the map gives a value for a handshake",
    page: include_str!("../../../docs/rules/map-missing-default.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for fault in faults(context) {
        if fault.entry.is_none() {
            findings.push(finding(context, fault));
        }
    }
}

fn finding(context: &Context<'_>, fault: Fault<'_>) -> Finding {
    let map = fault.map;
    let message = format!(
        "`${}` is empty for {}: no line of this map matches it and there is no `default`, so \
         `Connection` is not sent",
        map.variable, fault.client
    );
    let place = map.place(&context.configuration.loaded);
    let finding =
        Finding::new(&RULE, place, message).at_place("has no `default`").help(fault.cure());
    let finding = label_misspelt(context, &fault, finding);
    fault.label_uses(finding)
}

/// `default:` and `Default` are ordinary keys.
fn label_misspelt(context: &Context<'_>, fault: &Fault<'_>, finding: Finding) -> Finding {
    let misspelt = fault.map.entries.iter().find(|entry| match &entry.key {
        Some(MapKey::Text(key)) => is_misspelt_default(key),
        _ => false,
    });
    match misspelt {
        Some(entry) => {
            let place = context.configuration.setting(entry.reference).place();
            finding.label(place, "an ordinary key: only `default`, spelt so, is the default")
        }
        None => finding,
    }
}
