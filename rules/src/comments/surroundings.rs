//! What stands around a comment.

use std::cell::Cell;

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, Span, Tree};

/// A file, prepared for questions about what stands around its comments.
pub(super) struct Surroundings<'t> {
    pub(super) tree: &'t Tree,
    /// By the number of the comment: the first byte behind it that is neither blank nor part of
    /// another comment.
    behind: Vec<usize>,
    /// What was found last, with the place from which it was looked for: many comments may stand
    /// above one line.
    last: Cell<Option<(usize, Below)>>,
}

/// The line below a comment.
#[derive(Clone, Copy, Debug)]
struct Below {
    /// The end of it, or of what begins on it and goes on.
    end: u32,
    /// The first `location` or `server` that begins on it.
    routed: Option<u32>,
}

impl<'t> Surroundings<'t> {
    pub(super) fn new(tree: &'t Tree) -> Self {
        let text = tree.text();
        let mut behind = vec![0; tree.comments().len()];
        // From the last one on, so that a row of comments is read once.
        let mut next: Option<(usize, usize)> = None;
        for (number, comment) in tree.comments().iter().enumerate().rev() {
            let rest = &text[comment.range().end..];
            let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let solid = comment.range().end + blanks;
            behind[number] = match next {
                Some((start, behind)) if start == solid => behind,
                _ => solid,
            };
            next = Some((comment.range().start, behind[number]));
        }
        Self { tree, behind, last: Cell::new(None) }
    }

    /// The bytes in which findings must begin to be silenced by a comment. One that has a line of
    /// its own covers the next line with all that begins on it, blocks to their end. One behind
    /// something covers that line, with the beginning of a directive that ends on it.
    pub(super) fn covered(&self, number: usize) -> Span {
        let comment = self.tree.comments()[number];
        if !self.is_alone(comment) {
            let start = self.line_start(comment.start);
            let before = self.first_from(start).checked_sub(1).map(|it| self.tree.directive(it));
            let begun = before.map(Directive::head_span).filter(|head| head.end > start);
            return Span::new(begun.map_or(start, |head| head.start), comment.start);
        }
        let end = self.below(number).end.max(comment.end);
        // What is missing at the end of it belongs to it, as a `;` does.
        Span::new(comment.end, end.saturating_add(1))
    }

    /// The line with the first thing behind a comment, from that on.
    fn below(&self, number: usize) -> Below {
        let start = self.behind[number];
        if let Some((_, below)) = self.last.get().filter(|&(last, _)| last == start) {
            return below;
        }
        let rest = &self.tree.text()[start..];
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = Span::new(start as u32, (start + length) as u32);
        let ends = self.starting_in(line).map(|directive| directive.span().end);
        let below = Below {
            end: ends.max().unwrap_or(0).max(line.end),
            routed: self.starting_in(line).find(is_routed).map(Directive::index),
        };
        self.last.set(Some((start, below)));
        below
    }

    /// The number of the `location` or `server` on whose line, or above which, a comment stands: the outermost one of a line above which it stands, the last one before it on its own.
    pub(super) fn routed_block(&self, number: usize) -> Option<u32> {
        let comment = self.tree.comments()[number];
        if self.is_alone(comment) {
            return self.below(number).routed;
        }
        let start = self.line_start(comment.start);
        let line = Span::new(start, comment.start);
        let begun = self.first_from(start).checked_sub(1).map(|it| self.tree.directive(it));
        let begun = begun.filter(|directive| directive.head_span().end > start);
        let blocks = begun.into_iter().chain(self.starting_in(line)).filter(is_routed);
        blocks.last().map(Directive::index)
    }

    /// Whether no directive stands before a comment.
    pub(super) fn is_at_top(&self, comment: Span) -> bool {
        self.tree.directive_count() == 0
            || self.tree.directive(0).words_span().start > comment.start
    }

    /// Whether nothing stands before a comment on its line.
    fn is_alone(&self, comment: Span) -> bool {
        let before = Span::new(self.line_start(comment.start), comment.start);
        let before = self.tree.slice(before);
        before.strip_prefix(b"\xef\xbb\xbf").unwrap_or(before).trim_ascii().is_empty()
    }

    fn line_start(&self, offset: u32) -> u32 {
        let before = &self.tree.text()[..offset as usize];
        memchr::memrchr(b'\n', before).map_or(0, |newline| newline as u32 + 1)
    }

    /// The number of the first directive that begins at `offset` or behind.
    fn first_from(&self, offset: u32) -> u32 {
        let (mut low, mut high) = (0, self.tree.directive_count() as u32);
        while low < high {
            let middle = low.midpoint(high);
            if self.tree.directive(middle).words_span().start < offset {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn starting_in(&self, span: Span) -> impl Iterator<Item = Directive<'t>> + use<'t> {
        let tree = self.tree;
        (self.first_from(span.start)..tree.directive_count() as u32)
            .map(move |index| tree.directive(index))
            .take_while(move |directive| directive.words_span().start < span.end)
    }
}

/// Whether it is a block that handshakes are routed to.
fn is_routed(directive: &Directive<'_>) -> bool {
    directive.is_block() && matches!(directive.id(), Some(d::LOCATION | d::SERVER))
}
