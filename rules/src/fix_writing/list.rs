//! Lines of lists that a level has of its own or inherits as a whole.

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;
use wslint_model::load::Include;
use wslint_model::resolve::{Effective, LevelId, Lines};
use wslint_model::source::DirectiveRef;

use super::block::{Block, merged, settable};
use super::columns::NewLine;
use super::edits::Edits;
use super::spot::Spot;
use crate::context::Context;
use crate::finding::FileEdit;

/// Adds lines of the list `id` at a level, together with those that it inherits and would lose by
/// that. `None` when it cannot be known what it inherits.
pub(crate) fn add_to_list(
    context: &Context<'_>,
    level: LevelId,
    id: DirectiveId,
    lines: &[NewLine],
) -> Option<(LevelId, Vec<FileEdit>)> {
    let level = settable(context, level);
    let mut written = carried(context, level, id)?;
    written.extend_from_slice(lines);
    let (block, spot) = spot_for(context, level, id)?;
    let style = context.style(block.file);
    let texts: Vec<String> = written.iter().map(|line| line.beside(block)).collect();
    Some((level, vec![spot.write(style, &texts)]))
}

/// Adds a line of the list `id` at each of several levels.
pub(crate) fn add_to_lists(
    context: &Context<'_>,
    levels: impl IntoIterator<Item = LevelId>,
    id: DirectiveId,
    arguments: &[&str],
) -> Option<Edits> {
    let line = [NewLine::new(id.name(), arguments)];
    let mut added = Vec::new();
    for level in levels {
        added.push(add_to_list(context, level, id, &line)?);
    }
    merged(context, added)
}

/// The lines that a level inherits and would lose by its first own one.
pub(super) fn carried(
    context: &Context<'_>,
    level: LevelId,
    id: DirectiveId,
) -> Option<Vec<NewLine>> {
    match context.configuration.effective(level, id) {
        Effective::Set(lines) if lines.level == level => Some(Vec::new()),
        Effective::Set(lines) if lines.unseen.is_some() => None,
        Effective::Set(lines) => Some(copied(context, lines, id)),
        Effective::Default => Some(Vec::new()),
        Effective::Unknown(_) => None,
    }
}

/// The lines as they are written elsewhere, or the `include` that brings them all and nothing else.
fn copied(context: &Context<'_>, lines: Lines<'_>, id: DirectiveId) -> Vec<NewLine> {
    if let Some(include) = pure_include(context, lines, id) {
        return vec![include];
    }
    lines.iter().map(|line| NewLine::copy(line.directive)).collect()
}

fn pure_include(context: &Context<'_>, lines: Lines<'_>, id: DirectiveId) -> Option<NewLine> {
    let file = lines.iter().next()?.reference.file;
    let block = Block::of(context, lines.level)?;
    if block.file == file || !lines.iter().all(|line| line.reference.file == file) {
        return None;
    }
    let include = block.include_of(context, file)?;
    let reference = DirectiveRef { file: block.file, index: include.index() };
    let files = context.configuration.loaded.include(reference).map(Include::files)?;
    let mut inside = context.configuration.loaded.sources.get(file).tree.top_level();
    let is_pure = files == [file] && inside.all(|directive| directive.id() == Some(id));
    is_pure.then(|| NewLine::copy(include))
}

/// Where a line of `id` goes: behind the last own one in the same file, or behind the `include` that
/// brings them, else behind `proxy_pass`.
pub(super) fn spot_for<'c>(
    context: &Context<'c>,
    level: LevelId,
    id: DirectiveId,
) -> Option<(Block<'c>, Spot)> {
    let configuration = context.configuration;
    let block = Block::of(context, level)?;
    let style = context.style(block.file);
    let last = |id: DirectiveId| configuration.own(level, id).iter().next_back();
    let behind_include = |id| {
        let line = last(id).filter(|line| !block.holds(*line))?;
        block.include_of(context, line.reference.file)
    };
    let beside = match id {
        d::PROXY_CACHE_BYPASS | d::PROXY_NO_CACHE => [d::PROXY_CACHE_VALID, d::PROXY_CACHE],
        d::PROXY_SET_HEADER => [d::PROXY_HTTP_VERSION, d::PROXY_PASS],
        _ => [d::PROXY_PASS, d::PROXY_PASS],
    };
    let anchor = block
        .last(id)
        .or_else(|| behind_include(id))
        .or_else(|| beside.into_iter().find_map(|id| block.last(id)))
        .or_else(|| block.last(d::PROXY_PASS))
        .or_else(|| behind_include(d::PROXY_PASS));
    let spot = match anchor {
        Some(anchor) => Spot::after(block, style, anchor)?,
        None => Spot::at_end(block, style)?,
    };
    Some((block, spot))
}
