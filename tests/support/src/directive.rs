//! Where the directives of a configuration file are.
//!
//! Only what rewriting a fixture needs, and written apart from the parser
//! under test: a mistake there must not be repeated here.

use std::ops::Range;

/// One word of a directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where the word is, quotes excluded.
    pub range: Range<usize>,
    /// Its text, with escapes as written.
    pub text: String,
}

/// One directive, simple or block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Name and arguments; never empty.
    pub words: Vec<Word>,
    /// From the name up to and including the `;` or `{`.
    pub range: Range<usize>,
    /// Whether `{` ended it.
    pub is_block: bool,
    /// The enclosing block, as an index into the list.
    pub parent: Option<usize>,
}

impl Directive {
    /// The directive's name.
    pub fn name(&self) -> &str {
        &self.words[0].text
    }

    /// The words after the name.
    pub fn arguments(&self) -> &[Word] {
        &self.words[1..]
    }

    /// Whether an argument is exactly `text`.
    pub fn has_argument(&self, text: &str) -> bool {
        self.arguments().iter().any(|word| word.text == text)
    }
}

/// Lists the directives of `text`, outer before inner.
///
/// What nginx would reject ends or garbles the list; the file is then
/// rewritten in part, and nginx still reports its own error.
pub fn directives(text: &str) -> Vec<Directive> {
    let mut found: Vec<Directive> = Vec::new();
    let mut words: Vec<Word> = Vec::new();
    let mut parent = None;
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'#' => at = text[at..].find('\n').map_or(text.len(), |end| at + end),
            b'}' => {
                at += 1;
                words.clear();
                parent = parent.and_then(|block: usize| found[block].parent);
            }
            b';' | b'{' => {
                at += 1;
                let Some(first) = words.first() else { continue };
                let is_block = byte == b'{';
                found.push(Directive {
                    range: first.range.start..at,
                    words: std::mem::take(&mut words),
                    is_block,
                    parent,
                });
                if is_block {
                    parent = Some(found.len() - 1);
                }
            }
            _ => {
                let (word, next) = word(text, at);
                words.push(word);
                at = next;
            }
        }
    }
    found
}

/// The word that starts at `start`, and where reading goes on.
fn word(text: &str, start: usize) -> (Word, usize) {
    let bytes = text.as_bytes();
    let quote = Some(bytes[start]).filter(|byte| matches!(byte, b'"' | b'\''));
    let start = start + usize::from(quote.is_some());
    let mut end = start;
    while let Some(&byte) = bytes.get(end) {
        let ends = match quote {
            Some(quote) => byte == quote,
            // `${` is the start of a variable's name, not of a block.
            None if byte == b'{' => end == start || bytes[end - 1] != b'$',
            None => matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';'),
        };
        if ends {
            break;
        }
        end += if byte == b'\\' { 2 } else { 1 };
    }
    // An escape at the very end, or before a character of several bytes.
    end = end.min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let word = Word { range: start..end, text: text[start..end].to_owned() };
    (word, end + usize::from(quote.is_some()))
}
