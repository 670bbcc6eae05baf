//! Arguments that a directive's module checks in its own way. The messages are nginx's.
//!
//! Each file below has a table: directive, check. What depends on other directives, on the machine
//! or on names that must be resolved is not asked here.

mod access;
mod cache;
mod header;
mod limit;
mod listen;
mod location;
mod log;
mod mail;
mod pass;
mod process;
mod proxy;
mod resolver;
mod rewrite;
mod server_name;
mod size;
mod syslog;
mod text;
mod tls;
mod upstream;
mod variable;

use std::fmt::Write as _;
use std::sync::LazyLock;

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::{Context as Block, Definition, Version, names};

use crate::text::script::{self, FaultKind};
use crate::text::value::Refused;
use crate::text::{placeholder, regex_syntax};

pub use upstream::is_server_parameter;

/// Says what is wrong with a line, if anything is.
type Check = fn(&Line<'_>) -> Option<Refused>;

/// A directive and its check.
type Row = (DirectiveId, Check);

/// What is known about a directive's arguments.
#[derive(Clone, Copy, Default)]
struct Checks {
    /// For lines in which no template has yet to fill in something.
    plain: Option<Check>,
    /// For all lines: the check looks for marks of templates itself.
    open: Option<Check>,
}

/// The checks of every directive, by its number.
static CHECKS: LazyLock<Vec<Checks>> = LazyLock::new(|| {
    let mut checks = vec![Checks::default(); names().count()];
    for &(id, check) in PLAIN.iter().copied().flatten() {
        debug_assert!(checks[id.index()].plain.is_none(), "{} has two checks", id.name());
        checks[id.index()].plain = Some(check);
    }
    for &(id, check) in OPEN.iter().copied().flatten() {
        debug_assert!(checks[id.index()].open.is_none(), "{} has two checks", id.name());
        checks[id.index()].open = Some(check);
    }
    checks
});

const PLAIN: &[&[Row]] = &[
    access::PLAIN,
    cache::PLAIN,
    header::PLAIN,
    limit::PLAIN,
    listen::PLAIN,
    location::PLAIN,
    log::PLAIN,
    mail::PLAIN,
    pass::PLAIN,
    process::PLAIN,
    proxy::PLAIN,
    resolver::PLAIN,
    size::PLAIN,
    tls::PLAIN,
    upstream::PLAIN,
];

const OPEN: &[&[Row]] = &[
    access::OPEN,
    location::OPEN,
    log::OPEN,
    proxy::OPEN,
    rewrite::OPEN,
    server_name::OPEN,
    text::OPEN,
    variable::OPEN,
];

/// Whether anything is known about the arguments of a directive.
pub(crate) fn is_checked(id: DirectiveId) -> bool {
    let checks = CHECKS[id.index()];
    checks.plain.is_some() || checks.open.is_some()
}

/// Checks the arguments of a directive.
pub fn check(line: &Line<'_>) -> Option<Refused> {
    let checks = CHECKS[line.id.index()];
    let plain = checks.plain.filter(|_| !line.is_open);
    plain.and_then(|check| check(line)).or_else(|| checks.open.and_then(|check| check(line)))
}

/// A directive with its arguments, where it stands, and for which nginx.
pub struct Line<'a> {
    /// The directive.
    pub id: DirectiveId,
    /// What the catalogue says about it.
    pub definition: &'a Definition,
    /// The block that it stands in.
    pub block: Block,
    /// Its name and its arguments, as nginx numbers them.
    pub words: &'a [&'a [u8]],
    /// A template has yet to fill in something. What is refused then is refused otherwise too.
    pub(crate) is_open: bool,
    /// The version of nginx, if it was said.
    pub version: Option<Version>,
}

/// A text for a message.
pub fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Refuses a word with a message. It should have been what is `expected`.
#[expect(clippy::unnecessary_wraps, reason = "checks end with it")]
fn refuse(number: usize, message: String, expected: &str) -> Option<Refused> {
    Some(Refused::new(number, message, expected))
}

impl<'a> Line<'a> {
    /// The name of the directive.
    fn name(&self) -> &'static str {
        self.id.name()
    }

    /// The word with that number; empty without one.
    fn word(&self, number: usize) -> &'a [u8] {
        self.words.get(number).copied().unwrap_or_default()
    }

    /// How many words there are, with the name.
    fn count(&self) -> usize {
        self.words.len()
    }

    /// The words from `first` on, with their numbers.
    fn words_from(&self, first: usize) -> impl Iterator<Item = (usize, &'a [u8])> + use<'a> {
        self.words.iter().copied().enumerate().skip(first)
    }

    fn shown(&self, number: usize) -> String {
        shown(self.word(number))
    }

    /// Whether the nginx that was asked for, or some nginx, is not older than this.
    fn may_be_since(&self, major: u16, minor: u16, patch: u16) -> bool {
        self.version.is_none_or(|version| version >= Version::new(major, minor, patch))
    }

    /// Whether the nginx that was asked for is not older than this.
    fn is_since(&self, major: u16, minor: u16, patch: u16) -> bool {
        self.version.is_some_and(|version| version >= Version::new(major, minor, patch))
    }

    /// Whether a template has yet to fill in something in a word.
    fn is_open_at(&self, number: usize) -> bool {
        placeholder::stands_in(self.word(number))
    }

    /// What nginx says of what a directive's handler returns as text.
    fn refuse_directive(&self, number: usize, what: &str, expected: &str) -> Option<Refused> {
        refuse(number, format!("\"{}\" directive {what}", self.name()), expected)
    }

    fn invalid_value(&self, number: usize, expected: &str) -> Option<Refused> {
        self.refuse_directive(number, "invalid value", expected)
    }

    fn invalid_parameter(&self, number: usize, expected: &str) -> Option<Refused> {
        let message = format!("invalid parameter \"{}\"", self.shown(number));
        refuse(number, message, expected)
    }

    /// Something that the directive needs and does not have.
    #[expect(clippy::unnecessary_wraps, reason = "checks end with it")]
    fn missing(&self, what: &str) -> Option<Refused> {
        Some(Refused {
            word: 0,
            part: None,
            message: format!("\"{}\" must have {what}", self.name()),
            help: "add it".to_owned(),
        })
    }

    /// Refuses the word if it is none of these.
    fn one_of(&self, number: usize, words: &[&str]) -> Option<Refused> {
        let word = self.words.get(number)?;
        if words.iter().any(|known| known.as_bytes() == *word) {
            return None;
        }
        self.invalid_parameter(number, &crate::text::value::one_of(words))
    }

    /// Checks a word as a text with variables (`ngx_http_script_compile`).
    fn script(&self, number: usize) -> Option<Refused> {
        self.script_from(number, 0)
    }

    /// Checks a word as a text with variables, from a byte on.
    fn script_from(&self, number: usize, start: usize) -> Option<Refused> {
        if !self.definition.variables {
            return None;
        }
        script_fault(number, self.words.get(number)?, start, true)
    }

    /// Checks a word as a regular expression, from a byte on (`ngx_regex_compile`).
    fn regex(&self, number: usize, start: usize) -> Option<Refused> {
        regex_fault(number, self.words.get(number)?, start, self.version)
    }
}

/// What is wrong with a word as a text with variables, from `start` on.
pub(crate) fn script_fault(
    number: usize,
    word: &[u8],
    start: usize,
    captures: bool,
) -> Option<Refused> {
    let text = word.get(start..)?;
    let fault = script::fault(text, captures)?;
    if placeholder::takes_dollar(&text[fault.range.start + 1..]) {
        return None;
    }
    let (message, help) = match fault.kind {
        FaultKind::NoName => (
            "invalid variable name".to_owned(),
            "a dollar sign begins the name of a variable; nginx knows no other way to write one \
             than a variable that holds it, as from `geo $dollar { default \"$\"; }`"
                .to_owned(),
        ),
        FaultKind::Unclosed(name) => (
            format!("the closing bracket in \"{name}\" variable is missing"),
            format!("write `${{{name}}}`"),
        ),
    };
    let part = Some(start + fault.range.start..start + fault.range.end);
    Some(Refused { word: number, part, message, help })
}

/// What is wrong with a word as a regular expression, from `start` on.
pub(crate) fn regex_fault(
    number: usize,
    word: &[u8],
    start: usize,
    version: Option<Version>,
) -> Option<Refused> {
    const TEMPLATES: [&[u8]; 4] = [b"${", b"{{", b"{%", b"<%"];
    // nginx uses PCRE2 from here on.
    let old = version.is_some_and(|version| version < Version::new(1, 21, 5));
    let pattern = word.get(start..)?;
    let fault = regex_syntax::fault(pattern).filter(|fault| !old || fault.in_pcre1)?;
    if TEMPLATES.iter().any(|mark| memchr::memmem::find(pattern, mark).is_some()) {
        return None;
    }
    let library = if old { "pcre_compile" } else { "pcre2_compile" };
    let mut message = format!("{library}() failed: {} in \"{}\"", fault.reason, shown(pattern));
    if fault.at < pattern.len() {
        let _ = write!(message, " at \"{}\"", shown(&pattern[fault.at..]));
    }
    let at = start + fault.at.min(pattern.len().saturating_sub(1));
    Some(Refused {
        word: number,
        part: (fault.at < pattern.len()).then_some(at..at + 1),
        message,
        help: regex_syntax::help(&fault).to_owned(),
    })
}

/// How many groups of a pattern capture, if that is certain.
fn captures(pattern: &[u8]) -> Option<usize> {
    regex_syntax::captures(pattern)
}
