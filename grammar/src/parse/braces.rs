//! Which brace is the wrong one.

use super::body::allowed_in;
use super::reader::{Frame, Reader, Reading};
use crate::catalogue::Context;
use crate::tree::NONE;
use crate::{DirectiveId, Span, SyntaxError, SyntaxErrorKind, lex};

impl Reader<'_> {
    /// How many blanks stand between the start of the line and `at`.
    pub(super) fn indent_of(&self, at: usize) -> usize {
        self.text[..at]
            .iter()
            .rev()
            .take_while(|&&byte| lex::is_blank(byte) && byte != b'\n')
            .count()
    }

    pub(super) fn starts_line(&self, at: usize) -> bool {
        let before = at - self.indent_of(at);
        before == 0 || self.text[before - 1] == b'\n'
    }

    /// The innermost open block that fits, if it is among the nearest: a person's mistake is no
    /// deeper, and looking at all of them at every brace would take quadratic time.
    fn find_frame(&self, fits: impl Fn(&Frame) -> bool) -> Option<usize> {
        const NEAREST: usize = 64;
        let first = self.frames.len().saturating_sub(NEAREST);
        self.frames[first..].iter().rposition(fits).map(|index| first + index)
    }

    /// A `{` without a directive before it.
    pub(super) fn lone_brace(&mut self) {
        self.brace_trouble += 1;
        self.stray(SyntaxErrorKind::UnexpectedOpenBrace);
        if self.reading == Reading::Plain {
            let frame = self.frames.last().copied();
            self.frames.push(Frame {
                directive: NONE,
                holder: frame.map_or(NONE, |frame| frame.holder),
                context: frame.and_then(|frame| frame.context),
                data: frame.is_some_and(|frame| frame.data),
                implied: true,
                indent: None,
                lost: None,
                taken_for_lost: 0,
            });
        }
    }

    /// A `}` in the text.
    pub(super) fn close_brace(&mut self) {
        if self.is_brace_among_arguments() {
            self.stray(SyntaxErrorKind::UnexpectedCloseBrace);
            self.at += 1;
            return;
        }
        self.end_unterminated_statement();
        self.close_block();
        self.at += 1;
    }

    /// Closes the innermost block with the `}` at `self.at`, unless that one means another.
    pub(super) fn close_block(&mut self) {
        if self.reading == Reading::Indentation
            && self.starts_line(self.at)
            && let Some(innermost) = self.frames.last().and_then(|frame| frame.indent)
        {
            let indent = self.indent_of(self.at);
            let meant = self.find_frame(|frame| frame.indent == Some(indent));
            if innermost > indent
                && let Some(meant) = meant
            {
                self.close_unclosed_above(meant + 1, self.at);
            } else if innermost < indent && meant.is_none() {
                self.extra_brace();
                return;
            }
        }
        if self.reading == Reading::Content && self.closes_too_early() {
            self.extra_brace();
            return;
        }
        match self.frames.pop() {
            Some(frame) => self.end_block(frame, self.at as u32),
            None => self.extra_brace(),
        }
    }

    fn end_block(&mut self, frame: Frame, close: u32) {
        if frame.directive == NONE {
            if close != NONE {
                self.skipped.push(Span::new(close, close + 1));
            }
            return;
        }
        let end = self.directives.len() as u32;
        let directive = &mut self.directives[frame.directive as usize];
        directive.end = end;
        directive.close = close;
    }

    /// A directive that starts a line no deeper than the block it would be in: that block was
    /// meant to be closed before.
    pub(super) fn close_blocks_indented_like(&mut self, at: usize) {
        let indent = self.indent_of(at);
        let kept = self
            .frames
            .iter()
            .rposition(|frame| frame.indent.is_none_or(|frame| frame < indent))
            .map_or(0, |index| index + 1);
        self.close_unclosed_above(kept, at);
    }

    /// A block that cannot stand here, but could further out: what lies between was meant to be
    /// closed before.
    pub(super) fn close_blocks_that_cannot_hold(&mut self, id: DirectiveId, first: usize) {
        let fits = |frame: &Frame| {
            !frame.data && frame.context.is_none_or(|context| allowed_in(id, context))
        };
        if self.frames.last().is_none_or(fits) || self.holds_stray_block() {
            return;
        }
        let kept = match self.find_frame(fits) {
            Some(index) => index + 1,
            None if allowed_in(id, Context::Main) => 0,
            None => return,
        };
        self.close_unclosed_above(kept, self.words[first].span.start as usize);
    }

    /// Whether a block that comes now is reported as one that strayed among lines of data.
    pub(super) fn holds_stray_block(&self) -> bool {
        self.reading == Reading::Content && self.frames.last().is_some_and(|frame| frame.data)
    }

    fn close_unclosed_above(&mut self, kept: usize, noticed: usize) {
        while self.frames.len() > kept
            && let Some(frame) = self.frames.pop()
        {
            self.end_block(frame, NONE);
            self.unclosed(frame, noticed);
        }
    }

    fn unclosed(&mut self, frame: Frame, noticed: usize) {
        self.brace_trouble += 1;
        if frame.implied {
            return;
        }
        let words = self.directives[frame.directive as usize].words as usize;
        let name = self.words[words].span;
        let kind = SyntaxErrorKind::UnclosedBlock { directive: self.shown(name) };
        let place = Span::new(noticed as u32, noticed as u32 + 1);
        self.error(SyntaxError::new(kind, name).note(place, "a `}` is missing before this"));
    }

    /// What is still open when the text ends was never closed: one mistake, however many blocks.
    pub(super) fn end_of_text(&mut self) {
        self.end_unterminated_statement();
        let mut error: Option<SyntaxError> = None;
        while let Some(frame) = self.frames.pop() {
            self.end_block(frame, NONE);
            self.brace_trouble += 1;
            if frame.implied {
                continue;
            }
            let words = self.directives[frame.directive as usize].words as usize;
            let name = self.words[words].span;
            error = Some(match error {
                None => {
                    let kind = SyntaxErrorKind::UnclosedBlock { directive: self.shown(name) };
                    SyntaxError::new(kind, name)
                }
                // The outer ones are told too, but nobody reads a list of thousands.
                Some(error) if error.notes.len() < 4 => error.note(name, "not closed either"),
                Some(error) => error,
            });
        }
        if let Some(error) = error {
            let end = self.text.trim_ascii_end().len() as u32;
            self.error(error.note(Span::at(end), "the file ends here"));
        }
    }
}
