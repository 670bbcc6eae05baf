//! Settings that only a trace asks for: they are looked up level by level.

use wslint_grammar::DirectiveId;

use crate::resolve::{Configuration, LevelId, LevelKind, Setting};

/// The lines of `ids` at the nearest level that has any of them, in the order of the text.
pub fn nearest<'c>(
    configuration: &'c Configuration,
    level: LevelId,
    ids: &[DirectiveId],
) -> Vec<Setting<'c>> {
    for level in configuration.ancestors(level) {
        let mut lines: Vec<Setting<'c>> =
            ids.iter().flat_map(|&id| configuration.own(level, id).iter()).collect();
        if !lines.is_empty() {
            // One name is sorted already; several are put back in order where one file has them.
            if lines.iter().all(|line| line.reference.file == lines[0].reference.file) {
                lines.sort_by_key(|line| line.reference.index);
            }
            return lines;
        }
    }
    Vec::new()
}

/// The one line of `id` in effect, the last one where nginx takes several.
pub fn value(
    configuration: &Configuration,
    level: LevelId,
    id: DirectiveId,
) -> Option<Setting<'_>> {
    nearest(configuration, level, &[id]).pop()
}

/// The first argument of the line of `id` in effect.
pub fn word(configuration: &Configuration, level: LevelId, id: DirectiveId) -> Option<Vec<u8>> {
    let setting = value(configuration, level, id)?;
    Some(setting.directive.argument(0)?.value().into_owned())
}

/// Whether a flag is on, or what it is by default.
pub fn flag(configuration: &Configuration, level: LevelId, id: DirectiveId, default: bool) -> bool {
    word(configuration, level, id).map_or(default, |word| word.eq_ignore_ascii_case(b"on"))
}

/// The location that a level is, or is in: `if` and `limit_except` belong to one.
pub fn location(configuration: &Configuration, level: LevelId) -> Option<LevelId> {
    configuration.enclosing(level, LevelKind::Location)
}
