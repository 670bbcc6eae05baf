//! The tree of one file.

use std::borrow::Cow;

use crate::{DirectiveId, LineIndex, Span, SyntaxError, lex};

/// How a word is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quote {
    /// Not at all.
    None,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
}

impl Quote {
    /// The quote character.
    pub const fn character(self) -> Option<char> {
        match self {
            Quote::None => None,
            Quote::Single => Some('\''),
            Quote::Double => Some('"'),
        }
    }
}

/// One word as it is stored: twelve bytes, whatever its length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WordData {
    /// With its quotes.
    pub(crate) span: Span,
    pub(crate) quote: Quote,
    /// A backslash stands in it.
    pub(crate) escaped: bool,
    /// Recovered from a quote that was never closed: there is no closing quote.
    pub(crate) unclosed: bool,
    /// It is the first thing on its line.
    pub(crate) starts_line: bool,
}

/// An index that stands for "none".
pub(crate) const NONE: u32 = u32::MAX;

/// One directive as it is stored. Directives lie in the order of the text, each block directly
/// before its content, so a whole tree is three flat vectors and drops without recursion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DirectiveData {
    pub(crate) id: Option<DirectiveId>,
    pub(crate) body: BodyKind,
    /// Index of the name in the words; the arguments follow.
    pub(crate) words: u32,
    pub(crate) word_count: u32,
    pub(crate) parent: u32,
    /// Index behind the last directive inside it.
    pub(crate) end: u32,
    /// Offset of its `;` or `{`, or `NONE` where that is missing.
    pub(crate) terminator: u32,
    /// Offset of its `}`, or `NONE` where that is missing.
    pub(crate) close: u32,
}

/// What follows a directive's arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// Nothing: it ends with `;`.
    None,
    /// Directives, or lines of data, in braces.
    Block,
    /// The text of another language in braces (`*_by_lua_block`).
    Raw,
}

/// What a file says: every byte of it belongs to a token, and the tokens give the text back.
///
/// A tree belongs to one file: what `include` brings in is not part of it.
#[derive(Debug)]
pub struct Tree {
    pub(crate) text: Vec<u8>,
    pub(crate) directives: Vec<DirectiveData>,
    pub(crate) words: Vec<WordData>,
    pub(crate) includes: Vec<u32>,
    pub(crate) comments: Vec<Span>,
    pub(crate) skipped: Vec<Span>,
    pub(crate) errors: Vec<SyntaxError>,
}

impl Tree {
    /// The text that was parsed, as it came.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The bytes of `span`.
    pub fn slice(&self, span: Span) -> &[u8] {
        &self.text[span.range()]
    }

    /// The mistakes in the text, in the order of their places.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// The comments, each from `#` to the end of its line, in the order of the text.
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// The directives outside all blocks.
    pub fn top_level(&self) -> Directives<'_> {
        Directives { tree: self, next: 0, end: self.directives.len() as u32 }
    }

    /// Every directive, blocks before their content.
    pub fn directives(&self) -> impl Iterator<Item = Directive<'_>> {
        (0..self.directives.len() as u32).map(|index| Directive { tree: self, index })
    }

    /// The `include` directives, at all levels.
    pub fn includes(&self) -> impl ExactSizeIterator<Item = Directive<'_>> {
        self.includes.iter().map(|&index| Directive { tree: self, index })
    }

    /// How many directives there are, at all levels.
    pub fn directive_count(&self) -> usize {
        self.directives.len()
    }

    /// The directive with that [`Directive::index`].
    ///
    /// # Panics
    /// When `index` is not smaller than [`Tree::directive_count`].
    pub fn directive(&self, index: u32) -> Directive<'_> {
        assert!((index as usize) < self.directives.len(), "directive {index} is of another tree");
        Directive { tree: self, index }
    }

    /// A line table for the text. It is not kept: ask once and hold on to it.
    pub fn line_index(&self) -> LineIndex {
        LineIndex::new(&self.text)
    }
}

/// A directive of a tree: a handle to copy around.
#[derive(Clone, Copy, Debug)]
pub struct Directive<'t> {
    tree: &'t Tree,
    index: u32,
}

impl<'t> Directive<'t> {
    fn data(self) -> &'t DirectiveData {
        &self.tree.directives[self.index as usize]
    }

    /// The tree that it stands in.
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// Its number in the order of the text, from 0.
    pub fn index(self) -> u32 {
        self.index
    }

    /// The catalogue's number of its name; `None` for a name that the catalogue does not know.
    pub fn id(self) -> Option<DirectiveId> {
        self.data().id
    }

    /// Its name, without quotes and escapes. In a `map` and its like, the key.
    pub fn name(self) -> Cow<'t, [u8]> {
        self.name_word().value()
    }

    /// Its name as it is written.
    pub fn name_word(self) -> Word<'t> {
        Word { tree: self.tree, data: &self.tree.words[self.data().words as usize] }
    }

    /// How many arguments follow the name.
    pub fn argument_count(self) -> usize {
        self.data().word_count as usize - 1
    }

    /// The arguments, in their order.
    pub fn arguments(self) -> impl DoubleEndedIterator<Item = Word<'t>> + ExactSizeIterator {
        let first = self.data().words as usize + 1;
        let tree = self.tree;
        tree.words[first..first + self.argument_count()].iter().map(move |data| Word { tree, data })
    }

    /// The argument with that number, from 0.
    pub fn argument(self, number: usize) -> Option<Word<'t>> {
        (number < self.argument_count()).then(|| Word {
            tree: self.tree,
            data: &self.tree.words[self.data().words as usize + 1 + number],
        })
    }

    /// What follows the arguments.
    pub fn body(self) -> BodyKind {
        self.data().body
    }

    /// Whether it has a body in braces, raw or not.
    pub fn is_block(self) -> bool {
        self.body() != BodyKind::None
    }

    /// The block that it stands in.
    pub fn parent(self) -> Option<Directive<'t>> {
        let parent = self.data().parent;
        (parent != NONE).then_some(Directive { tree: self.tree, index: parent })
    }

    /// The directives directly inside its body.
    pub fn children(self) -> Directives<'t> {
        Directives { tree: self.tree, next: self.index + 1, end: self.data().end }
    }

    /// The number behind the last directive inside it: together with [`Directive::index`] the
    /// range of everything that it holds.
    pub fn end_index(self) -> u32 {
        self.data().end
    }

    /// Where its `;` or `{` stands; `None` where that is missing.
    pub fn terminator(self) -> Option<Span> {
        let at = self.data().terminator;
        (at != NONE).then(|| Span::new(at, at + 1))
    }

    /// Where its `}` stands; `None` without a body, or where that is missing.
    pub fn close(self) -> Option<Span> {
        let at = self.data().close;
        (at != NONE).then(|| Span::new(at, at + 1))
    }

    /// What lies between its braces. Without `{` or `}` it reaches from the head to the last
    /// directive inside.
    pub fn body_span(self) -> Option<Span> {
        if !self.is_block() {
            return None;
        }
        let start = self.terminator().unwrap_or(self.words_span()).end;
        let end = self.close().map_or_else(|| self.last_inside().max(start), |close| close.start);
        Some(Span::new(start, end))
    }

    fn last_inside(self) -> u32 {
        let data = self.data();
        let last = &self.tree.directives[data.end as usize - 1];
        let word = &self.tree.words[(last.words + last.word_count) as usize - 1];
        if last.terminator == NONE { word.span.end } else { last.terminator + 1 }
    }

    /// From its name to its last argument.
    pub fn words_span(self) -> Span {
        let data = self.data();
        let last = &self.tree.words[(data.words + data.word_count) as usize - 1];
        Span::new(self.name_word().span().start, last.span.end)
    }

    /// From its name to its `;` or `{`.
    pub fn head_span(self) -> Span {
        self.terminator().map_or(self.words_span(), |terminator| self.words_span().to(terminator))
    }

    /// All of it, with its body.
    pub fn span(self) -> Span {
        match (self.close(), self.body_span()) {
            (Some(close), _) => self.words_span().to(close),
            (None, Some(body)) => self.words_span().to(body),
            (None, None) => self.head_span(),
        }
    }
}

/// The directives of one level.
#[derive(Clone, Debug)]
pub struct Directives<'t> {
    tree: &'t Tree,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Directives<'t> {
    type Item = Directive<'t>;

    fn next(&mut self) -> Option<Directive<'t>> {
        if self.next >= self.end {
            return None;
        }
        let directive = Directive { tree: self.tree, index: self.next };
        self.next = directive.data().end;
        Some(directive)
    }
}

/// A word of a tree: a directive's name or one of its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Word<'t> {
    tree: &'t Tree,
    data: &'t WordData,
}

impl<'t> Word<'t> {
    /// The tree that it stands in.
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// Where it stands, with its quotes.
    pub fn span(self) -> Span {
        self.data.span
    }

    /// Where its content stands, without its quotes.
    pub fn content_span(self) -> Span {
        let span = self.data.span;
        match self.data.quote {
            Quote::None => span,
            _ if self.data.unclosed => Span::new(span.start + 1, span.end),
            _ => Span::new(span.start + 1, span.end - 1),
        }
    }

    /// As it is written, with its quotes and escapes.
    pub fn raw(self) -> &'t [u8] {
        self.tree.slice(self.data.span)
    }

    /// What nginx makes of it: without quotes, with escapes undone. Borrowed unless a backslash
    /// stands in it.
    pub fn value(self) -> Cow<'t, [u8]> {
        let content = self.tree.slice(self.content_span());
        if self.data.escaped { Cow::Owned(lex::unescape(content)) } else { Cow::Borrowed(content) }
    }

    /// How it is quoted.
    pub fn quote(self) -> Quote {
        self.data.quote
    }

    /// Whether a backslash stands in it, so that offsets in [`Word::value`] are not offsets in
    /// the text.
    pub fn is_escaped(self) -> bool {
        self.data.escaped
    }

    /// Whether it is the first thing on its line.
    pub fn starts_line(self) -> bool {
        self.data.starts_line
    }
}
