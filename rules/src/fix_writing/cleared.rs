//! `Upgrade` and `Connection` without a value: no handshake for the backend of a sub-request.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Word};
use wslint_model::handshake::proxied_request::is_handshake_field;
use wslint_model::resolve::{Effective, LevelId, Lines, Setting};

use super::block::{merged, stands_everywhere};
use super::columns::NewLine;
use super::edits::Edits;
use super::list::spot_for;
use crate::context::Context;
use crate::finding::FileEdit;

/// Sends neither `Upgrade` nor `Connection` from some locations: their own lines lose their values;
/// where the lines are inherited, all of them are repeated, these two without a value. `None` where
/// the lines are not all known, or stand elsewhere too.
pub(crate) fn clear_handshake_headers(context: &Context<'_>, levels: &[LevelId]) -> Option<Edits> {
    let mut edits = Edits::default();
    let mut repeated = Vec::new();
    for &level in levels {
        match context.configuration.effective(level, d::PROXY_SET_HEADER) {
            Effective::Set(lines) if lines.unseen.is_some() => return None,
            Effective::Set(lines) if lines.level == level => {
                for line in lines.iter().filter(|line| is_of_handshake(*line)) {
                    let value = line.directive.argument(1)?;
                    if !stands_everywhere(context, line.reference, levels) {
                        return None;
                    }
                    edits.add_in(line.reference.file, Edit::replace(value.span(), "\"\""));
                }
            }
            Effective::Set(lines) => repeated.push((level, vec![repeat(context, level, lines)?])),
            Effective::Default | Effective::Unknown(_) => return None,
        }
    }
    edits.extend(merged(context, repeated)?);
    Some(edits)
}

fn repeat(context: &Context<'_>, level: LevelId, lines: Lines<'_>) -> Option<FileEdit> {
    let (block, spot) = spot_for(context, level, d::PROXY_SET_HEADER)?;
    let mut cleared = FxHashSet::default();
    let mut texts = Vec::new();
    for line in lines.iter() {
        let mut copy = NewLine::copy(line.directive);
        if is_of_handshake(line) {
            let name = line.directive.argument(0)?.value().to_ascii_lowercase();
            if !cleared.insert(name) {
                continue;
            }
            "\"\"".clone_into(copy.arguments.get_mut(1)?);
        }
        texts.push(copy.beside(block));
    }
    Some(spot.write(context.style(block.file), &texts))
}

fn is_of_handshake(line: Setting<'_>) -> bool {
    line.directive.argument(0).map(Word::value).is_some_and(|name| is_handshake_field(&name))
}
