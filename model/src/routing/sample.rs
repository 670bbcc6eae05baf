//! A URL that leads to a location.

use crate::text::location::LocationPattern;
use crate::text::request_uri::escape;

/// A request target that a location may be asked with; `None` for named locations, and for
/// regular expressions that ask for more than can be guessed.
pub fn target(pattern: &LocationPattern) -> Option<String> {
    match pattern {
        LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. } => {
            let path = escape(name);
            let path = String::from_utf8(path).ok()?;
            path.starts_with('/').then_some(path)
        }
        LocationPattern::Regex(pattern) => {
            let text = text_of(&pattern.text)?;
            let text = match text.strip_prefix('/') {
                Some(_) => text,
                // A pattern that begins nowhere: `\.ws$`.
                None => format!("/x{text}"),
            };
            let is_found = pattern.is_match(text.as_bytes()) == Some(true);
            is_found.then(|| request_target(&text))
        }
        LocationPattern::Named(_) => None,
    }
}

/// A path as it is written in a request line.
pub(crate) fn request_target(path: &str) -> String {
    String::from_utf8_lossy(&escape(path.as_bytes())).into_owned()
}

/// The shortest text that a simple pattern matches: literals, classes, groups, alternatives and
/// what repeats. The caller asks the pattern itself whether it does.
pub(crate) fn text_of(pattern: &str) -> Option<String> {
    text_with(pattern, 1)
}

/// As [`text_of`], with nothing for what may repeat any number of times.
pub(crate) fn shortest_text_of(pattern: &str) -> Option<String> {
    text_with(pattern, 0)
}

/// Longer texts are not made: nginx reads a request line of 8 KiB at most
/// (`large_client_header_buffers`).
const LONGEST: usize = 8 * 1024;

/// Groups may be nested so deep.
const DEEPEST: usize = 64;

fn text_with(pattern: &str, star: usize) -> Option<String> {
    let characters: Vec<char> = pattern.chars().collect();
    let mut reader = Reader { characters: &characters, at: 0, depth: 0, star };
    let text = reader.alternatives()?;
    (reader.at == characters.len()).then_some(text)
}

struct Reader<'p> {
    characters: &'p [char],
    at: usize,
    /// In how many groups it is.
    depth: usize,
    /// How often what `*` follows is taken.
    star: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn take(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += 1;
        Some(character)
    }

    fn accept(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        self.at += usize::from(found);
        found
    }

    /// The text of the first alternative; the others are read over.
    fn alternatives(&mut self) -> Option<String> {
        if self.depth > DEEPEST {
            return None;
        }
        self.depth += 1;
        let first = self.sequence()?;
        while self.accept('|') {
            self.sequence()?;
        }
        self.depth -= 1;
        Some(first)
    }

    fn sequence(&mut self) -> Option<String> {
        let mut text = String::new();
        while let Some(character) = self.peek() {
            if matches!(character, '|' | ')') {
                break;
            }
            let piece = self.piece()?;
            let times = self.times()?;
            if text.len() + piece.len() * times > LONGEST {
                return None;
            }
            text.push_str(&piece.repeat(times));
        }
        Some(text)
    }

    fn piece(&mut self) -> Option<String> {
        Some(match self.take()? {
            '^' | '$' => String::new(),
            '.' => "x".to_owned(),
            '\\' => match self.take()? {
                'd' => "1".to_owned(),
                'w' | 'S' | 'D' => "x".to_owned(),
                'b' | 'B' | 'A' | 'z' | 'Z' => String::new(),
                character if character.is_ascii_alphanumeric() => return None,
                character => character.to_string(),
            },
            '[' => self.class()?.to_string(),
            '(' => {
                let mut looks_around = false;
                if self.accept('?') {
                    match self.take()? {
                        ':' => {}
                        'P' | '<' | '\'' => {
                            while !matches!(self.take()?, '>' | '\'' | '=' | '!') {}
                        }
                        '!' | '=' => looks_around = true,
                        _ => return None,
                    }
                }
                let text = self.alternatives()?;
                if !self.accept(')') {
                    return None;
                }
                if looks_around { String::new() } else { text }
            }
            '*' | '+' | '?' | '{' => return None,
            character => character.to_string(),
        })
    }

    /// A character of a class.
    fn class(&mut self) -> Option<char> {
        let is_negated = self.accept('^');
        let mut members = Vec::new();
        let mut first = true;
        loop {
            match self.take()? {
                ']' if !first => break,
                '\\' => match self.take()? {
                    'd' => members.push('1'),
                    'w' => members.push('x'),
                    character => members.push(character),
                },
                character => members.push(character),
            }
            first = false;
        }
        if is_negated {
            ['x', '1', 'Q', '-'].into_iter().find(|character| !members.contains(character))
        } else {
            members.first().copied()
        }
    }

    /// How often the piece before is taken, which is as rarely as it may be, but once for `*`.
    fn times(&mut self) -> Option<usize> {
        let times = match self.peek() {
            Some('*' | '+' | '?') => {
                let character = self.take()?;
                match character {
                    '?' => 0,
                    '*' => self.star,
                    _ => 1,
                }
            }
            Some('{') => {
                self.at += 1;
                let mut digits = String::new();
                loop {
                    match self.take()? {
                        '}' => break,
                        character => digits.push(character),
                    }
                }
                digits.split(',').next()?.parse().ok().filter(|&times: &usize| times < 100)?
            }
            _ => return Some(1),
        };
        // Lazy or possessive.
        if matches!(self.peek(), Some('?' | '+')) {
            self.at += 1;
        }
        Some(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::pattern::Pattern;

    fn regex(text: &str) -> Option<String> {
        target(&LocationPattern::Regex(Pattern::new(text.to_owned(), false)))
    }

    #[test]
    fn a_text_is_found_for_usual_patterns() {
        for (pattern, expected) in [
            ("^/ws$", "/ws"),
            (r"\.ws$", "/x.ws"),
            ("^/(ws|socket)/", "/ws/"),
            (r"^/api/v\d+/ws", "/api/v1/ws"),
            ("^/room/(?<room>[a-z0-9]+)$", "/room/a"),
            ("^/rooms?/[^/]+$", "/room/x"),
            (r"^/a{3}/?", "/aaa"),
            ("/ws/", "/ws/"),
            ("^/(?!static)(.*)$", "/x"),
        ] {
            assert_eq!(regex(pattern).as_deref(), Some(expected), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_is_not_understood_gives_nothing() {
        for pattern in [r"^/\p{L}$", "^/(?=ws)$", "(", "[", "*"] {
            assert_eq!(regex(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn texts_are_bounded() {
        assert_eq!(text_of("((((a{99}){99}){99}){99}){99}"), None);
        let nested = format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(text_of(&nested), None);
    }
}
