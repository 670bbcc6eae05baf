//! The text of one comment.

use std::ops::Range;

/// What a comment tells wslint to do. Ranges count from the comment's `#`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Instruction {
    /// `ignore[NAME, NAME] reason`
    Ignore {
        /// Where it holds.
        scope: Scope,
        /// The names in the brackets; there is one at least.
        names: Vec<Range<usize>>,
    },
    /// `websocket` or `not-websocket`
    Intent {
        /// Whether WebSockets are meant.
        is_meant: bool,
        /// The word.
        word: Range<usize>,
    },
}

/// Where an `ignore` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// `ignore`
    Here,
    /// `ignore-file`
    File,
}

/// Why a comment for wslint is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// It begins with a word that means nothing.
    Unknown(Range<usize>),
    /// An `ignore` without a name in brackets.
    NoRules(Range<usize>),
}

/// Reads a comment, from its `#` on; `None` when it is not for wslint.
pub(super) fn instruction(comment: &[u8]) -> Option<Result<Instruction, Malformed>> {
    let hashes = comment.iter().take_while(|&&byte| byte == b'#').count();
    let at = skip_blanks(comment, hashes);
    let start = skip_blanks(comment, at + prefix(&comment[at..])?);
    let is_of_word = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let end = start + comment[start..].iter().take_while(is_of_word).count();
    let word = start..end;
    let scope = match &comment[word.clone()] {
        b"ignore" => Scope::Here,
        b"ignore-file" => Scope::File,
        b"websocket" => return Some(Ok(Instruction::Intent { is_meant: true, word })),
        b"not-websocket" => return Some(Ok(Instruction::Intent { is_meant: false, word })),
        // What is there instead of a word is shown, or else the comment.
        b"" => {
            let rest = start + comment[start..].trim_ascii_end().len();
            let shown = if rest > start { start..rest } else { 0..start };
            return Some(Err(Malformed::Unknown(shown)));
        }
        _ => return Some(Err(Malformed::Unknown(word))),
    };
    let open = skip_blanks(comment, end);
    let inside = comment.get(open).filter(|&&byte| byte == b'[').map(|_| open + 1);
    let names = inside.and_then(|inside| {
        let length = memchr::memchr(b']', &comment[inside..])?;
        Some(names(comment, inside..inside + length))
    });
    Some(match names {
        Some(names) if !names.is_empty() => Ok(Instruction::Ignore { scope, names }),
        _ => Err(Malformed::NoRules(word)),
    })
}

/// The length of `wslint:`, if the text begins with it.
fn prefix(text: &[u8]) -> Option<usize> {
    const PREFIX: &[u8] = b"wslint:";
    text.starts_with(PREFIX).then_some(PREFIX.len())
}

fn skip_blanks(text: &[u8], from: usize) -> usize {
    let blanks = text[from..].iter().take_while(|byte| byte.is_ascii_whitespace());
    from + blanks.count()
}

/// The names of a list, without the blanks around them.
fn names(text: &[u8], list: Range<usize>) -> Vec<Range<usize>> {
    let mut start = list.start;
    let mut names = Vec::new();
    for part in text[list].split(|&byte| byte == b',') {
        let first = start + (part.len() - part.trim_ascii_start().len());
        let name = part.trim_ascii();
        if !name.is_empty() {
            names.push(first..first + name.len());
        }
        start += part.len() + 1;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(comment: &str) -> Vec<&str> {
        match instruction(comment.as_bytes()) {
            Some(Ok(Instruction::Ignore { names, .. })) => {
                names.into_iter().map(|name| &comment[name]).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_stand_in_brackets() {
        for comment in [
            "# wslint: ignore[a, map]",
            "#wslint:ignore[a,map] because",
            "##\twslint: ignore-file [ a ,, map, ]\r",
        ] {
            assert_eq!(names(comment), ["a", "map"], "{comment}");
        }
    }

    #[test]
    fn other_comments_are_not_meant() {
        for comment in ["#", "# see wslint: ignore[a]", "# wslint", "# WSLINT: ignore[a]", "# w"] {
            assert_eq!(instruction(comment.as_bytes()), None, "{comment}");
        }
    }

    #[test]
    fn mistakes_are_told_apart() {
        let mistake = |comment: &str| match instruction(comment.as_bytes()) {
            Some(Err(Malformed::Unknown(range))) => format!("unknown {}", &comment[range]),
            Some(Err(Malformed::NoRules(range))) => format!("no rules {}", &comment[range]),
            other => panic!("{comment}: {other:?}"),
        };
        assert_eq!(mistake("# wslint: ignroe[a]"), "unknown ignroe");
        assert_eq!(mistake("# wslint: websockets"), "unknown websockets");
        assert_eq!(mistake("# wslint: [a] "), "unknown [a]");
        assert_eq!(mistake("# wslint:"), "unknown # wslint:");
        for comment in ["# wslint: ignore", "# wslint: ignore a", "# wslint: ignore[ , ]"] {
            assert_eq!(mistake(comment), "no rules ignore", "{comment}");
        }
        assert_eq!(mistake("# wslint: ignore-file[a"), "no rules ignore-file");
    }

    proptest::proptest! {
        #[test]
        fn no_comment_is_too_much(comment in "#{0,2}( ?wslint:)?( |\t|ignore|-file|\\[|\\]|,|all|websocket|not-|\u{e4}|\r){0,12}") {
            let _ = instruction(comment.as_bytes());
        }

        #[test]
        fn no_bytes_are_too_much(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)) {
            let comment = [b"# wslint: ".as_slice(), &bytes].concat();
            if let Some(Ok(Instruction::Ignore { names, .. })) = instruction(&comment) {
                assert!(names.iter().all(|name| !comment[name.clone()].is_empty()));
            }
        }
    }
}
