//! Backslashes (`PRIV(check_escape)` in PCRE2, src/pcre2_compile.c).

use super::{Reader, Reference, Step, Stop, invalid, invalid_in_pcre2};

const UNRECOGNIZED: &str = "unrecognized character follows \\";
const UNSUPPORTED: &str = "PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u";
const AT_END: &str = "\\ at end of pattern";

impl Reader<'_> {
    /// Behind a backslash outside classes: whether what it stands for may be repeated; `None` for
    /// what is nothing by itself.
    pub(super) fn escape(&mut self) -> Step<Option<bool>> {
        let Some(byte) = self.take() else { return invalid(self.text.len(), AT_END) };
        match byte {
            b'Q' => {
                let text = self.quoted();
                return Ok((!text.is_empty()).then_some(true));
            }
            b'E' => return Ok(None),
            b'A' | b'B' | b'b' | b'G' | b'K' | b'Z' | b'z' => return Ok(Some(false)),
            b'1'..=b'9' => self.reference_or_octal(byte),
            b'k' => self.named_reference()?,
            b'g' | b'N' | b'p' | b'P' | b'o' => return Err(Stop::Unknown),
            b'c' => self.control()?,
            b'x' => self.hexadecimal()?,
            _ if b"CDHRSVWXadefhnrstvw".contains(&byte) => {}
            _ => self.unknown_letter(byte)?,
        }
        Ok(Some(true))
    }

    /// A letter that stands for nothing; PCRE takes it for itself.
    pub(super) fn unknown_letter(&self, byte: u8) -> Step<()> {
        match byte {
            b'F' | b'L' | b'l' | b'U' | b'u' => invalid_in_pcre2(self.at, UNSUPPORTED),
            _ if byte.is_ascii_alphabetic() => invalid_in_pcre2(self.at - 1, UNRECOGNIZED),
            _ => Ok(()),
        }
    }

    /// Behind `\Q`: the text up to `\E`, which is taken too.
    pub(super) fn quoted(&mut self) -> &[u8] {
        let rest = self.rest();
        let end = memchr::memmem::find(rest, b"\\E");
        let text = &rest[..end.unwrap_or(rest.len())];
        self.at += text.len() + end.map_or(0, |_| 2);
        text
    }

    /// `\1` to `\9` are references; what is longer may be an octal number.
    fn reference_or_octal(&mut self, first: u8) {
        let at = self.at - 1;
        let digits = self.skip_while(|byte| byte.is_ascii_digit());
        if digits.is_empty() {
            self.references.push((Reference::Number(usize::from(first - b'0')), at));
        }
    }

    /// `\k<name>`, `\k{name}`, `\k'name'`
    fn named_reference(&mut self) -> Step<()> {
        let close = match self.take() {
            Some(b'<') => b'>',
            Some(b'{') => b'}',
            Some(b'\'') => b'\'',
            // PCRE takes it for a letter in places.
            _ => return Err(Stop::Unknown),
        };
        let start = self.at;
        let name = self.name(close)?;
        self.references.push((Reference::Name(name), start));
        Ok(())
    }

    fn control(&mut self) -> Step<()> {
        match self.take() {
            None => invalid(self.text.len(), "\\c at end of pattern"),
            Some(byte) if (b' '..=b'~').contains(&byte) => Ok(()),
            Some(_) => Err(Stop::Unknown),
        }
    }

    /// `\x`, `\x4`, `\x41`, `\x{41}`
    pub(super) fn hexadecimal(&mut self) -> Step<()> {
        if self.peek() == Some(b'{') {
            let start = self.at;
            self.at += 1;
            let digits = self.skip_while(|byte| byte.is_ascii_hexdigit());
            let fits = (1..=2).contains(&digits.len());
            if !fits || !self.skip(b"}") {
                self.at = start;
                return Err(Stop::Unknown);
            }
            return Ok(());
        }
        for _ in 0..2 {
            if self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                self.at += 1;
            }
        }
        Ok(())
    }
}
