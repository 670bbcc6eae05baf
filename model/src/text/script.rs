//! What nginx refuses in a text with variables (`ngx_http_script_compile` in nginx,
//! src/http/ngx_http_script.c). Whether the variables exist is another question.

use std::ops::Range;

/// A fault of a text with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From the dollar sign on.
    pub range: Range<usize>,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong with a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Nothing that could be a name follows the dollar sign.
    NoName,
    /// `${name` without `}`.
    Unclosed(String),
}

/// The first fault. With `captures`, `$1` to `$9` are what a regular expression captured.
pub fn fault(text: &[u8], captures: bool) -> Option<Fault> {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'$', &text[at..]) {
        let dollar = at + found;
        at = dollar + 1;
        if captures && text.get(at).is_some_and(|byte| (b'1'..=b'9').contains(byte)) {
            at += 1;
            continue;
        }
        let is_braced = text.get(at) == Some(&b'{');
        at += usize::from(is_braced);
        let name = at;
        while text.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            at += 1;
        }
        let range = dollar..at;
        if is_braced && name < text.len() {
            if text.get(at) != Some(&b'}') {
                let name = String::from_utf8_lossy(&text[name..at]).into_owned();
                return Some(Fault { range, kind: FaultKind::Unclosed(name) });
            }
            at += 1;
        }
        if range.end == name {
            return Some(Fault { range: dollar..at, kind: FaultKind::NoName });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn right_texts() {
        for text in ["", "a", "$host", "${host}x", "$1", "a$1b${c}$d", "$a$b", "$0"] {
            assert_eq!(fault(text.as_bytes(), true), None, "{text}");
        }
    }

    #[test]
    fn faults() {
        for text in ["$", "a$", "a$ b", "$$a", "${}", "${", "$-", "$é"] {
            let found = fault(text.as_bytes(), true).map(|fault| fault.kind);
            assert_eq!(found, Some(FaultKind::NoName), "{text}");
        }
        let unclosed = fault(b"x${host $a}", true).unwrap();
        assert_eq!(unclosed.range, 1..7);
        assert_eq!(unclosed.kind, FaultKind::Unclosed("host".to_owned()));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(text in "[${}a1 ]{0,12}") {
            if let Some(fault) = fault(text.as_bytes(), true) {
                prop_assert_eq!(&text[fault.range.start..=fault.range.start], "$");
            }
        }
    }
}
