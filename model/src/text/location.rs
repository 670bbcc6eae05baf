//! How a `location` is written (`ngx_http_core_location`).

use std::borrow::Cow;

use wslint_grammar::{Directive, Word};

use super::pattern::Pattern;

/// How a location's name is compared with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// No modifier: the path begins so.
    Prefix,
    /// `^~`: the path begins so, and regular expressions are not asked.
    PrefixOnly,
    /// `=`
    Exact,
    /// `~`, or `~*`, which ignores case.
    Regex {
        /// Whether `~*` was written.
        ignores_case: bool,
    },
    /// `@name`
    Named,
}

/// The arguments of a `location`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationName<'t> {
    /// How it is compared.
    pub modifier: Modifier,
    /// The path, regular expression, or name with its `@`.
    pub path: Cow<'t, [u8]>,
}

impl<'t> LocationName<'t> {
    /// Reads the arguments of a `location`; `None` when nginx refuses them.
    pub fn read(directive: Directive<'t>) -> Option<Self> {
        let mut words = directive.arguments();
        let (first, second) = (words.next()?.value(), words.next().map(Word::value));
        let (modifier, path) = match second {
            Some(path) => (modifier(&first)?, path),
            None => alone(first),
        };
        Some(Self { modifier, path })
    }

    /// Reads the head of a location; `None` also when its path has yet to be filled in.
    pub fn of(head: Directive<'t>) -> Option<Self> {
        Self::read(head).filter(|name| !name.is_path() || !name.has_placeholder())
    }

    fn has_placeholder(&self) -> bool {
        let marks = [&b"${"[..], b"{{", b"<%"];
        memchr::memchr2(b'{', b'<', &self.path).is_some()
            && marks.iter().any(|mark| memchr::memmem::find(&self.path, mark).is_some())
    }

    /// Whether it is a path, to be compared as it is.
    pub fn is_path(&self) -> bool {
        matches!(self.modifier, Modifier::Prefix | Modifier::PrefixOnly | Modifier::Exact)
    }
}

fn modifier(word: &[u8]) -> Option<Modifier> {
    Some(match word {
        b"=" => Modifier::Exact,
        b"^~" => Modifier::PrefixOnly,
        b"~" => Modifier::Regex { ignores_case: false },
        b"~*" => Modifier::Regex { ignores_case: true },
        _ => return None,
    })
}

/// The modifier may stand before the path without a blank.
fn alone(word: Cow<'_, [u8]>) -> (Modifier, Cow<'_, [u8]>) {
    let (modifier, length) = match word.as_ref() {
        [b'=', ..] => (Modifier::Exact, 1),
        [b'^', b'~', ..] => (Modifier::PrefixOnly, 2),
        [b'~', b'*', ..] => (Modifier::Regex { ignores_case: true }, 2),
        [b'~', ..] => (Modifier::Regex { ignores_case: false }, 1),
        [b'@', ..] => (Modifier::Named, 0),
        _ => (Modifier::Prefix, 0),
    };
    let path = match word {
        Cow::Borrowed(word) => Cow::Borrowed(&word[length..]),
        Cow::Owned(mut word) => Cow::Owned(word.split_off(length)),
    };
    (modifier, path)
}

/// What a `location` matches.
#[derive(Clone, Debug)]
pub enum LocationPattern {
    /// `= /ws`
    Exact(Vec<u8>),
    /// `/ws`, or `^~ /ws`, which keeps regular expressions from being asked.
    Prefix {
        /// The start of the URI.
        name: Vec<u8>,
        /// Whether `^~` was written.
        keeps_regexes_out: bool,
    },
    /// `~ pattern`, or `~* pattern` without regard to case.
    Regex(Pattern),
    /// `@name`
    Named(Vec<u8>),
}

impl LocationPattern {
    /// Reads the arguments of a `location`; the modifier may be glued to the name. `None` when
    /// nginx would refuse them.
    pub fn read(directive: Directive<'_>) -> Option<Self> {
        let LocationName { modifier, path } = LocationName::read(directive)?;
        let name = || path.to_vec();
        Some(match modifier {
            Modifier::Exact => Self::Exact(name()),
            Modifier::Prefix => Self::Prefix { name: name(), keeps_regexes_out: false },
            Modifier::PrefixOnly => Self::Prefix { name: name(), keeps_regexes_out: true },
            Modifier::Regex { ignores_case } => Self::regex(&path, ignores_case),
            Modifier::Named => Self::Named(name()),
        })
    }

    fn regex(pattern: &[u8], ignores_case: bool) -> Self {
        Self::Regex(Pattern::new(String::from_utf8_lossy(pattern).into_owned(), ignores_case))
    }

    /// The pattern as people write it: with its modifier.
    pub fn shown(&self) -> String {
        let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        match self {
            Self::Exact(name) => format!("= {}", text(name)),
            Self::Prefix { name, keeps_regexes_out: true } => format!("^~ {}", text(name)),
            Self::Prefix { name, .. } | Self::Named(name) => text(name),
            Self::Regex(pattern) if pattern.ignores_case => format!("~* {}", pattern.text),
            Self::Regex(pattern) => format!("~ {}", pattern.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modifier_may_touch_the_path() {
        for (word, modifier, path) in [
            ("=/a", Modifier::Exact, "/a"),
            ("^~/a", Modifier::PrefixOnly, "/a"),
            ("~*a$", Modifier::Regex { ignores_case: true }, "a$"),
            ("~a", Modifier::Regex { ignores_case: false }, "a"),
            ("@a", Modifier::Named, "@a"),
            ("/a", Modifier::Prefix, "/a"),
            ("", Modifier::Prefix, ""),
        ] {
            let expected = (modifier, Cow::Borrowed(path.as_bytes()));
            assert_eq!(alone(Cow::Borrowed(word.as_bytes())), expected, "{word}");
        }
    }
}
