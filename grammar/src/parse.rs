//! From bytes to a tree, whatever the bytes are.
//!
//! A text whose braces match is read once, a large one in two halves. Where they don't, or where blocks stand in places that
//! can't be meant, the text is read again with other assumptions about which brace is the wrong
//! one, and the reading that finds the fewest mistakes is the one that is reported. However many
//! readings there are, each takes time in proportion to the text.

mod body;
mod braces;
mod entity;
mod halves;
mod invisible;
mod lost;
mod reader;
mod split;
mod statement;

use reader::{Reader, Reading};

use crate::{Span, SyntaxError, SyntaxErrorKind, Tree};

/// The readings of a text whose braces are wrong, those that assume more after those that assume
/// less.
const RECOVERING: [Reading; 4] =
    [Reading::WithoutLoneBraces, Reading::Context, Reading::Indentation, Reading::Content];

/// Reads a configuration file. Never fails: what cannot be understood is in [`Tree::errors`], and
/// what stands after it is still read.
pub fn parse(text: Vec<u8>) -> Tree {
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        return utf_16(text);
    }
    let readable = &text[..text.len().min(Span::MAX_LEN)];
    let mut best = halves::read(readable);
    if best.is_suspicious() {
        for reading in RECOVERING {
            let other = Reader::new(readable, reading).read();
            if other.explains_better_than(&best) {
                best = other;
            }
        }
    }
    let mut tree = best.into_tree();
    if text.len() > Span::MAX_LEN {
        let rest = Span::at(Span::MAX_LEN as u32);
        tree.errors.push(SyntaxError::new(SyntaxErrorKind::FileTooLarge, rest));
    }
    tree.text = text;
    tree
}

/// A text in UTF-16: nothing in it means anything to nginx.
fn utf_16(text: Vec<u8>) -> Tree {
    let whole = Span::new(0, text.len().min(Span::MAX_LEN) as u32);
    let mut tree = Reader::new(b"", Reading::Plain).into_tree();
    tree.errors.push(SyntaxError::new(SyntaxErrorKind::Utf16, Span::new(0, 2)));
    tree.skipped.push(whole);
    tree.text = text;
    tree
}
