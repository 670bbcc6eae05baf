//! Lines of a map.

use wslint_grammar::Directive;

use super::block::Block;
use super::columns::{Column, gap};
use super::spot::Spot;
use crate::context::Context;
use crate::evaluate::Map;
use crate::finding::FileEdit;

/// Adds a line to a map, behind those that it has.
pub(crate) fn add_entry(
    context: &Context<'_>,
    map: &Map,
    key: &str,
    value: &str,
) -> Option<FileEdit> {
    let head = context.configuration.setting(map.reference);
    let tree = head.directive.tree();
    let block = Block { file: map.reference.file, tree, head: Some(head.directive) };
    let style = context.style(block.file);
    let entries: Vec<Directive<'_>> = block.children().collect();
    let gaps: Vec<_> = entries
        .iter()
        .filter(|entry| entry.name_word().starts_line())
        .filter_map(|entry| gap(entry.name_word(), entry.argument(0)?))
        .collect();
    let line = format!("{key}{}{value};", Column::of(&gaps).gap(key));
    Some(Spot::at_end(block, style)?.write(style, &[line]))
}
