//! A map looks at a mistyped variable, which is always empty.

use rustc_hash::FxHashMap;
use wslint_grammar::{Edit, Fix};
use wslint_model::evaluate::{Map, Part, mistyped, parts, place_in_word};

use crate::cause::map_fault::{Fault, Kind, is_mistyped};
use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::rules::MAP_SOURCE_TYPO as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut faults: FxHashMap<usize, Vec<&Fault>> = FxHashMap::default();
    for fault in context.map_faults().of(Kind::SourceTypo) {
        faults.entry(fault.map).or_default().push(fault);
    }
    for (number, map) in context.variables.maps().iter().enumerate() {
        if !is_mistyped(context, &map.source) {
            continue;
        }
        let faults = faults.get(&number).map_or(&[][..], Vec::as_slice);
        findings.extend(finding(context, map, faults));
    }
}

fn finding(context: &Context<'_>, map: &Map, faults: &[&Fault]) -> Option<Finding> {
    let head = context.configuration.setting(map.reference);
    let word = head.directive.argument(0)?;
    let value = word.value();
    let (name, range, meant) = parts(&value).find_map(|part| match part {
        Part::Variable { name, range } => Some((name, range, mistyped(name)?)),
        _ => None,
    })?;
    let place = place_in_word(map.reference.file, word, &range);
    let message = format!(
        "`${name}` is always empty, so the map sees no handshake: no client sends such a field, and \
         nginx takes every name that begins with `http_`"
    );
    let mut finding =
        Finding::new(&RULE, place, message).at_place("mistyped").help(format!("write `${meant}`"));
    if !word.is_escaped() {
        let has_braces = value[range.clone()].starts_with(b"${");
        let text = if has_braces { format!("${{{meant}}}") } else { format!("${meant}") };
        finding = finding
            .fix(Fix::safe(format!("write `${meant}`"), vec![Edit::replace(place.span, text)]));
    }
    // Where all that use it is in sight, it may be used for nothing that fails.
    if !faults.iter().any(|fault| fault.fails)
        && (!faults.is_empty() || context.configuration.is_whole())
    {
        finding = finding.severity(Severity::Warning).effect(Effect::Degraded);
    }
    Some(faults.iter().fold(finding, |finding, fault| fault.label_uses(finding)))
}
