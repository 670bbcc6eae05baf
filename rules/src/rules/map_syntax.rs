//! `map-syntax`

use rustc_hash::FxHashSet;

use crate::context::Context;
use crate::evaluate::Map;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::rule::Rule;
use crate::source::DirectiveRef;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "map-syntax",
    category: Category::Map,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a line of a map that nginx refuses",
    page: include_str!("../../../docs/rules/map-syntax.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut seen = FxHashSet::default();
    for map in context.variables.maps() {
        for &line in &map.malformed {
            let place = context.configuration.setting(line).place();
            if seen.insert(line) && !context.has_syntax_error_in(place) {
                findings.push(finding(context, map, line));
            }
        }
    }
}

fn finding(context: &Context<'_>, map: &Map, line: DirectiveRef) -> Finding {
    let setting = context.configuration.setting(line);
    let (at_place, help) = match setting.directive.argument_count() {
        0 => ("a key without a value", "give it a value, or take the line away".to_owned()),
        _ => ("more than a key and a value", "put a `;` behind each pair".to_owned()),
    };
    Finding::new(
        &RULE,
        setting.place(),
        "invalid number of the map parameters: each line of a map is a key and a value",
    )
    .at_place(at_place)
    .label(map.place(&context.configuration.loaded), "in this map")
    .help(help)
}
