//! Texts with variables in them (`ngx_http_script_compile`).

use std::ops::Range;

/// A piece of a text with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'t> {
    /// Plain text.
    Text(&'t [u8]),
    /// `$name` or `${name}`.
    Variable {
        /// The name, as written.
        name: &'t str,
        /// Where it stands in the text, with its dollar sign.
        range: Range<usize>,
    },
    /// `$1` to `$9`.
    Capture(u8),
}

/// Splits a text at its variables. A `$` that begins no name is plain text here; nginx refuses it
/// as an invalid variable name.
pub fn parts(text: &[u8]) -> Parts<'_> {
    Parts { text, at: 0 }
}

/// The pieces of a text with variables, in order.
#[derive(Clone, Debug)]
pub struct Parts<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Iterator for Parts<'t> {
    type Item = Part<'t>;

    fn next(&mut self) -> Option<Part<'t>> {
        let start = self.at;
        if start == self.text.len() {
            return None;
        }
        let mut from = start;
        while let Some(found) = memchr::memchr(b'$', &self.text[from..]) {
            let dollar = from + found;
            if let Some((part, end)) = variable(self.text, dollar) {
                if dollar > start {
                    self.at = dollar;
                    return Some(Part::Text(&self.text[start..dollar]));
                }
                self.at = end;
                return Some(part);
            }
            from = dollar + 1;
        }
        self.at = self.text.len();
        Some(Part::Text(&self.text[start..]))
    }
}

fn variable(text: &[u8], dollar: usize) -> Option<(Part<'_>, usize)> {
    let rest = &text[dollar + 1..];
    let (start, braces) = match rest.first()? {
        b'{' => (1, 1),
        digit @ b'1'..=b'9' => return Some((Part::Capture(digit - b'0'), dollar + 2)),
        _ => (0, 0),
    };
    let name = &rest[start..];
    let length =
        name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    if length == 0 || braces == 1 && name.get(length) != Some(&b'}') {
        return None;
    }
    let end = dollar + 1 + start + length + braces;
    let name = std::str::from_utf8(&name[..length]).ok()?;
    Some((Part::Variable { name, range: dollar..end }, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |part: &Part<'_>| match part {
            Part::Text(text) => String::from_utf8_lossy(text).into_owned(),
            Part::Variable { name, range } => format!("<{name} {}..{}>", range.start, range.end),
            Part::Capture(number) => format!("<{number}>"),
        };
        parts(text.as_bytes()).map(|part| show(&part)).collect()
    }

    #[test]
    fn variables_are_found_with_and_without_braces() {
        assert_eq!(shown("$http_upgrade"), ["<http_upgrade 0..13>"]);
        assert_eq!(shown("a${b}c$d-$1"), ["a", "<b 1..5>", "c", "<d 6..8>", "-", "<1>"]);
    }

    #[test]
    fn a_dollar_without_a_name_is_text() {
        assert_eq!(shown("$"), ["$"]);
        assert_eq!(shown("a$ b"), ["a$ b"]);
        assert_eq!(shown("${a"), ["${a"]);
        assert_eq!(shown("$${a}"), ["$", "<a 1..5>"]);
    }
}
