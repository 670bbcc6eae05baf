//! Groups, and what else begins with a parenthesis.

use super::{Reader, Reference, Step, Stop, invalid, invalid_in_pcre2};

const UNCLOSED: &str = "missing closing parenthesis";

impl<'t> Reader<'t> {
    /// Behind `(`: whether what was read may be repeated. A group that was opened may not.
    pub(super) fn group(&mut self) -> Step<bool> {
        if self.peek() == Some(b'*') {
            return match self.text.get(self.at + 1) {
                // A verb, such as `(*UTF8)`.
                Some(byte) if *byte == b':' || byte.is_ascii_alphabetic() => Err(Stop::Unknown),
                None => Err(Stop::Unknown),
                Some(_) => invalid(self.at + 1, "(*VERB) not recognized or malformed"),
            };
        }
        if !self.skip(b"?") {
            self.captures += 1;
            self.open += 1;
            return Ok(false);
        }
        let Some(byte) = self.take() else { return invalid(self.text.len(), UNCLOSED) };
        match byte {
            b':' | b'=' | b'!' | b'>' => {}
            b'#' => {
                self.skip_while(|byte| byte != b')');
                if !self.skip(b")") {
                    return invalid(self.text.len(), "missing ) after (?# comment");
                }
                // What stands before a comment may be repeated behind it: not followed here.
                return match self.peek() {
                    Some(b'*' | b'+' | b'?' | b'{') => Err(Stop::Unknown),
                    _ => Ok(true),
                };
            }
            b'<' => match self.peek() {
                Some(b'=' | b'!') => self.at += 1,
                Some(b'*') => return Err(Stop::Unknown),
                _ => self.named_group(b'>')?,
            },
            b'\'' => self.named_group(b'\'')?,
            b'P' => match self.take() {
                Some(b'<') => self.named_group(b'>')?,
                Some(b'=') => {
                    let start = self.at;
                    let name = self.name(b')')?;
                    self.references.push((Reference::Name(name), start));
                    return Ok(true);
                }
                Some(b'>') | None => return Err(Stop::Unknown),
                Some(_) => return invalid(self.at - 1, "unrecognized character after (?P"),
            },
            // Conditions, calls, callouts, groups that share numbers.
            b'(' | b'|' | b'R' | b'C' | b'&' | b'+' | b'*' | b'[' | b'0'..=b'9' => {
                return Err(Stop::Unknown);
            }
            b'-' if self.peek().is_some_and(|byte| byte.is_ascii_digit()) => {
                return Err(Stop::Unknown);
            }
            _ => {
                self.at -= 1;
                return self.options();
            }
        }
        self.open += 1;
        Ok(false)
    }

    /// `(?i)`, `(?i-s:…)`, behind the question mark.
    fn options(&mut self) -> Step<bool> {
        loop {
            let Some(byte) = self.take() else { return invalid(self.text.len(), UNCLOSED) };
            match byte {
                b')' => return Ok(false),
                b':' => {
                    self.open += 1;
                    return Ok(false);
                }
                b'i' | b'm' | b's' | b'U' | b'-' => {}
                // Blanks and `#` mean something else, or names may come twice, or the release counts.
                b'x' | b'J' | b'n' | b'^' | b'a' | b'r' | b'X' => return Err(Stop::Unknown),
                _ => return invalid(self.at - 1, "unrecognized character after (? or (?-"),
            }
        }
    }

    fn named_group(&mut self, close: u8) -> Step<()> {
        let name = self.name(close)?;
        if self.names.contains(&name) {
            let reason = "two named subpatterns have the same name (PCRE2_DUPNAMES not set)";
            return invalid(self.at, reason);
        }
        self.names.push(name);
        self.captures += 1;
        Ok(())
    }

    /// A name and what closes it.
    pub(super) fn name(&mut self, close: u8) -> Step<&'t [u8]> {
        if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return invalid(self.at, "subpattern name must start with a non-digit");
        }
        let name = self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if name.is_empty() {
            return match self.peek() {
                Some(byte) if byte.is_ascii() => {
                    invalid_in_pcre2(self.at, "subpattern name expected")
                }
                _ => Err(Stop::Unknown),
            };
        }
        // The most that any release takes.
        if name.len() > 128 {
            return Err(Stop::Unknown);
        }
        if !self.skip(&[close]) {
            let reason = "syntax error in subpattern name (missing terminator?)";
            return invalid(self.at, reason);
        }
        Ok(name)
    }
}
