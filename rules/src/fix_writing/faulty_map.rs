//! Maps that give a wrong `Connection` for a handshake.

use wslint_grammar::{Edit, Quote, Word};
use wslint_model::evaluate::{Map, MapEntry, MapKey};
use wslint_model::handshake::proxied_request::has_upgrade_token;

use super::edits::Edits;
use super::entry::add_entry;
use super::style::like_word;
use super::upgrade_map::is_used_otherwise;
use crate::cause::map_fault::{Fault, has_empty_key, is_misspelt_default};
use crate::context::Context;
use crate::finding::FindingFix;

/// Lets the map give `upgrade` for handshakes, and what it gives today for plain requests.
pub(crate) fn mend_map(context: &Context<'_>, fault: &Fault) -> Option<FindingFix> {
    let map = fault.the_map(context);
    // Nothing but the source of such a map is wrong, and only its author knows what was meant.
    if fault.source_is_empty {
        return None;
    }
    let mut edits = Edits::default();
    let at_fault = map.entries.iter().find(|entry| Some(entry.reference) == fault.entry);
    let empty = map
        .entries
        .iter()
        .find(|entry| matches!(&entry.key, Some(MapKey::Text(key)) if key.is_empty()));
    let misspelt = map.entries.iter().find(|entry| is_misspelt_default(entry));
    let by_connection = map.source.eq_ignore_ascii_case(b"$http_connection");
    let upgrade = upgrade_as_written(context, map);
    let message = match (at_fault, misspelt) {
        (None, Some(entry)) => {
            let word = context.configuration.setting(entry.reference).directive.name_word();
            replace(map, entry, word, "default", &mut edits)?;
            "write `default`".to_owned()
        }
        (Some(entry), _) if entry.key.is_some() || (empty.is_some() && !by_connection) => {
            let swapped = empty.filter(|it| entry.key.is_none() && has_upgrade_token(&it.value));
            if let Some(other) = swapped {
                let word = value_word(context, entry)?;
                let text = String::from_utf8_lossy(word.raw()).into_owned();
                replace(map, other, value_word(context, other)?, &text, &mut edits)?;
            }
            let word = value_word(context, entry)?;
            replace(map, entry, word, &like_word(word, "upgrade"), &mut edits)?;
            match swapped {
                Some(_) => "swap the two values".to_owned(),
                None => "let this line give `upgrade`".to_owned(),
            }
        }
        _ => {
            let key = match (by_connection, at_fault.is_some() || empty.is_none()) {
                // The field is a list of tokens, which no text matches.
                (true, _) => "~*upgrade",
                (_, true) => "websocket",
                (_, false) => "default",
            };
            if by_connection && uses_captures(context) {
                edits.ask();
            }
            edits.add(add_entry(context, map, key, &upgrade)?);
            format!("add `{key} {upgrade};`")
        }
    };
    if is_used_otherwise(context, &map.variable) {
        edits.ask();
    }
    edits.into_fix(message)
}

/// Lets the map give something else than `upgrade` for requests without `Upgrade`.
pub(crate) fn tell_plain_requests_apart(
    context: &Context<'_>,
    fault: &Fault,
) -> Option<FindingFix> {
    let map = fault.the_map(context);
    // Another source is never empty for them, or always.
    if !map.source.eq_ignore_ascii_case(b"$http_upgrade") || has_empty_key(map) {
        return None;
    }
    let mut edits = Edits::default();
    let style = context.style(map.reference.file);
    let value = match fault.empty_value {
        "close" => "close",
        _ => style.empty,
    };
    edits.add(add_entry(context, map, style.empty, value)?);
    if is_used_otherwise(context, &map.variable) {
        edits.ask();
    }
    edits.into_fix(format!("add `{} {value};`", style.empty))
}

fn value_word<'c>(context: &Context<'c>, entry: &MapEntry) -> Option<Word<'c>> {
    context.configuration.setting(entry.reference).directive.argument(0)
}

/// A line that comes from another file may stand in other maps too.
fn replace(
    map: &Map,
    entry: &MapEntry,
    word: Word<'_>,
    text: &str,
    edits: &mut Edits,
) -> Option<()> {
    let file = entry.reference.file;
    (file == map.reference.file).then(|| edits.add_in(file, Edit::replace(word.span(), text)))
}

/// `upgrade` in the quotes that the map's other values have.
fn upgrade_as_written(context: &Context<'_>, map: &Map) -> String {
    let values = map.entries.iter().filter(|entry| !entry.value.is_empty());
    let mut words = values.filter_map(|entry| value_word(context, entry));
    match words.next_back().filter(|word| word.quote() != Quote::None) {
        Some(word) => like_word(word, "upgrade"),
        None => "upgrade".to_owned(),
    }
}

/// Whether any text uses what a regular expression captured: one in a map would wipe it out.
pub(crate) fn uses_captures(context: &Context<'_>) -> bool {
    context.configuration.loaded.sources.iter().any(|(_, source)| {
        let text = source.tree.text();
        memchr::memchr_iter(b'$', text).any(|at| text.get(at + 1).is_some_and(u8::is_ascii_digit))
    })
}
