//! Two locations with the same path.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::text::location::{LocationName, Modifier};

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::LOCATION_DUPLICATE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    // Where includes run in a circle, locations stand in each other that are not meant to.
    if context.structure_is_damaged() || !configuration.include_cycles.is_empty() {
        return;
    }
    // nginx builds the trees that show duplicates only below paths: not inside a regular
    // expression (`ngx_http_init_static_location_trees`).
    let mut in_tree: Vec<bool> = Vec::with_capacity(configuration.levels().len());
    let mut seen: FxHashMap<(bool, Cow<'_, [u8]>), LevelId> = FxHashMap::default();
    let mut reported = FxHashSet::default();
    for (around, level) in configuration.levels() {
        let parent_in_tree = level.parent.is_some_and(|parent| in_tree[parent.index()]);
        let own = match level.kind {
            LevelKind::Server => true,
            LevelKind::Location => {
                parent_in_tree
                    && level.children_count() > 0
                    && configuration
                        .head(around)
                        .and_then(|head| LocationName::of(head.directive))
                        .is_none_or(|name| name.is_path())
            }
            _ => false,
        };
        in_tree.push(own);
        if !own || level.children_count() < 2 {
            continue;
        }
        seen.clear();
        for location in configuration.children(around) {
            if configuration.level(location).kind != LevelKind::Location {
                continue;
            }
            let Some(head) = configuration.head(location) else { continue };
            let Some(name) = LocationName::of(head.directive).filter(LocationName::is_path) else {
                continue;
            };
            let exact = name.modifier == Modifier::Exact;
            let first = *seen.entry((exact, name.path.clone())).or_insert(location);
            if first != location && reported.insert(head.reference) {
                findings.extend(finding(context, head, first, &name));
            }
        }
    }
}

fn finding(
    context: &Context<'_>,
    head: Setting<'_>,
    first: LevelId,
    name: &LocationName<'_>,
) -> Option<Finding> {
    let place = head.words_place();
    if context.has_syntax_error_in(place) {
        return None;
    }
    let path = String::from_utf8_lossy(&name.path);
    let first = context.configuration.head(first)?;
    let finding = Finding::new(&RULE, place, format!("duplicate location \"{path}\""))
        .at_place("the same path again")
        .help("join the two blocks, or delete one");
    Some(match first.words_place() {
        first if first == place => finding.help("the file with it is included twice"),
        first => finding.label(first, "this location has it already"),
    })
}
