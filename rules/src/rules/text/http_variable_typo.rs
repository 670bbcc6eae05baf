//! A mistyped `$http_upgrade` or `$http_connection`, which is always empty.

use rustc_hash::FxHashSet;
use wslint_grammar::{Edit, Fix};
use wslint_model::evaluate::{Part, mistyped, parts, place_in_word};
use wslint_model::handshake::proxied_request::is_handshake_field;
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::HTTP_VARIABLE_TYPO as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let lines = context.header_lines().iter().filter_map(|&line| {
        let name = line.value(0).unwrap_or_default();
        Some((line, line.directive.argument(1).filter(|_| is_handshake_field(&name))?))
    });
    let mut seen = FxHashSet::default();
    // The same few words stand in most of the lines.
    let mut right = FxHashSet::default();
    for (line, word) in lines {
        if right.contains(word.raw()) {
            continue;
        }
        let mut is_right = true;
        for part in parts(&word.value()) {
            let Part::Variable { name, range } = part else { continue };
            let Some(meant) = mistyped(name) else { continue };
            // A `map` or `set` of this name comes before the client's field.
            if !context.variables.definitions(name).is_empty() {
                continue;
            }
            is_right = false;
            let place = place_in_word(line.reference.file, word, &range);
            if seen.insert(place) {
                // Without braces, what follows would be a part of the name.
                let value = word.value();
                let next = value.get(range.end);
                let is_braced = value[range.clone()].starts_with(b"${")
                    && next.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
                findings.push(finding(place, name, meant, is_braced));
            }
        }
        if is_right {
            right.insert(word.raw());
        }
    }
}

fn finding(place: Place, name: &str, meant: &str, is_braced: bool) -> Finding {
    let right = if is_braced { format!("${{{meant}}}") } else { format!("${meant}") };
    Finding::new(
        &RULE,
        place,
        format!(
            "`${name}` is always empty: no client sends such a field, and nginx takes every name \
             that begins with `http_`"
        ),
    )
    .at_place("mistyped")
    .help(format!("write `{right}`"))
    .fix(Fix::safe(format!("write `{right}`"), vec![Edit::replace(place.span, right)]))
}
