//! How a `location` is written (`ngx_http_core_location`).

use wslint_grammar::Directive;

use crate::evaluate::Pattern;

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
        let first = directive.argument(0)?.value();
        if let Some(second) = directive.argument(1) {
            let name = second.value().into_owned();
            return Some(match first.as_ref() {
                b"=" => Self::Exact(name),
                b"^~" => Self::Prefix { name, keeps_regexes_out: true },
                b"~" => Self::regex(&name, false),
                b"~*" => Self::regex(&name, true),
                _ => return None,
            });
        }
        Some(match first.as_ref() {
            [b'=', name @ ..] => Self::Exact(name.to_vec()),
            [b'^', b'~', name @ ..] => {
                Self::Prefix { name: name.to_vec(), keeps_regexes_out: true }
            }
            [b'~', b'*', pattern @ ..] => Self::regex(pattern, true),
            [b'~', pattern @ ..] => Self::regex(pattern, false),
            [b'@', ..] => Self::Named(first.into_owned()),
            name => Self::Prefix { name: name.to_vec(), keeps_regexes_out: false },
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
