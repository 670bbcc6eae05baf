//! Lines of a map.

use wslint_grammar::{Edit, Span};
use wslint_model::evaluate::Map;
use wslint_model::source::DirectiveRef;

use super::block::Block;
use super::columns::{Column, gap};
use super::spot::Spot;
use crate::context::Context;
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
    let line = format!("{key}{}{value};", column(block).gap(key));
    Some(Spot::at_end(block, style)?.write(style, &[line]))
}

/// Gives a line of a map another key, and leaves its value where it stands. `None` for a line that
/// comes from another file: it may stand in other maps too.
pub(crate) fn replace_key(
    context: &Context<'_>,
    map: &Map,
    line: DirectiveRef,
    key: &str,
) -> Option<FileEdit> {
    if line.file != map.reference.file {
        return None;
    }
    let head = context.configuration.setting(map.reference).directive;
    let entry = context.configuration.setting(line).directive;
    let word = entry.name_word();
    let block = Block { file: line.file, tree: head.tree(), head: Some(head) };
    let edit = match (column(block), entry.argument(0)) {
        (column @ Column::At(_), Some(value)) if gap(word, value).is_some() => {
            let span = Span::new(word.span().start, value.span().start);
            Edit::replace(span, format!("{key}{}", column.gap(key)))
        }
        _ => Edit::replace(word.span(), key),
    };
    Some(FileEdit { file: line.file, edit })
}

/// The column that the values of a map stand in.
fn column(block: Block<'_>) -> Column {
    let entries = block.children().filter(|entry| entry.name_word().starts_line());
    let gaps: Vec<_> =
        entries.filter_map(|entry| gap(entry.name_word(), entry.argument(0)?)).collect();
    Column::of(&gaps)
}
