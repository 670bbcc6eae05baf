//! What goes wrong with a configuration while people write, copy and merge it.

#![expect(clippy::unnecessary_wraps, reason = "every kind of damage has the same signature")]

mod lines;
mod meaning;
mod text;
mod values;
mod words;

use wslint_test_support::random::Random;

/// Damages a text in one place. `None` where the text has no such place.
pub(crate) type Damage = fn(&mut Random, &str) -> Option<String>;

/// A kind of damage and how it is called in reports.
pub(crate) type Kind = (&'static str, Damage);

/// All kinds.
pub(crate) fn kinds() -> Vec<Kind> {
    [text::KINDS, lines::KINDS, words::KINDS, values::KINDS, meaning::KINDS].concat()
}

/// Puts `by` in place of a part of `text`.
fn replace(text: &str, range: std::ops::Range<usize>, by: &str) -> String {
    [&text[..range.start], by, &text[range.end..]].concat()
}
