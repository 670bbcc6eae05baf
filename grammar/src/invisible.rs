//! Characters that nobody sees and that nginx takes for letters.
//!
//! Only space, tab, CR and LF are blank to nginx (`ngx_conf_read_token`).

/// A character that nobody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invisible {
    /// Where it begins in the text.
    pub at: usize,
    /// How many bytes it has.
    pub length: usize,
    /// Its code.
    pub character: char,
    /// It looks like a blank; the others look like nothing.
    pub is_blank: bool,
}

impl Invisible {
    /// What it is called: its code, and its name where it has a usual one.
    #[must_use]
    pub fn name(&self) -> String {
        let name = match self.character {
            '\0' => "a NUL byte",
            '\u{b}' => "a vertical tab",
            '\u{c}' => "a form feed",
            '\u{a0}' => "a no-break space",
            '\u{ad}' => "a soft hyphen",
            '\u{200b}' => "a zero-width space",
            '\u{2028}' => "a line separator",
            '\u{3000}' => "an ideographic space",
            '\u{feff}' => "a byte order mark",
            _ if self.is_blank => "a space that is none to nginx",
            _ => "an invisible character",
        };
        format!("{name} (U+{:04X})", u32::from(self.character))
    }
}

/// The first such character in a text.
#[must_use]
pub fn first_invisible(text: &[u8]) -> Option<Invisible> {
    // Most texts have nothing but ASCII in them, which is found out many bytes at a time.
    const PIECE: usize = 4096;
    let mut start = 0;
    for piece in text.chunks(PIECE) {
        if !piece.is_ascii() || memchr::memchr3(0, 0x0b, 0x0c, piece).is_some() {
            let candidates = piece.iter().enumerate().filter(|&(_, &byte)| is_first_byte(byte));
            let mut found = candidates.filter_map(|(at, _)| invisible_at(text, start + at));
            if let Some(invisible) = found.next() {
                return Some(invisible);
            }
        }
        start += piece.len();
    }
    None
}

/// Whether such a character may begin with that byte.
pub(crate) fn is_first_byte(byte: u8) -> bool {
    matches!(byte, 0 | 0x0b | 0x0c | 0xc2 | 0xe2 | 0xe3 | 0xef)
}

fn invisible_at(text: &[u8], at: usize) -> Option<Invisible> {
    let (character, length) = match &text[at..] {
        [byte @ (0 | 0x0b | 0x0c), ..] => (char::from(*byte), 1),
        [0xc2, byte @ 0x80..=0xbf, ..] => (char::from(*byte), 2),
        [first @ (0xe2 | 0xe3 | 0xef), second @ 0x80..=0xbf, third @ 0x80..=0xbf, ..] => {
            let bits = |byte: u8, mask: u8| u32::from(byte & mask);
            let code = bits(*first, 0x0f) << 12 | bits(*second, 0x3f) << 6 | bits(*third, 0x3f);
            (char::from_u32(code)?, 3)
        }
        _ => return None,
    };
    let is_blank = matches!(
        character,
        '\u{b}' | '\u{c}' | '\u{85}' | '\u{a0}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    );
    let is_nothing = matches!(
        character,
        '\0' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    );
    (is_blank || is_nothing).then_some(Invisible { at, length, character, is_blank })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_found() {
        for text in ["a\u{a0}b", "\u{feff}a", "a\u{200b}", "a\u{c}", "\u{3000}", "a\0b"] {
            let found = first_invisible(text.as_bytes()).unwrap();
            assert_eq!(Some(found.at), text.find(found.character), "{text:?}");
            assert_eq!(found.length, found.character.len_utf8());
        }
        for text in ["", "a b\t\r\n", "\u{201c}a\u{201d}", "ü–é", "\u{e9}", "中文"] {
            assert_eq!(first_invisible(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(first_invisible(b"\xe2\x80"), None);
        assert_eq!(first_invisible(b"\xa0"), None);
    }
}
