//! Character classes.

use super::{Reader, Step, Stop, invalid, invalid_in_pcre2};

const UNTERMINATED: &str = "missing terminating ] for character class";

/// What stands in a class.
enum Member {
    /// One byte.
    Byte(u8),
    /// Something whose value does not matter, or is not known.
    Other,
    /// Nothing: `\E`.
    Nothing,
}

impl Reader<'_> {
    /// Behind `[`.
    pub(super) fn class(&mut self) -> Step<()> {
        let start = self.at - 1;
        if let Some(kind) = self.posix_kind(start) {
            let reason = match kind {
                b':' => "POSIX named classes are supported only within a class",
                _ => "POSIX collating elements are not supported",
            };
            return invalid(start, reason);
        }
        // They stand for the edges of words.
        if self.skip(b"[:<:]]") || self.skip(b"[:>:]]") {
            return Err(Stop::Unknown);
        }
        self.skip(b"^");
        let mut is_first = true;
        // The byte that a range may begin with.
        let mut low = None;
        loop {
            let Some(byte) = self.take() else { return invalid(self.text.len(), UNTERMINATED) };
            if byte == b']' && !is_first {
                return Ok(());
            }
            let member = self.member(byte)?;
            if matches!(member, Member::Nothing) {
                continue;
            }
            is_first = false;
            // A hyphen before the end is a plain one.
            let is_range = self.peek() == Some(b'-')
                && self.text.get(self.at + 1).is_some_and(|next| *next != b']');
            if !is_range {
                low = None;
                continue;
            }
            if let Member::Byte(byte) = member
                && low.is_none()
            {
                low = Some(byte);
            }
            let Some(from) = low.take() else { return Err(Stop::Unknown) };
            self.at += 1;
            let Some(byte) = self.take() else { return invalid(self.text.len(), UNTERMINATED) };
            match self.member(byte)? {
                Member::Byte(to) if from > to => {
                    return invalid(self.at - 1, "range out of order in character class");
                }
                Member::Byte(_) => {}
                // Libraries differ in whether `[a-\d]` is one.
                Member::Other | Member::Nothing => return Err(Stop::Unknown),
            }
        }
    }

    fn member(&mut self, byte: u8) -> Step<Member> {
        match byte {
            b'\\' => self.class_escape(),
            b'[' => match self.posix_kind(self.at - 1) {
                Some(b':') => self.posix_class(),
                Some(_) => invalid(self.at - 1, "POSIX collating elements are not supported"),
                None => Ok(Member::Byte(byte)),
            },
            _ => Ok(Member::Byte(byte)),
        }
    }

    fn class_escape(&mut self) -> Step<Member> {
        let Some(byte) = self.take() else {
            return invalid(self.text.len(), "\\ at end of pattern");
        };
        Ok(match byte {
            b'Q' => {
                if !self.quoted().is_empty() {
                    return Err(Stop::Unknown);
                }
                Member::Nothing
            }
            b'E' => Member::Nothing,
            b'b' => Member::Byte(8),
            b'a' => Member::Byte(7),
            b'e' => Member::Byte(27),
            b'f' => Member::Byte(12),
            b'n' => Member::Byte(10),
            b'r' => Member::Byte(13),
            b't' => Member::Byte(9),
            b'x' => {
                self.hexadecimal()?;
                Member::Other
            }
            b'0'..=b'9' => {
                self.skip_while(|byte| byte.is_ascii_digit());
                Member::Other
            }
            b'D' | b'H' | b'S' | b'V' | b'W' | b'd' | b'h' | b's' | b'v' | b'w' => Member::Other,
            b'A' | b'B' | b'G' | b'K' | b'R' | b'X' | b'Z' | b'z' => {
                let reason = "escape sequence is invalid in character class";
                return invalid_in_pcre2(self.at - 1, reason);
            }
            b'C' | b'N' | b'p' | b'P' | b'c' | b'o' | b'k' | b'g' => return Err(Stop::Unknown),
            _ => {
                self.unknown_letter(byte)?;
                if byte.is_ascii_alphabetic() { Member::Other } else { Member::Byte(byte) }
            }
        })
    }

    /// The kind of the POSIX class that begins at a `[` (`check_posix_syntax` in PCRE2).
    fn posix_kind(&self, start: usize) -> Option<u8> {
        let kind = *self.text.get(start + 1)?;
        if !b":.=".contains(&kind) {
            return None;
        }
        let mut at = start + 2;
        loop {
            let next = self.text.get(at + 1);
            match *self.text.get(at)? {
                b'\\' if matches!(next, Some(b']' | b'\\')) => at += 1,
                b']' => return None,
                b'[' if next == Some(&kind) => return None,
                byte if byte == kind && next == Some(&b']') => return Some(kind),
                _ => {}
            }
            at += 1;
        }
    }

    /// Behind the `[` of `[:name:]`.
    fn posix_class(&mut self) -> Step<Member> {
        const NAMES: [&[u8]; 14] = [
            b"alpha", b"lower", b"upper", b"alnum", b"ascii", b"blank", b"cntrl", b"digit",
            b"graph", b"print", b"punct", b"space", b"word", b"xdigit",
        ];
        self.at += 1;
        let start = self.at;
        self.skip(b"^");
        let name = self.skip_while(|byte| byte != b':');
        if !NAMES.contains(&name) || !self.skip(b":]") {
            return invalid(start, "unknown POSIX class name");
        }
        Ok(Member::Other)
    }
}
