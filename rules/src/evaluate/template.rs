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
pub fn parts(text: &[u8]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'$', &text[at..]) {
        let dollar = at + found;
        let Some((part, end)) = variable(text, dollar) else {
            at = dollar + 1;
            continue;
        };
        if copied < dollar {
            parts.push(Part::Text(&text[copied..dollar]));
        }
        parts.push(part);
        copied = end;
        at = end;
    }
    if copied < text.len() {
        parts.push(Part::Text(&text[copied..]));
    }
    parts
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
        parts(text.as_bytes()).iter().map(show).collect()
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
