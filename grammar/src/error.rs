//! What is wrong with a file's text, each mistake once.

use crate::{Fix, Span};

/// One mistake in the text, at the place where it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What kind of mistake.
    pub kind: SyntaxErrorKind,
    /// Where it is: what should be changed, not where nginx notices it.
    pub span: Span,
    /// Other places that explain it.
    pub notes: Vec<Note>,
    /// How to mend it, when there is one way.
    pub fix: Option<Fix>,
}

/// A place that helps to understand an error, with what is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The place.
    pub span: Span,
    /// What is to be seen there.
    pub message: String,
}

/// The kinds of mistakes. The texts begin with nginx's own words where nginx has some, so that
/// people find them on the web.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxErrorKind {
    /// A directive runs on into the next one, or into `}`.
    #[error("directive \"{directive}\" is not terminated by \";\"")]
    MissingSemicolon {
        /// The directive that lacks its `;`.
        directive: String,
    },
    /// A block directive is followed by its content, but not by `{`.
    #[error("directive \"{directive}\" has no opening \"{{\"")]
    MissingOpenBrace {
        /// The block directive.
        directive: String,
    },
    /// A block that has no `}` of its own.
    #[error("unexpected end of file, expecting \"}}\": block \"{directive}\" is never closed")]
    UnclosedBlock {
        /// The block's directive.
        directive: String,
    },
    /// `;` where a directive should start.
    #[error("unexpected \";\"")]
    UnexpectedSemicolon,
    /// `{` without a directive before it, or inside a body that has no blocks.
    #[error("unexpected \"{{\"")]
    UnexpectedOpenBrace,
    /// `}` that closes nothing.
    #[error("unexpected \"}}\"")]
    UnexpectedCloseBrace,
    /// `{` after a directive that has no block.
    #[error("directive \"{directive}\" is not terminated by \";\": it takes no block")]
    UnexpectedBlock {
        /// The directive.
        directive: String,
    },
    /// A quote that is opened and not closed where it should be.
    #[error("too long parameter, probably missing terminating \"{quote}\" character")]
    UnclosedQuote {
        /// The quote.
        quote: char,
    },
    /// Text directly behind a closing quote.
    #[error("unexpected \"{found}\" after the closing quote")]
    GluedToQuote {
        /// The first character behind the quote.
        found: char,
    },
    /// What stands behind this directive belongs into a block whose beginning is lost: its `}` is
    /// there.
    #[error("{nginx}: the beginning of its block is missing")]
    LostBlock {
        /// What nginx says about the directive.
        nginx: String,
    },
    /// A `;` or `{` in the middle of a directive.
    #[error("{nginx}: a \"{character}\" stands in the middle of \"{whole}\"")]
    Split {
        /// What nginx says about the first half.
        nginx: String,
        /// The character.
        character: char,
        /// The directive's name, or the word that was cut in two.
        whole: String,
    },
    /// A `{` of a regular expression that is not quoted.
    #[error("{nginx}: a regular expression with braces must stand in quotes")]
    UnquotedRegex {
        /// What nginx says.
        nginx: String,
    },
    /// A character of a web page's source, whose `;` ends the directive.
    #[error("{nginx}: the \";\" of the HTML entity \"{entity}\" ends the directive before it")]
    HtmlEntity {
        /// What nginx says.
        nginx: String,
        /// The entity, with its `;`.
        entity: String,
    },
    /// A character that nobody sees, and nginx takes for a part of a directive's name.
    #[error("unknown directive \"{directive}\": {character} is a part of the name")]
    InvisibleCharacter {
        /// The name as nginx reads it.
        directive: String,
        /// What the character is called.
        character: String,
    },
    /// The text is UTF-16, of which nginx reads every second byte as a letter of its own.
    #[error("the file is encoded in UTF-16, which nginx does not read")]
    Utf16,
    /// A word or comment that does not fit nginx's buffer of 4096 bytes.
    #[error("too long parameter \"{start}...\" started: nginx reads at most 4096 bytes at once")]
    TooLong {
        /// Its first characters.
        start: String,
    },
    /// A Lua block without its closing brace.
    #[error("the Lua code of \"{directive}\" is never closed by \"}}\"")]
    UnclosedLua {
        /// The directive.
        directive: String,
    },
    /// The text is longer than [`Span::MAX_LEN`]; the rest was not read.
    #[error("the file is too large: only the first 4 GiB were read")]
    FileTooLarge,
    /// There are more errors than [`SyntaxError::LIMIT`]; the rest is not listed.
    #[error("too many errors in this file: the rest is not listed")]
    TooManyErrors,
}

impl SyntaxError {
    /// How many errors of one file are listed.
    pub const LIMIT: usize = 1000;

    pub(crate) fn new(kind: SyntaxErrorKind, span: Span) -> Self {
        Self { kind, span, notes: Vec::new(), fix: None }
    }

    pub(crate) fn note(mut self, span: Span, message: impl Into<String>) -> Self {
        self.notes.push(Note { span, message: message.into() });
        self
    }

    pub(crate) fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}
