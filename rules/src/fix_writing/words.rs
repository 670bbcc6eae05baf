//! Edits of words.

use std::ops::Range;

use wslint_grammar::{Edit, Quote, Span, Word};

/// The place of a part of a word's value; `None` where an escape moves it.
pub(crate) fn part_of(word: Word<'_>, range: Range<usize>) -> Option<Span> {
    if word.is_escaped() {
        return None;
    }
    let start = word.content_span().start;
    let part = Span::new(start + range.start as u32, start + range.end as u32);
    (part.end <= word.content_span().end).then_some(part)
}

/// Writes `text` behind the last character of a word's value.
pub(crate) fn append(word: Word<'_>, text: &str) -> Option<Edit> {
    (!word.is_escaped()).then(|| Edit::insert(word.content_span().end, text))
}

/// Takes a word away, together with the blanks before it where nothing else stands there.
pub(crate) fn delete_word(before: Word<'_>, word: Word<'_>) -> Edit {
    let start = match blanks_between(before, word) {
        Some(blanks) => blanks.start,
        None => word.span().start,
    };
    Edit::delete(Span::new(start, word.span().end))
}

/// What stands between two words, when that is blanks alone.
pub(crate) fn blanks_between(before: Word<'_>, word: Word<'_>) -> Option<Span> {
    let between = Span::new(before.span().end, word.span().start);
    let text = before.tree().text().get(between.range())?;
    text.iter().all(u8::is_ascii_whitespace).then_some(between)
}

/// Whether a word is written without quotes and escapes.
pub(crate) fn is_plain(word: Word<'_>) -> bool {
    word.quote() == Quote::None && !word.is_escaped()
}
