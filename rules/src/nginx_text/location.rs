//! How a `location` is written (`ngx_http_core_location`).

use wslint_grammar::Directive;

use crate::evaluate::Pattern;
use crate::nginx_text::location_name::{LocationName, Modifier};

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
