//! What answers in a location.

use wslint_grammar::catalogue::directive as d;
use wslint_model::resolve::LevelId;

use super::block::{Block, merged};
use super::columns::NewLine;
use super::edits::Edits;
use super::spot::Spot;
use crate::context::Context;

/// Writes `proxy_pass` before all else that stands at some levels, with `url` as it is to be
/// written.
pub(crate) fn repeat_proxy_pass(
    context: &Context<'_>,
    levels: impl IntoIterator<Item = LevelId>,
    url: &str,
) -> Option<Edits> {
    let mut written = Vec::new();
    for level in levels {
        let block = Block::of(context, level)?;
        let style = context.style(block.file);
        let spot = match block.children().next() {
            Some(first) => Spot::before(block, style, first),
            None => Spot::at_end(block, style)?,
        };
        let line = NewLine::new(d::PROXY_PASS.name(), &[url]).beside(block);
        written.push((level, vec![spot.write(style, &[line])]));
    }
    merged(context, written)
}
