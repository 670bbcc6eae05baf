//! A location inside one that it cannot be in.

use rustc_hash::FxHashSet;
use wslint_model::resolve::LevelKind;
use wslint_model::text::location::{LocationName, Modifier};

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::LOCATION_NESTING as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    // Where includes run in a circle, locations stand in each other that are not meant to.
    if context.structure_is_damaged() || !configuration.include_cycles.is_empty() {
        return;
    }
    let mut reported = FxHashSet::default();
    for (location, level) in configuration.levels() {
        let Some(parent) = level.parent else { continue };
        if level.kind != LevelKind::Location
            || configuration.level(parent).kind != LevelKind::Location
        {
            continue;
        }
        let (Some(inner), Some(outer)) = (configuration.head(location), configuration.head(parent))
        else {
            continue;
        };
        let (Some(name), Some(around)) =
            (LocationName::of(inner.directive), LocationName::of(outer.directive))
        else {
            continue;
        };
        if let Some((message, help)) = refused(&name, &around)
            && reported.insert(inner.reference)
            && !context.has_syntax_error_in(inner.words_place())
        {
            findings.push(
                Finding::new(&RULE, inner.words_place(), message)
                    .at_place("cannot stand here")
                    .label(outer.words_place(), "inside this location")
                    .help(help),
            );
        }
    }
}

/// What nginx says about `name` inside `around`, in the order of `ngx_http_core_location`, and what
/// to do.
fn refused(name: &LocationName<'_>, around: &LocationName<'_>) -> Option<(String, &'static str)> {
    const OUT: &str = "put it into the `server` block, beside the other location";
    let inner = String::from_utf8_lossy(&name.path);
    let outer = String::from_utf8_lossy(&around.path);
    match (name.modifier, around.modifier) {
        (_, Modifier::Exact) => Some((
            format!("location \"{inner}\" cannot be inside the exact location \"{outer}\""),
            OUT,
        )),
        (_, Modifier::Named) => Some((
            format!("location \"{inner}\" cannot be inside the named location \"{outer}\""),
            OUT,
        )),
        (Modifier::Named, _) => Some((
            format!("named location \"{inner}\" can be on the server level only"),
            "put it directly into the `server` block",
        )),
        (Modifier::Regex { .. }, _) => None,
        (_, Modifier::Regex { .. }) if !name.path.starts_with(around.path.as_ref()) => Some((
            format!("location \"{inner}\" is outside location \"{outer}\""),
            "inside a regular expression only another regular expression makes sense: write it \
             with `~`",
        )),
        _ if !name.path.starts_with(around.path.as_ref()) => Some((
            format!("location \"{inner}\" is outside location \"{outer}\""),
            "the path must begin with that of the location around it; else put it beside that \
             location",
        )),
        _ => None,
    }
}
