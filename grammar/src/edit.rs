//! Changes to a text, as data.

use crate::Span;

/// Replace the bytes of `span` by `text`. An empty span inserts, an empty text deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// Puts `text` before the byte at `offset`.
    pub fn insert(offset: u32, text: impl Into<String>) -> Self {
        Self { span: Span::at(offset), text: text.into() }
    }

    /// Puts `text` in the place of `span`.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Takes the bytes of `span` away.
    pub fn delete(span: Span) -> Self {
        Self { span, text: String::new() }
    }
}

/// Whether a fix may be applied without a person looking at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// Follows from the configuration alone and changes no other request.
    Safe,
    /// Needs knowledge that is not in the file, or can change other traffic.
    Unsafe,
}

/// Edits of one file that mend one finding together: all of them are applied, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Whether a person must agree first.
    pub applicability: Applicability,
    /// What the fix does, as an instruction: "insert `;`".
    pub message: String,
    /// The edits, in no particular order; they do not overlap.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix that is right whatever else the configuration says.
    pub fn safe(message: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { applicability: Applicability::Safe, message: message.into(), edits }
    }

    /// A fix that a person has to agree to.
    pub fn not_safe(message: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { applicability: Applicability::Unsafe, message: message.into(), edits }
    }
}

/// Why edits could not be applied. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Two edits change the same bytes, so their result would depend on their order.
    #[error("the edits at bytes {} and {} overlap", .0.start, .1.start)]
    Overlap(Span, Span),
    /// An edit reaches past the end of the text: it was made for another one.
    #[error("the edit at byte {} is outside the text", .0.start)]
    OutOfBounds(Span),
}

/// The text after `edits`; every byte outside their spans is kept as it is.
///
/// Insertions at one place are applied in the order in which they are given.
///
/// # Errors
/// When edits overlap or lie outside `text`.
pub fn apply_edits(text: &[u8], edits: &[Edit]) -> Result<Vec<u8>, EditError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut result = Vec::with_capacity(text.len() + 64 * edits.len());
    let mut copied = 0;
    let mut last = Span::at(0);
    for edit in sorted {
        if edit.span.start < last.end {
            return Err(EditError::Overlap(last, edit.span));
        }
        if edit.span.range().end > text.len() || edit.span.start > edit.span.end {
            return Err(EditError::OutOfBounds(edit.span));
        }
        result.extend_from_slice(&text[copied..edit.span.range().start]);
        result.extend_from_slice(edit.text.as_bytes());
        copied = edit.span.range().end;
        last = edit.span;
    }
    result.extend_from_slice(&text[copied..]);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_outside_the_spans_are_kept() {
        let edits = [Edit::replace(Span::new(7, 10), "1.1"), Edit::insert(11, "\n")];
        assert_eq!(apply_edits(b"version 1.0;\xff", &edits[1..]).unwrap(), b"version 1.0\n;\xff");
        let edits = [Edit::replace(Span::new(8, 11), "1.1")];
        assert_eq!(apply_edits(b"version 1.0;\r\n", &edits).unwrap(), b"version 1.1;\r\n");
    }

    #[test]
    fn insertions_at_one_place_keep_their_order() {
        let edits = [Edit::insert(1, "x"), Edit::insert(1, "y")];
        assert_eq!(apply_edits(b"ab", &edits).unwrap(), b"axyb");
    }

    #[test]
    fn overlapping_edits_are_refused() {
        let edits = [Edit::delete(Span::new(0, 2)), Edit::delete(Span::new(1, 3))];
        assert!(matches!(apply_edits(b"abc", &edits), Err(EditError::Overlap(..))));
    }

    #[test]
    fn edits_of_another_text_are_refused() {
        assert!(matches!(
            apply_edits(b"abc", &[Edit::delete(Span::new(2, 9))]),
            Err(EditError::OutOfBounds(_))
        ));
    }
}
