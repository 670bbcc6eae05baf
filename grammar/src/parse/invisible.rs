//! Names that nginx does not know because of a character that nobody sees.

use super::reader::Reader;
use crate::invisible::{Invisible, first_invisible, is_first_byte};
use crate::tree::WordData;
use crate::{DirectiveId, Edit, Fix, Quote, Span, SyntaxError, SyntaxErrorKind, lex};

impl Reader<'_> {
    /// Takes the invisible characters out of an unknown name when it is a known one without them:
    /// those around it, and the blank between it and its first argument.
    pub(super) fn split_invisible(&mut self) {
        let first = self.statement;
        let word = self.words[first];
        let text = self.text;
        let raw = &text[word.span.range()];
        if word.quote != Quote::None
            || DirectiveId::lookup(raw).is_some()
            || self.frames.last().is_some_and(|frame| frame.data)
        {
            return;
        }
        let mut found: Vec<Invisible> = Vec::new();
        let mut from = 0;
        // The name itself, and where the rest of the word begins.
        let mut name = None;
        while name.is_none()
            && let Some(mut next) = first_invisible(&raw[from..])
        {
            next.at += from;
            if next.at > from {
                name = Some(Span::new(from as u32, next.at as u32));
            }
            from = next.at + next.length;
            found.push(next);
        }
        if name.is_none() && from == raw.len() && self.drop_invisible_word(&found) {
            return;
        }
        let name = name.unwrap_or(Span::new(from as u32, raw.len() as u32));
        if found.is_empty() || DirectiveId::lookup(&raw[name.range()]).is_none() {
            return;
        }
        // What looks like blanks behind the name separates it from what follows.
        while let Some(next) = first_invisible(&raw[from..]).filter(|next| next.at == 0) {
            found.push(Invisible { at: from, ..next });
            from += next.length;
        }
        let start = word.span.start;
        let place = |invisible: &Invisible| {
            let at = start + invisible.at as u32;
            Span::new(at, at + invisible.length as u32)
        };
        let glued = from < raw.len() && name.end as usize != raw.len();
        if glued && !found.iter().any(|it| it.at >= name.end as usize && it.is_blank) {
            return;
        }
        let edits = found.iter().map(|invisible| {
            // Only between a name and what follows it is a blank needed.
            let is_between = glued && invisible.at >= name.end as usize;
            Edit::replace(place(invisible), if is_between && invisible.is_blank { " " } else { "" })
        });
        let message = if glued { "write a plain blank" } else { "take it away" };
        let fix = Fix::safe(message, edits.collect());
        let kind = SyntaxErrorKind::InvisibleCharacter {
            directive: self.shown(word.span),
            character: found[0].name(),
        };
        self.error(SyntaxError::new(kind, place(&found[0])).fix(fix));
        self.skipped.extend(found.iter().map(place));
        self.words[first].span = Span::new(start + name.start, start + name.end);
        if glued {
            let rest = Span::new(start + from as u32, word.span.end);
            let rest = WordData { span: rest, starts_line: false, ..word };
            self.words.insert(first + 1, rest);
        }
    }

    /// Passes over such characters before a `#` that a comment was meant by, such as the byte order
    /// mark of a file that begins with one: to nginx it is a directive's name.
    pub(super) fn skip_invisible_before_comment(&mut self, first: u8) -> bool {
        if !is_first_byte(first) || self.frames.last().is_some_and(|frame| frame.data) {
            return false;
        }
        let rest = &self.text[self.at..];
        let word =
            lex::bare_word(rest).map_or(rest, |(behind, _)| &rest[..rest.len() - behind.len()]);
        let mut length = 0;
        let mut found = None;
        while let Some(next) = first_invisible(&word[length..]).filter(|next| next.at == 0) {
            length += next.length;
            found = found.or(Some(next));
        }
        let Some(found) = found.filter(|_| word[length..].starts_with(b"#")) else { return false };
        let start = self.at as u32;
        let span = Span::new(start, start + length as u32);
        let kind = SyntaxErrorKind::InvisibleCharacter {
            directive: self.shown(Span::new(start, start + word.len() as u32)),
            character: found.name(),
        };
        let fix = Fix::safe("take it away", vec![Edit::delete(span)]);
        self.error(SyntaxError::new(kind, span).fix(fix));
        self.skipped.push(span);
        self.at = span.end as usize;
        true
    }

    /// Takes away a first word of nothing but such characters, before a name that is known.
    fn drop_invisible_word(&mut self, found: &[Invisible]) -> bool {
        let first = self.statement;
        let word = self.words[first];
        let is_known = self.words.get(first + 1).is_some_and(|next| {
            next.quote == Quote::None
                && DirectiveId::lookup(&self.text[next.span.range()]).is_some()
        });
        if !is_known {
            return false;
        }
        let kind = SyntaxErrorKind::InvisibleCharacter {
            directive: self.shown(word.span),
            character: found[0].name(),
        };
        let fix = Fix::safe("take it away", vec![Edit::delete(word.span)]);
        self.error(SyntaxError::new(kind, word.span).fix(fix));
        self.skipped.push(word.span);
        self.words.remove(first);
        self.words[first].starts_line |= word.starts_line;
        true
    }
}
