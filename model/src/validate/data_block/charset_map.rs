//! `charset_map` (`ngx_http_charset_map` in nginx, src/http/modules/ngx_http_charset_filter_module.c).

use wslint_grammar::{Directive, Word};

use super::Reader;
use crate::text::value::Refused;

pub(super) struct CharsetMap {
    /// The second column has UTF-8.
    utf8: bool,
}

impl CharsetMap {
    pub(super) fn new(head: Directive<'_>) -> Self {
        let to = head.argument(1).map(Word::value).unwrap_or_default();
        Self { utf8: to.eq_ignore_ascii_case(b"utf-8") }
    }
}

impl Reader for CharsetMap {
    fn line(&mut self, words: &[&[u8]]) -> Option<Refused> {
        let [from, to] = words else {
            let message = "invalid parameters number".to_owned();
            return Some(Refused::new(0, message, "two codes on each line"));
        };
        let is_utf8 = |text: &[u8]| {
            text.len() / 2 <= 3 && text.chunks(2).all(|pair| pair.len() == 2 && is_byte(pair))
        };
        let word = if !is_byte(from) {
            0
        } else if self.utf8 && !is_utf8(to) || !self.utf8 && !is_byte(to) {
            1
        } else {
            return None;
        };
        let message = format!("invalid value \"{}\"", String::from_utf8_lossy(words[word]));
        Some(Refused::new(word, message, "a code in hexadecimal digits, such as `C0`"))
    }
}

/// A number up to 255 in hexadecimal digits (`ngx_hextoi`).
fn is_byte(text: &[u8]) -> bool {
    let digits = text.iter().position(|&byte| byte != b'0').unwrap_or(text.len());
    !text.is_empty() && text.iter().all(u8::is_ascii_hexdigit) && text.len() - digits <= 2
}
