//! Lines of an `upstream` block.

use wslint_grammar::catalogue::directive as d;
use wslint_model::resolve::LevelId;

use super::block::Block;
use super::columns::NewLine;
use super::edits::Edits;
use super::spot::Spot;
use crate::context::Context;

/// Adds a line before the servers of an upstream, and before its `keepalive`, which must follow the
/// balancing method.
pub(crate) fn add_to_upstream(
    context: &Context<'_>,
    level: LevelId,
    name: &str,
    arguments: &[&str],
) -> Option<Edits> {
    let head = context.configuration.level(level).head?;
    let block = Block::of(context, level)?;
    let style = context.style(block.file);
    if context.copies().of(head) != 1 {
        return None;
    }
    let server =
        block.children().find(|child| matches!(child.id(), Some(d::SERVER | d::KEEPALIVE)));
    let spot = match server {
        Some(server) => Spot::before(block, style, server),
        None => Spot::at_end(block, style)?,
    };
    let mut edits = Edits::default();
    edits.add(spot.write(style, &[NewLine::new(name, arguments).beside(block)]));
    Some(edits)
}
