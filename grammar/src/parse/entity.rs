//! HTML entities, whose `;` is none of nginx's.

use super::reader::Reader;
use crate::{BodyKind, Edit, Fix, Quote, Span, SyntaxError, SyntaxErrorKind};

impl Reader<'_> {
    /// `Connection &quot;upgrade&quot;;`: whether the `;` at `self.at` ends an HTML entity, and
    /// not a directive.
    pub(super) fn is_end_of_entity(&mut self) -> bool {
        let Some(word) = self.words.last() else { return false };
        if word.quote != Quote::None || word.span.end as usize != self.at {
            return false;
        }
        let Some(start) = entity_start(&self.text[word.span.range()]) else { return false };
        let entity = Span::new(word.span.start + start as u32, self.at as u32 + 1);
        let Some(behind) = self.behind() else { return false };
        let next = behind.word();
        let goes_on = if self.entities.is_empty() {
            behind.glued && !behind.is_directive()
        } else {
            !behind.is_directive()
        };
        if !goes_on {
            return false;
        }
        let length = if behind.glued && !matches!(next.first(), Some(b'"' | b'\'')) {
            next.len()
        } else {
            0
        };
        if self.entities.is_empty() {
            self.entity_message = self.message_for_entity(next);
        }
        self.entities.push(entity);
        self.damaged = true;
        self.extend_last_word(length);
        true
    }

    fn message_for_entity(&self, next: &[u8]) -> String {
        if self.frames.last().is_some_and(|frame| frame.data) {
            return "invalid number of the map parameters".to_owned();
        }
        let first = self.statement;
        let count = self.words.len() - first - 1;
        match self.directive_id(first) {
            Some(id) if !self.accepts(id, count, BodyKind::None) => {
                self.refusal(id, &self.shown(self.words[first].span))
            }
            _ if next.is_empty() => "unexpected \";\"".to_owned(),
            _ => format!("unknown directive \"{}\"", String::from_utf8_lossy(next)),
        }
    }

    /// Reports the HTML entities of a directive at its end: they come from one page.
    pub(super) fn report_entities(&mut self) {
        let entities = std::mem::take(&mut self.entities);
        let Some(&first) = entities.first() else { return };
        let kind = SyntaxErrorKind::HtmlEntity {
            nginx: std::mem::take(&mut self.entity_message),
            entity: self.shown(first),
        };
        let mut error = SyntaxError::new(kind, first);
        let character =
            |entity: &Span| Some(Edit::replace(*entity, character_of(&self.text[entity.range()])?));
        if let Some(edits) = entities.iter().map(character).collect() {
            error = error.fix(Fix::safe("write the characters themselves", edits));
        }
        self.error(error);
    }
}

/// The entities that stand for what configurations are made of, without their `;`.
const ENTITIES: [(&str, &str); 9] = [
    ("&quot", "\""),
    ("&apos", "'"),
    ("&amp", "&"),
    ("&lt", "<"),
    ("&gt", ">"),
    ("&nbsp", " "),
    ("&dollar", "$"),
    ("&ldquo", "\""),
    ("&rdquo", "\""),
];

/// Where in a word the entity begins that it ends with.
fn entity_start(word: &[u8]) -> Option<usize> {
    let start = memchr::memrchr(b'&', word)?;
    let name = &word[start..];
    let is_entity = match name {
        [b'&', b'#', b'x' | b'X', digits @ ..] => is_number(digits, u8::is_ascii_hexdigit),
        [b'&', b'#', digits @ ..] => is_number(digits, u8::is_ascii_digit),
        _ => ENTITIES.iter().any(|(entity, _)| entity.as_bytes() == name),
    };
    is_entity.then_some(start)
}

fn is_number(digits: &[u8], is_digit: impl Fn(&u8) -> bool) -> bool {
    (1..=6).contains(&digits.len()) && digits.iter().all(is_digit)
}

/// What an entity with its `;` stands for.
fn character_of(entity: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(entity.strip_suffix(b";")?).ok()?;
    if let Some((_, character)) = ENTITIES.iter().find(|(entity, _)| *entity == name) {
        return Some((*character).to_owned());
    }
    let number = name.strip_prefix("&#")?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|character| !character.is_control()).map(String::from)
}
