//! What to write for `Connection`.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Quote, Word};
use wslint_model::handshake::proxied_request::has_upgrade_token;
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::load::Loaded;
use wslint_model::resolve::LevelId;
use wslint_model::source::FileId;

use super::block::{Block, settable};
use super::edits::Edits;
use super::style::FileStyle;
use crate::context::Context;

/// A value for `Connection`.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionValue {
    /// The word, with its quotes.
    pub(crate) word: String,
    /// What must be written for it elsewhere: the map.
    pub(crate) edits: Edits,
    /// That map on one line.
    pub(super) map: Option<String>,
}

impl ConnectionValue {
    fn new(word: impl Into<String>, is_safe: bool) -> Self {
        Self { word: word.into(), edits: Edits::default().ask_unless(is_safe), map: None }
    }

    /// Whether it is the variable of a map that is yet to be written.
    pub(crate) fn is_new(&self) -> bool {
        self.map.is_some()
    }

    /// The line.
    pub(crate) fn line(&self) -> String {
        format!("proxy_set_header Connection {};", self.word)
    }

    /// What a fix does, with the map that it writes.
    pub(crate) fn with_map(&self, what: &str) -> String {
        match &self.map {
            Some(_) => format!("{what}, with its map"),
            None => what.to_owned(),
        }
    }

    /// The advice to do so, with the map that is to be written.
    pub(crate) fn and_map(&self, what: &str) -> String {
        match &self.map {
            Some(map) => format!("{what}, and in `http`, once for all locations, `{map}`"),
            None => what.to_owned(),
        }
    }
}

/// A value that upgrades handshakes at all those levels, to be written in `file`: a map that is
/// there; else the plain word where no pages come; else a map to be written.
pub(crate) fn connection_value(
    context: &Context<'_>,
    levels: &[LevelId],
    file: FileId,
) -> ConnectionValue {
    value(context, levels, file, false)
}

/// As [`connection_value`], for a person: of a fragment, the map goes into another file.
pub(crate) fn connection_advice(context: &Context<'_>, level: LevelId) -> ConnectionValue {
    let around = settable(context, level);
    let file = Block::of(context, around).map_or(Loaded::MAIN, |block| block.file);
    value(context, &[level], file, true)
}

fn value(
    context: &Context<'_>,
    levels: &[LevelId],
    file: FileId,
    is_advice: bool,
) -> ConnectionValue {
    let map = context.upgrade_map();
    let is = |wanted: Traffic| move |level: &LevelId| traffic(context, *level) == wanted;
    let alone = levels.iter().all(is(Traffic::WebSocketsAlone));
    if let Some((variable, is_quiet)) = map.usable(context, levels) {
        return ConnectionValue::new(variable, is_quiet || alone);
    }
    let literal = || usual_literal(context, file);
    if alone {
        return ConnectionValue::new(literal(), true);
    }
    match defined_elsewhere(context) {
        Some(value) => value,
        None if is_advice && levels.iter().any(is(Traffic::PagesToo)) => {
            variable_of_new_map(context, false)
        }
        None => ConnectionValue::new(literal(), false),
    }
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
    let mut value = variable_of_new_map(context, is_sure);
    value.edits.add(edit);
    Some(value)
}

fn variable_of_new_map(context: &Context<'_>, is_safe: bool) -> ConnectionValue {
    let map = context.upgrade_map();
    let value = ConnectionValue::new(map.variable(), is_safe);
    ConnectionValue { map: Some(map.shown()), ..value }
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
