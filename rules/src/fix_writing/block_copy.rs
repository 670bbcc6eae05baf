//! A block once more, with another head.

use wslint_grammar::Span;

use super::block::Block;
use super::spot::Spot;
use crate::context::Context;
use crate::finding::FileEdit;
use crate::resolve::Setting;

/// Writes a block again, before itself, with `head` in the place of its words. `None` where it has a
/// comment for wslint in it, which may be of no use in the copy.
pub(crate) fn copy_before(
    context: &Context<'_>,
    block: Setting<'_>,
    head: &str,
) -> Option<FileEdit> {
    let file = block.reference.file;
    let tree = block.directive.tree();
    let body = Span::new(block.directive.words_span().end, block.directive.close()?.end);
    let body = std::str::from_utf8(tree.slice(body)).ok()?;
    if body.contains("wslint") {
        return None;
    }
    let style = context.style(file);
    let around = Block { file, tree, head: block.directive.parent() };
    let spot = Spot::before(around, style, block.directive);
    Some(spot.write(style, &[format!("{head}{body}"), String::new()]))
}
