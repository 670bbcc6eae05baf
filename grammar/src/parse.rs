//! From bytes to a tree, whatever the bytes are.
//!
//! A text whose braces match is read once. Where they don't, or where blocks stand in places that
//! can't be meant, the text is read again with other assumptions about which brace is the wrong
//! one, and the reading that finds the fewest mistakes is the one that is reported. However many
//! readings there are, each takes time in proportion to the text.

mod braces;
mod reader;
mod statement;

use crate::{Span, SyntaxError, SyntaxErrorKind, Tree};
use reader::{Reader, Reading};

/// Reads a configuration file. Never fails: what cannot be understood is in [`Tree::errors`], and
/// what stands after it is still read.
pub fn parse(text: Vec<u8>) -> Tree {
    let readable = &text[..text.len().min(Span::MAX_LEN)];
    let mut best = Reader::new(readable, Reading::Plain).read();
    if best.is_suspicious() {
        for reading in [Reading::WithoutLoneBraces, Reading::Context, Reading::Indentation] {
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
