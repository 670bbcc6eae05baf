//! `proxy_cache_bypass` and `proxy_no_cache`: the lines of a level add up, and the first one drops
//! those of the level above.

use wslint_grammar::{DirectiveId, Edit, Word};
use wslint_model::resolve::{Effective, LevelId};

use super::block::{Block, merged, settable};
use super::columns::NewLine;
use super::edits::Edits;
use super::list::spot_for;
use crate::context::Context;
use crate::finding::FileEdit;

/// Adds `argument` to what holds at a level.
fn add_predicate(
    context: &Context<'_>,
    level: LevelId,
    id: DirectiveId,
    argument: &str,
) -> Option<(LevelId, Vec<FileEdit>)> {
    let level = settable(context, level);
    let block = Block::of(context, level)?;
    let mut own = context.configuration.own(level, id).iter();
    if let Some(line) = own.rfind(|line| block.holds(*line)) {
        let end = line.directive.arguments().next_back()?.span().end;
        let edit = Edit::insert(end, format!(" {argument}"));
        return Some((level, vec![FileEdit { file: block.file, edit }]));
    }
    let inherited = match context.configuration.effective(level, id) {
        Effective::Set(lines) if lines.level == level => None,
        Effective::Set(lines) if lines.unseen.is_some() => return None,
        Effective::Set(lines) => Some(lines),
        Effective::Default => None,
        Effective::Unknown(_) => return None,
    };
    let lines = inherited.into_iter().flat_map(|lines| lines.iter());
    let raw = |word: Word<'_>| String::from_utf8_lossy(word.raw()).into_owned();
    let mut line = NewLine::new(id.name(), &[]);
    for kept in lines.flat_map(|line| line.directive.arguments()).map(raw) {
        if !line.arguments.contains(&kept) {
            line.arguments.push(kept);
        }
    }
    line.arguments.push(argument.to_owned());
    let (block, spot) = spot_for(context, level, id)?;
    Some((level, vec![spot.write(context.style(block.file), &[line.beside(block)])]))
}

/// Adds `argument` to what holds at several levels.
pub(crate) fn add_predicate_everywhere(
    context: &Context<'_>,
    levels: &[LevelId],
    id: DirectiveId,
    argument: &str,
) -> Option<Edits> {
    let mut added = Vec::new();
    for &level in levels {
        added.push(add_predicate(context, level, id, argument)?);
    }
    merged(context, added)
}
