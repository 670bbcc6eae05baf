//! Directives that a stray character cuts in two.

use super::body::never_block;
use super::reader::Reader;
use crate::catalogue::Body;
use crate::{BodyKind, DirectiveId, Edit, Fix, Quote, Span, SyntaxError, SyntaxErrorKind, lex};

/// How many bytes behind a character are looked at, so that the time stays linear: a person's line
/// is shorter.
const FAR: usize = 1024;

/// What stands behind a `;` on its line.
pub(super) struct Behind<'s> {
    pub(super) text: &'s [u8],
    /// Not even a blank lies between.
    pub(super) glued: bool,
}

impl Behind<'_> {
    /// Its first word, be it quoted; nothing before another token.
    pub(super) fn word(&self) -> &[u8] {
        let length = match self.text.first() {
            None | Some(b';' | b'{' | b'}' | b'#') => return b"",
            Some(b'"' | b'\'') => lex::quoted_word(self.text).map(|(rest, _)| rest.len()),
            Some(_) => lex::bare_word(self.text).map(|(rest, _)| rest.len()),
        };
        length.map_or(b"", |rest| &self.text[..self.text.len() - rest])
    }

    pub(super) fn is_directive(&self) -> bool {
        DirectiveId::lookup(self.word()).is_some()
    }

    /// What ends the words that follow, be they on several lines.
    fn words_over_lines(&self) -> Option<u8> {
        let end = self.text.iter().position(|byte| b";{}#".contains(byte))?;
        Some(self.text[end])
    }

    /// How many words follow, and what ends them: `;`, `{`, or nothing on this line.
    fn words(&self) -> (usize, Option<u8>) {
        let mut count = 0;
        let mut rest = self.text;
        loop {
            let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            rest = &rest[blanks..];
            match rest.first() {
                Some(&end @ (b';' | b'{')) => return (count, Some(end)),
                None | Some(b'}' | b'#' | b'\n' | b'\r') => return (count, None),
                _ => {}
            }
            let word = Behind { text: rest, glued: false }.word().len();
            if word == 0 {
                return (count, None);
            }
            count += 1;
            rest = &rest[word..];
        }
    }
}

impl Reader<'_> {
    /// What stands behind `self.at` on the same line.
    pub(super) fn behind(&self) -> Option<Behind<'_>> {
        let rest = &self.text[self.at + 1..];
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let rest = &rest[blanks..];
        if matches!(rest.first(), None | Some(b'\n' | b'\r' | b'#' | b'}' | b'{')) {
            return None;
        }
        Some(Behind { text: &rest[..rest.len().min(FAR)], glued: blanks == 0 })
    }

    /// Whether the `;` at `self.at` was never meant to end the directive that is being read; then
    /// it has been passed over.
    pub(super) fn is_stray_semicolon(&mut self) -> bool {
        if matches!(self.text.get(self.at + 1), None | Some(b'\n' | b'\r')) {
            return false;
        }
        if self.is_end_of_entity() {
            return true;
        }
        let Some(behind) = self.behind() else { return false };
        if self.damaged
            || behind.text.first() == Some(&b';')
            || self.frames.last().is_some_and(|frame| frame.data)
        {
            return false;
        }
        let follows = behind.is_directive();
        let first = self.statement;
        let count = self.words.len() - first - 1;
        // Of most directives on one line the next one's name is looked up, and nothing more.
        if follows && count > 0 {
            return false;
        }
        let Some(id) = self.directive_id(first) else { return self.joins_name(';') };
        if follows {
            return false;
        }
        if self.accepts(id, count, BodyKind::None) {
            return self.joins_argument();
        }
        let Some(behind) = self.behind() else { return false };
        let (more, end) = behind.words();
        let body = if end == Some(b'{') { BodyKind::Block } else { BodyKind::None };
        // No directive begins with a quote, so that what follows belongs here in any case.
        let is_quoted = matches!(behind.text.first(), Some(b'"' | b'\''));
        if end.is_none() && !is_quoted || !self.accepts(id, count + more, body) {
            return false;
        }
        let name = self.shown(self.words[first].span);
        let nginx = self.refusal(id, &name);
        let semicolon = Span::new(self.at as u32, self.at as u32 + 1);
        let kind = SyntaxErrorKind::Split { nginx, character: ';', whole: name };
        let fix = Fix::safe("take the `;` away", vec![Edit::delete(semicolon)]);
        self.error(SyntaxError::new(kind, semicolon).fix(fix));
        self.skipped.push(semicolon);
        self.at += 1;
        true
    }

    /// `location ~ ^/[0-9]{4}$ {`: whether the `{` at `self.at` belongs to a regular expression;
    /// then the rest of its word has been passed over.
    pub(super) fn is_quantifier(&mut self) -> bool {
        let first = self.statement;
        let last = self.words[self.words.len() - 1];
        if last.quote != Quote::None
            || last.span.end as usize != self.at
            || quantifier(&self.text[self.at..]).is_none()
        {
            return false;
        }
        let mut end = self.at;
        while let Some(length) = quantifier(&self.text[end..]) {
            end += length;
            let rest = &self.text[end..];
            end += lex::bare_word(rest).map_or(0, |(behind, _)| rest.len() - behind.len());
        }
        let name = self.shown(self.words[first].span);
        let takes_block = self.directive_id(first).is_none_or(|id| !never_block(id));
        let nginx = if self.frames.last().is_some_and(|frame| frame.data) {
            "unexpected \"{\"".to_owned()
        } else if takes_block {
            let behind = &self.text[self.at + 1..];
            let word = lex::bare_word(behind).map_or(0, |(rest, _)| behind.len() - rest.len());
            let next = Span::new(self.at as u32 + 1, (self.at + 1 + word) as u32);
            format!("unknown directive \"{}\"", self.shown(next))
        } else {
            format!("directive \"{name}\" is not terminated by \";\"")
        };
        let whole = Span::new(last.span.start, end as u32);
        let mut error = SyntaxError::new(SyntaxErrorKind::UnquotedRegex { nginx }, whole);
        if !self.text[whole.range()].contains(&b'"') {
            let quotes = [whole.start, whole.end].map(|at| Edit::insert(at, "\""));
            error = error.fix(Fix::safe("quote it", quotes.to_vec()));
        }
        self.error(error);
        self.extend_last_word(end - self.at - 1);
        true
    }

    /// What nginx says about a directive that ends before it has all of its arguments.
    pub(super) fn refusal(&self, id: DirectiveId, name: &str) -> String {
        if self.definitions_here(id).all(|definition| definition.body != Body::None) {
            format!("directive \"{name}\" has no opening \"{{\"")
        } else {
            format!("invalid number of arguments in \"{name}\" directive")
        }
    }

    /// `proxy_http_v;ersion 1.1;`: a character in the middle of a name. Makes one word of it.
    pub(super) fn joins_name(&mut self, character: char) -> bool {
        let first = self.statement;
        let word = self.words[first];
        if self.words.len() - first != 1
            || word.quote != Quote::None
            || word.span.end as usize != self.at
            || !self.text.get(self.at + 1).is_some_and(|&byte| is_name_byte(byte))
            || self.directive_id(first).is_some()
        {
            return false;
        }
        let Some(behind) = self.behind() else { return false };
        let (start, end) = (&self.text[word.span.range()], behind.word());
        let Some(id) = DirectiveId::lookup(&[start, end].concat()) else { return false };
        let length = end.len();
        let nginx = format!("unknown directive \"{}\"", self.shown(word.span));
        let kind = SyntaxErrorKind::Split { nginx, character, whole: id.name().to_owned() };
        self.joined = Some((first, id));
        self.swallow_character(kind, length);
        true
    }

    /// `server 10.0.0.1 weig;ht=2;`: a `;` in the middle of an argument, behind which no directive
    /// can follow.
    fn joins_argument(&mut self) -> bool {
        let last = self.words.len() - 1;
        let word = self.words[last];
        let Some(behind) = self.behind() else { return false };
        let end = behind.word();
        let touches = behind.glued && word.span.end as usize == self.at;
        // Behind a `$` a name is that of a variable.
        let is_name =
            end.iter().all(|&byte| is_name_byte(byte)) && !self.text[..self.at].ends_with(b"$");
        if !touches || word.quote != Quote::None || is_name || matches!(end[0], b'"' | b'\'') {
            return false;
        }
        let length = end.len();
        let whole = Span::new(word.span.start, (self.at + 1 + length) as u32);
        let kind = SyntaxErrorKind::Split {
            nginx: "unexpected \";\"".to_owned(),
            character: ';',
            whole: self.shown(whole),
        };
        self.swallow_character(kind, length);
        true
    }

    /// Makes the character at `self.at` and the `length` bytes behind it a part of the last word.
    fn swallow_character(&mut self, kind: SyntaxErrorKind, length: usize) {
        let character = Span::new(self.at as u32, self.at as u32 + 1);
        let fix = Fix::safe("take it away", vec![Edit::delete(character)]);
        self.error(SyntaxError::new(kind, character).fix(fix));
        self.extend_last_word(length);
    }

    pub(super) fn extend_last_word(&mut self, length: usize) {
        self.at += 1 + length;
        let end = self.at as u32;
        if let Some(word) = self.words.last_mut() {
            word.span.end = end;
        }
    }

    /// `proxy_set_header Upgrade }$http_upgrade;`: whether the `}` at `self.at` stands before an
    /// argument of a directive that lacks one.
    pub(super) fn is_brace_among_arguments(&self) -> bool {
        let first = self.statement;
        if self.words.len() == first || self.damaged {
            return false;
        }
        let Some(behind) = self.behind() else { return self.is_brace_among_lines() };
        let count = self.words.len() - first - 1;
        let (more, end) = behind.words();
        behind.glued
            && !behind.is_directive()
            && end == Some(b';')
            && self.directive_id(first).is_some_and(|id| {
                !self.accepts(id, count, BodyKind::None)
                    && self.accepts(id, count + more, BodyKind::None)
            })
    }

    /// Whether the `}` at `self.at` stands between two lines of arguments: no directive looks like
    /// the next one.
    fn is_brace_among_lines(&self) -> bool {
        let (rest, _) = lex::blanks(&self.text[self.at + 1..]);
        let behind = Behind { text: &rest[..rest.len().min(FAR)], glued: false };
        let word = behind.word();
        let is_argument = match word.first() {
            None | Some(b'$' | b'@' | b'#') => false,
            Some(b'"' | b'\'') => word.len() > 2,
            Some(_) => word.contains(&b'/'),
        };
        is_argument && behind.words_over_lines() == Some(b';')
    }
}

/// The length of `{2}`, `{2,}` or `{2,3}` at the start of a text.
fn quantifier(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"{")?;
    let length = rest.iter().take(12).position(|&byte| byte == b'}')?;
    let inner = &rest[..length];
    let is_count = |digits: &[u8]| digits.iter().all(u8::is_ascii_digit);
    let least = inner.split(|&byte| byte == b',').next().unwrap_or_default();
    let most = inner.get(least.len() + 1..).unwrap_or_default();
    (!least.is_empty() && is_count(least) && is_count(most)).then_some(length + 2)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}
