//! A tree from the first directive to the last, with its comments in their places.

use std::ops::Range;

use wslint_grammar::{BodyKind, Directive, Tree};

/// What comes next in a file.
pub(super) enum Step<'t> {
    /// A directive. When it [has steps](has_steps), the steps up to its `Leave` stand inside it.
    Enter { directive: Directive<'t>, line: u32 },
    /// The end of the innermost directive that has steps.
    Leave,
    /// The text behind a `#`.
    Comment { text: &'t [u8], line: u32 },
}

/// Whether the steps behind a directive stand inside it.
pub(super) fn has_steps(directive: Directive<'_>) -> bool {
    directive.body() == BodyKind::Block
}

/// The steps of one file.
///
/// A comment between the words of a directive comes behind the whole directive, with the
/// directive's line, as in crossplane (`_parse` in crossplane/parser.py).
pub(super) struct Walk<'t> {
    tree: &'t Tree,
    /// The index of the next directive.
    directive: u32,
    /// The number of the next comment.
    comment: usize,
    /// The directives that have been entered and not left.
    inside: Vec<Entered<'t>>,
    /// Comments between the words of the directive that has just ended, and its line.
    pending: (Range<usize>, u32),
    lines: Lines<'t>,
}

struct Entered<'t> {
    directive: Directive<'t>,
    /// The comments between its words, and its line.
    comments: (Range<usize>, u32),
}

impl<'t> Walk<'t> {
    pub(super) fn new(tree: &'t Tree) -> Self {
        let lines = Lines { text: tree.text(), at: 0, line: 1 };
        Self { tree, directive: 0, comment: 0, inside: Vec::new(), pending: (0..0, 0), lines }
    }

    /// Where the next directive starts, if there is one.
    fn next_start(&self) -> Option<u32> {
        let exists = (self.directive as usize) < self.tree.directive_count();
        exists.then(|| self.tree.directive(self.directive).name_word().span().start)
    }

    /// The block that ends before the next directive.
    fn ending(&self) -> Option<&Entered<'t>> {
        self.inside.last().filter(|entered| entered.directive.end_index() == self.directive)
    }

    fn next_comment(&mut self, limit: u32) -> Option<usize> {
        let number = self.comment;
        let comment = self.tree.comments().get(number)?;
        (comment.start < limit).then(|| {
            self.comment += 1;
            number
        })
    }

    fn comment_text(&self, number: usize) -> &'t [u8] {
        let comment = self.tree.slice(self.tree.comments()[number]);
        let text = comment.strip_prefix(b"#").unwrap_or(comment);
        // To nginx the CR of a CRLF is part of the comment; to whoever wrote it, it is not.
        text.strip_suffix(b"\r").unwrap_or(text)
    }

    fn enter(&mut self, start: u32) -> Step<'t> {
        let directive = self.tree.directive(self.directive);
        let line = self.lines.line_of(start);
        self.directive += 1;
        let first = self.comment;
        while self.next_comment(directive.head_span().end).is_some() {}
        let comments = (first..self.comment, line);
        if has_steps(directive) {
            self.inside.push(Entered { directive, comments });
        } else {
            self.pending = comments;
        }
        Step::Enter { directive, line }
    }
}

impl<'t> Iterator for Walk<'t> {
    type Item = Step<'t>;

    fn next(&mut self) -> Option<Step<'t>> {
        if let Some(number) = self.pending.0.next() {
            return Some(Step::Comment { text: self.comment_text(number), line: self.pending.1 });
        }
        let start = self.next_start();
        let ending = self.ending().map(|entered| entered.directive.close());
        // A block without `}` ends where something begins that is not inside it.
        let close = ending.flatten().map(|close| close.start);
        if let Some(number) = self.next_comment(close.or(start).unwrap_or(u32::MAX)) {
            let line = self.lines.line_of(self.tree.comments()[number].start);
            return Some(Step::Comment { text: self.comment_text(number), line });
        }
        if ending.is_some() {
            self.pending = self.inside.pop()?.comments;
            return Some(Step::Leave);
        }
        start.map(|start| self.enter(start))
    }
}

/// Line numbers of offsets that only grow: each byte of the text is looked at once.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn line_of(&mut self, offset: u32) -> u32 {
        let passed = &self.text[self.at..offset as usize];
        self.line += memchr::memchr_iter(b'\n', passed).count() as u32;
        self.at = offset as usize;
        self.line
    }
}
