//! What all JSON that the program writes has in common: places and versions.

use std::fmt::Display;

use serde::{Serialize, Serializer};
use wslint_grammar::Span as ByteSpan;
use wslint_grammar::catalogue::Version;
use wslint_model::source::{Place, Sources};
use wslint_rules::finding::VersionRange;

/// The version of the formats: it changes when a reader would have to.
pub(crate) const VERSION: u32 = 1;

/// A range of text; `end` is exclusive.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Span {
    /// Its first character.
    start: Position,
    /// The first character behind it.
    end: Position,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, Serialize)]
struct Position {
    /// How many bytes are before it.
    offset: u32,
    /// The line, from 1.
    line: u32,
    /// The column, from 1, in Unicode scalar values.
    column: u32,
}

/// From `from`, up to but not `before`; `null` is no limit.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Versions {
    /// The first version.
    #[serde(serialize_with = "optional_text")]
    from: Option<Version>,
    /// The first version for which it holds no more.
    #[serde(serialize_with = "optional_text")]
    before: Option<Version>,
}

impl From<VersionRange> for Versions {
    fn from(VersionRange { from, before }: VersionRange) -> Self {
        Self { from, before }
    }
}

/// The file of a place, and where in it.
pub(crate) fn locate(sources: &Sources, place: Place) -> (&str, Span) {
    let source = sources.get(place.file);
    let position = |offset| {
        let wslint_grammar::Position { line, column } = source.position(offset);
        Position { offset, line, column }
    };
    let ByteSpan { start, end } = place.span;
    (&source.name, Span { start: position(start), end: position(end) })
}

/// Writes a value as its text.
pub(crate) fn text<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Writes a value as its text, or `null`.
#[expect(clippy::ref_option, reason = "the signature is serde's")]
pub(crate) fn optional_text<S: Serializer>(
    value: &Option<impl Display>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}
