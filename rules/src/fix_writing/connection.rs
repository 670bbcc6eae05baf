//! What to write for `Connection`.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Quote, Word};

use super::edits::Edits;
use super::style::FileStyle;
use crate::context::Context;
use crate::handshake::has_upgrade_token;
use crate::handshake::traffic::{Traffic, traffic};
use crate::resolve::LevelId;
use crate::source::FileId;

/// A value for `Connection`.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionValue {
    /// The word, with its quotes.
    pub(crate) word: String,
    /// What must be written for it elsewhere: the map.
    pub(crate) edits: Edits,
    defines: bool,
}

impl ConnectionValue {
    fn new(word: impl Into<String>, is_safe: bool) -> Self {
        Self { word: word.into(), edits: Edits::default().ask_unless(is_safe), defines: false }
    }

    /// Whether it is the variable of a map that is yet to be written.
    pub(crate) fn is_new(&self) -> bool {
        self.defines
    }

    /// What is written elsewhere, as the end of a sentence.
    pub(crate) fn and_its_map(&self) -> &'static str {
        if self.defines { ", with its map" } else { "" }
    }
}

/// A value that upgrades handshakes at all those levels, to be written in `file`: a map that is
/// there; else the plain word where no pages come; else a map to be written.
pub(crate) fn connection_value(
    context: &Context<'_>,
    levels: &[LevelId],
    file: FileId,
) -> ConnectionValue {
    let alone = levels.iter().all(|&level| traffic(context, level) == Traffic::WebSocketsAlone);
    if let Some((variable, is_quiet)) = context.upgrade_map().usable(context, levels) {
        return ConnectionValue::new(variable, is_quiet || alone);
    }
    if alone {
        return ConnectionValue::new(usual_literal(context, file), true);
    }
    defined_elsewhere(context)
        .unwrap_or_else(|| ConnectionValue::new(usual_literal(context, file), false))
}

/// The variable of a map that upgrades handshakes at all those levels and leaves plain requests
/// alone: one that is there, or one to be written.
pub(crate) fn connection_variable(
    context: &Context<'_>,
    levels: &[LevelId],
) -> Option<ConnectionValue> {
    match context.upgrade_map().usable(context, levels) {
        Some((variable, true)) => Some(ConnectionValue::new(variable, true)),
        _ => defined_elsewhere(context),
    }
}

/// The variable that the file around a fragment defines, or that of a map to be written.
fn defined_elsewhere(context: &Context<'_>) -> Option<ConnectionValue> {
    let map = context.upgrade_map();
    if let Some(variable) = map.outer() {
        return Some(ConnectionValue::new(variable, true));
    }
    let (edit, is_sure) = map.write()?;
    let mut value = ConnectionValue::new(map.variable(), is_sure);
    value.edits.add(edit);
    value.defines = true;
    Some(value)
}

/// `upgrade` as the file writes it elsewhere, else in the quotes that it prefers.
fn usual_literal(context: &Context<'_>, file: FileId) -> String {
    const ENOUGH: usize = 1000;
    let lines = context.header_lines().iter().filter(|line| line.reference.file == file);
    let written = lines.take(ENOUGH).find_map(|line| {
        let name = line.directive.argument(0)?.value();
        let word = line.directive.argument(1)?;
        let is_literal = name.eq_ignore_ascii_case(b"connection")
            && line.directive.id() == Some(d::PROXY_SET_HEADER)
            && has_upgrade_token(&word.value())
            && !word.value().contains(&b'$')
            && !word.is_escaped();
        is_literal.then(|| String::from_utf8_lossy(word.raw()).into_owned())
    });
    let style: &FileStyle = context.style(file);
    written.unwrap_or_else(|| style.quoted("upgrade"))
}

/// A word for a value, quoted as the one whose place it takes. Variables alone need no quotes.
pub(crate) fn in_place_of(word: Word<'_>, value: &str) -> String {
    let bare = value.trim_matches(['"', '\'']);
    match word.quote() {
        Quote::None => value.to_owned(),
        _ if bare.starts_with('$') => bare.to_owned(),
        _ => super::style::like_word(word, bare),
    }
}
