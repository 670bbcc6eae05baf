//! Settings with one value.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, DirectiveId, Edit};
use wslint_model::resolve::{Effective, LevelId, Setting};
use wslint_model::source::DirectiveRef;

use super::block::{Block, merged, settable};
use super::columns::NewLine;
use super::edits::Edits;
use super::list::spot_for;
use super::spot::Spot;
use super::style::like_word;
use crate::context::Context;
use crate::finding::FileEdit;

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
            let line = match id {
                d::PROXY_HTTP_VERSION => add_http_version(context, level)?,
                _ => add_value(context, level, id, value)?,
            };
            added.push((level, vec![line]));
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

/// As [`set_value`], where it concerns these levels alone. `None` where one of them is in an `if` of
/// a location: it can be set for the location only, whose other requests it would concern as well.
pub(crate) fn set_value_here(
    context: &Context<'_>,
    id: DirectiveId,
    value: &str,
    levels: &[LevelId],
) -> Option<Edits> {
    let are_settable = levels.iter().all(|&level| settable(context, level) == level);
    let edits = set_value(context, id, value, levels.iter().copied()).filter(|_| are_settable);
    // How much of what nobody asked for a person wants, nothing here tells.
    edits.map(|edits| edits.ask_unless(false))
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

/// A line that sets the HTTP version at a level that does not set it: behind `proxy_pass` where that
/// comes before the headers, as one writes it, else beside these.
pub(super) fn add_http_version(context: &Context<'_>, level: LevelId) -> Option<FileEdit> {
    let block = Block::of(context, level)?;
    let first = block
        .children()
        .find(|child| matches!(child.id(), Some(d::PROXY_PASS | d::PROXY_SET_HEADER | d::INCLUDE)));
    let spot = match first.filter(|first| first.id() == Some(d::PROXY_PASS)) {
        Some(pass) => Spot::after(block, context.style(block.file), pass)?,
        None => spot_for(context, level, d::PROXY_SET_HEADER)?.1,
    };
    add_at(context, level, d::PROXY_HTTP_VERSION, "1.1", &spot)
}

/// A line that sets a value at a level that does not set it: behind those that are called alike.
fn add_value(
    context: &Context<'_>,
    level: LevelId,
    id: DirectiveId,
    value: &str,
) -> Option<FileEdit> {
    let block = Block::of(context, level)?;
    let spot = match last_alike(block, id) {
        Some(line) => Spot::after(block, context.style(block.file), line)?,
        None => spot_for(context, level, id)?.1,
    };
    add_at(context, level, id, value, &spot)
}

/// The line of a block to put another one behind: the last of the same module and subject, such as
/// `proxy_ssl_`, else the last of the same module.
fn last_alike(block: Block<'_>, id: DirectiveId) -> Option<Directive<'_>> {
    let name = id.name();
    let module = &name[..=name.find('_')?];
    let subject = name.match_indices('_').nth(1).map_or(module, |(at, _)| &name[..=at]);
    let begins = |start: &str| {
        let lines = block.children().filter(|child| !child.is_block());
        lines.filter(|child| child.name_word().raw().starts_with(start.as_bytes())).last()
    };
    let is_subject = subject.len() > module.len();
    is_subject.then(|| begins(subject)).flatten().or_else(|| begins(module))
}

fn add_at(
    context: &Context<'_>,
    level: LevelId,
    id: DirectiveId,
    value: &str,
    spot: &Spot,
) -> Option<FileEdit> {
    let configuration = context.configuration;
    // Of a fragment, or with an include that is not seen, another line may stand at that level.
    if configuration.level(level).unseen.is_some()
        && matches!(configuration.value(level, id), Effective::Unknown(_) | Effective::Default)
    {
        return None;
    }
    let block = Block::of(context, level)?;
    let line = NewLine::new(id.name(), &[value]).beside(block);
    Some(spot.write(context.style(block.file), &[line]))
}
