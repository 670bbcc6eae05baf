//! A block once more, with another head, or in another place.

use wslint_grammar::{Directive, Span};
use wslint_model::resolve::Setting;
use wslint_model::source::Place;

use super::block::Block;
use super::removal::remove_block;
use super::spot::Spot;
use super::style::own_indentation;
use crate::context::Context;
use crate::finding::FileEdit;

/// Writes a block again, before itself, with `head` in the place of its words. `None` where it has a
/// comment for wslint in it, which may be of no use in the copy.
pub(crate) fn copy_before(
    context: &Context<'_>,
    block: Setting<'_>,
    head: &str,
) -> Option<FileEdit> {
    let file = block.reference.file;
    let tree = block.directive.tree();
    if is_damaged(context, block) {
        return None;
    }
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

/// Whether a syntax error is in a block: a copy would have it too.
fn is_damaged(context: &Context<'_>, block: Setting<'_>) -> bool {
    let place = Place { file: block.reference.file, span: block.directive.span() };
    context.has_syntax_error_in(place)
}

/// Moves a block before one that stands above it, beside it. `None` where other text stands on its
/// lines, or a comment above it, which may be about it.
pub(crate) fn move_before(
    context: &Context<'_>,
    block: Setting<'_>,
    other: Setting<'_>,
) -> Option<[FileEdit; 2]> {
    let file = block.reference.file;
    let tree = block.directive.tree();
    let parent = |it: Setting<'_>| it.directive.parent().map(Directive::index);
    let are_beside = other.reference.file == file
        && parent(other) == parent(block)
        && other.directive.index() < block.directive.index();
    let span = block.directive.words_span().to(block.directive.close()?);
    let text = tree.text();
    let line_start = span.start as usize - own_indentation(block.directive)?.len();
    let mut above = text[..line_start].trim_ascii_end().rsplit(|&byte| byte == b'\n');
    let is_explained = above.next().is_some_and(|line| line.trim_ascii_start().starts_with(b"#"));
    let mut behind = text[span.end as usize..].split(|&byte| byte == b'\n');
    let is_alone = behind.next().is_none_or(|rest| rest.trim_ascii().is_empty());
    if is_damaged(context, block)
        || !are_beside
        || is_explained
        || !is_alone
        || context.copies().of(block.reference) != 1
        || context.copies().of(other.reference) != 1
    {
        return None;
    }
    let moved = std::str::from_utf8(tree.slice(span)).ok()?.to_owned();
    let style = context.style(file);
    let around = Block { file, tree, head: block.directive.parent() };
    let spot = Spot::before(around, style, other.directive);
    let cut = FileEdit { file, edit: remove_block(block.directive)? };
    Some([spot.write(style, &[moved, String::new()]), cut])
}
