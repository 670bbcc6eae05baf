//! Damage that explains why nginx refuses a directive better than what it says: characters that
//! nobody sees, a comment glued to a word, values that a shell has eaten.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, Invisible, Quote, Span, Word, first_invisible};

/// The quotes that word processors and web pages put in the place of `"` and `'`.
pub const TYPOGRAPHIC_QUOTES: [&str; 6] =
    ["\u{201c}", "\u{201d}", "\u{201e}", "\u{2018}", "\u{2019}", "\u{201a}"];

/// What has happened to a directive's text.
#[derive(Clone, Debug)]
pub enum Damage {
    /// A character in it is not what it looks like.
    Invisible(InvisibleIn),
    /// A `#` in the middle of a word, from which on a comment was meant: the place of the `#`.
    Hash(Span),
    /// Typographic quotes around a word: the place of the word, or of the first of several.
    Quotes(Span),
    /// A shell, or envsubst, took a `$name` for a variable of its own: where it must have stood.
    Expanded(Span),
}

/// A character that nobody sees, in a word.
#[derive(Clone, Copy, Debug)]
pub struct InvisibleIn {
    /// What it is.
    pub character: Invisible,
    /// Where it is.
    pub span: Span,
}

/// The first damage in the arguments of a directive.
pub(crate) fn in_arguments(directive: Directive<'_>) -> Option<Damage> {
    directive.arguments().find_map(in_argument)
}

pub(crate) fn in_argument(word: Word<'_>) -> Option<Damage> {
    invisible(word).map(Damage::Invisible).or_else(|| hash(word).map(Damage::Hash))
}

/// A word that begins with a typographic quote, and goes on behind a blank: so there are more words.
pub(crate) fn quoted_blank(directive: Directive<'_>) -> Option<Damage> {
    let mut words = directive.arguments();
    let opened = words.find_map(|word| {
        let closes = TYPOGRAPHIC_QUOTES
            .iter()
            .any(|quote| word.raw().len() > quote.len() && word.raw().ends_with(quote.as_bytes()));
        typographic(word).filter(|_| !closes)
    });
    opened.filter(|_| words.next().is_some()).map(Damage::Quotes)
}

/// The place of a word that begins with a typographic quote.
pub fn typographic(word: Word<'_>) -> Option<Span> {
    let is_quoted = word.quote() == Quote::None && begins_typographically(word.raw());
    is_quoted.then(|| word.span())
}

/// Whether a text begins with a typographic quote.
pub(crate) fn begins_typographically(text: &[u8]) -> bool {
    TYPOGRAPHIC_QUOTES.iter().any(|quote| text.starts_with(quote.as_bytes()))
}

/// The first character in a word that is not quoted and that nobody sees.
pub fn invisible(word: Word<'_>) -> Option<InvisibleIn> {
    if word.quote() != Quote::None {
        return None;
    }
    let character = first_invisible(word.raw())?;
    let start = word.span().start + character.at as u32;
    Some(InvisibleIn { character, span: Span::new(start, start + character.length as u32) })
}

/// The `#` in the middle of a word that is not quoted.
pub fn hash(word: Word<'_>) -> Option<Span> {
    if word.quote() != Quote::None {
        return None;
    }
    let at = memchr::memchr(b'#', word.raw())? as u32;
    (at > 0).then(|| Span::at(word.span().start + at).to(Span::at(word.span().start + at + 1)))
}

/// Where a `$name` has left nothing but the blanks around it: before the `;`, or between the name
/// of the directive and its next word.
pub fn expanded(directive: Directive<'_>) -> Option<Span> {
    let words = directive.words_span();
    let terminator = directive.terminator()?;
    let text = directive.tree().text();
    let is_gap = |from: u32, to: u32, least: u32| {
        let blanks = text.get(from as usize..to as usize)?;
        let is_blank = blanks.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        (is_blank && to >= from + least).then(|| Span::new(from, to))
    };
    let behind_name = || {
        let next = directive.argument(0).map_or(terminator.start, |word| word.span().start);
        is_gap(directive.name_word().span().end, next, 2)
    };
    match directive.id() {
        // Before a `{` there is a blank in any case.
        Some(d::MAP | d::GEO | d::SPLIT_CLIENTS | d::SET) => behind_name(),
        _ if directive.is_block() => None,
        _ => is_gap(words.end, terminator.start, 1),
    }
}

/// Whether a header is set as variables are in other languages: `proxy_set_header NAME = VALUE`.
pub fn has_equals_sign(directive: Directive<'_>) -> bool {
    directive.id() == Some(d::PROXY_SET_HEADER)
        && directive.argument_count() > 2
        && directive.argument(1).is_some_and(|word| word.raw() == b"=")
}
