//! One directive of the payload: its fields and the texts in them.

use std::borrow::Cow;
use std::io;

use serde_json::ser::Formatter;
use wslint_grammar::{BodyKind, Directive, Word};

use super::json::Json;

impl<W: io::Write, F: Formatter> Json<W, F> {
    /// Begins a directive's object and writes what every directive has. `file` is the name of its
    /// file, where the payload gives it.
    pub(super) fn begin_directive(
        &mut self,
        directive: Directive<'_>,
        line: u32,
        file: Option<&str>,
    ) -> io::Result<()> {
        let name = text_of(directive.name_word());
        self.begin_named(&name, line, file)?;
        self.begin_array()?;
        if name == "if" {
            self.condition(directive)?;
        } else {
            for word in directive.arguments() {
                self.text(&text_of(word))?;
            }
        }
        // The code of a Lua block is its last argument, not a block.
        if directive.body() == BodyKind::Raw {
            let code = directive.body_span().map(|span| directive.tree().slice(span));
            self.text(&String::from_utf8_lossy(code.unwrap_or_default()))?;
        }
        self.end_array()
    }

    /// Begins what stands inside the directive that was begun.
    pub(super) fn begin_block(&mut self) -> io::Result<()> {
        self.key("block")?;
        self.begin_array()
    }

    /// Ends a directive with a block.
    pub(super) fn end_block(&mut self) -> io::Result<()> {
        self.end_array()?;
        self.end_object()
    }

    /// Writes a comment: a directive called `#` without arguments.
    pub(super) fn comment(&mut self, text: &[u8], line: u32, file: Option<&str>) -> io::Result<()> {
        self.begin_named("#", line, file)?;
        self.begin_array()?;
        self.end_array()?;
        self.text_field("comment", &String::from_utf8_lossy(text))?;
        self.end_object()
    }

    fn begin_named(&mut self, name: &str, line: u32, file: Option<&str>) -> io::Result<()> {
        self.begin_object()?;
        if let Some(file) = file {
            self.text_field("file", file)?;
        }
        self.text_field("directive", name)?;
        self.number_field("line", line)?;
        self.key("args")
    }

    /// Writes the arguments of an `if` without the parentheses around them: what
    /// `_prepare_if_args` in crossplane/parser.py leaves.
    fn condition(&mut self, directive: Directive<'_>) -> io::Result<()> {
        let last = directive.argument_count().saturating_sub(1);
        let text_at = |number| directive.argument(number).map(text_of).unwrap_or_default();
        let in_parentheses = text_at(0).starts_with('(') && text_at(last).ends_with(')');
        for (number, word) in directive.arguments().enumerate() {
            let text = text_of(word);
            let mut inner = text.as_ref();
            if in_parentheses && number == 0 {
                inner = inner.strip_prefix('(').unwrap_or(inner).trim_start();
            }
            if in_parentheses && number == last {
                inner = inner.strip_suffix(')').unwrap_or(inner).trim_end();
            }
            // A word that was nothing but a parenthesis is gone; an empty string is a word.
            if text.is_empty() || !inner.is_empty() {
                self.text(inner)?;
            }
        }
        Ok(())
    }
}

/// A word as crossplane gives it (`_lex_file_object` in crossplane/lexer.py): without its quotes,
/// and with all its backslashes but those that stand before its own quote. `crossplane build`
/// counts on finding them. Bytes that are not UTF-8 become U+FFFD.
fn text_of(word: Word<'_>) -> Cow<'_, str> {
    let (outer, inner) = (word.span(), word.content_span());
    let from = (inner.start - outer.start) as usize;
    let content = &word.raw()[from..from + inner.len()];
    match word.quote().character() {
        Some(quote) if word.is_escaped() => {
            let text = without_escaped(content, quote as u8);
            Cow::Owned(String::from_utf8_lossy(&text).into_owned())
        }
        _ => String::from_utf8_lossy(content),
    }
}

/// `text` with `quote` for each `quote` that a backslash escapes.
fn without_escaped(text: &[u8], quote: u8) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            result.push(byte);
            continue;
        }
        let escaped = bytes.next();
        if escaped != Some(quote) {
            result.push(byte);
        }
        result.extend(escaped);
    }
    result
}
