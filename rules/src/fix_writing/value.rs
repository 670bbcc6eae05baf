//! Settings with one value.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{DirectiveId, Edit};

use super::block::{Block, merged, settable};
use super::columns::NewLine;
use super::edits::Edits;
use super::list::spot_for;
use super::spot::Spot;
use super::style::like_word;
use crate::context::Context;
use crate::finding::FileEdit;
use crate::resolve::{Effective, LevelId, Setting};
use crate::source::DirectiveRef;

/// Gives a setting another value at some levels: where a level sets it itself the value is
/// replaced, because a second line would keep nginx from starting; else a line is added to the
/// level, so that no other one changes.
pub(crate) fn set_value(
    context: &Context<'_>,
    id: DirectiveId,
    value: &str,
    levels: impl IntoIterator<Item = LevelId>,
) -> Option<Edits> {
    let levels: Vec<LevelId> = levels.into_iter().map(|level| settable(context, level)).collect();
    let mut added = Vec::new();
    let mut replaced: Vec<(DirectiveRef, Edit, FxHashSet<LevelId>)> = Vec::new();
    for &level in &levels {
        let own = context.configuration.own(level, id).iter().next_back();
        if let Some(line) = own {
            match replaced.iter_mut().find(|(reference, ..)| *reference == line.reference) {
                Some((.., at)) => _ = at.insert(level),
                None => {
                    let at = FxHashSet::from_iter([level]);
                    replaced.push((line.reference, replace(line, value)?, at));
                }
            }
        } else {
            added.push((level, vec![add_value(context, level, id, value)?]));
        }
    }
    let mut edits = merged(context, added)?;
    for (line, edit, at) in replaced {
        // It stands at other levels too, for which it may be right.
        if context.copies().of(line) != at.len() {
            return None;
        }
        edits.add_in(line.file, edit);
    }
    Some(edits)
}

/// Speaks HTTP/1.1 to the backends of some levels, for which one line says something else. Where no
/// other location follows that line, it is that line that changes.
pub(crate) fn set_http_version(context: &Context<'_>, levels: &[LevelId]) -> Option<Edits> {
    let id = d::PROXY_HTTP_VERSION;
    let line = context.configuration.value(*levels.first()?, id).set()?;
    if stands_for_all(context, line, levels.len()) {
        let mut edits = Edits::default();
        edits.add_in(line.reference.file, replace(line, "1.1")?);
        return Some(edits);
    }
    set_value(context, id, "1.1", levels.iter().copied())
}

/// Whether no more than `count` locations follow a `proxy_http_version`.
fn stands_for_all(context: &Context<'_>, line: Setting<'_>, count: usize) -> bool {
    context.followers_of_version(line.reference) <= count
}

fn replace(line: Setting<'_>, value: &str) -> Option<Edit> {
    let word = line.directive.argument(0)?;
    Some(Edit::replace(word.span(), like_word(word, value)))
}

/// A line that sets a value at a level that does not set it.
pub(super) fn add_value(
    context: &Context<'_>,
    level: LevelId,
    id: DirectiveId,
    value: &str,
) -> Option<FileEdit> {
    let configuration = context.configuration;
    // Of a fragment, or with an include that is not seen, another line may stand at that level.
    if configuration.level(level).unseen.is_some()
        && matches!(configuration.value(level, id), Effective::Unknown(_) | Effective::Default)
    {
        return None;
    }
    let block = Block::of(context, level)?;
    let style = context.style(block.file);
    let pass = block.last(d::PROXY_PASS);
    let spot = match pass {
        Some(pass) => Spot::after(block, style, pass)?,
        None => spot_for(context, level, id)?.1,
    };
    let line = NewLine::new(id.name(), &[value]).beside(block);
    Some(spot.write(style, &[line]))
}
