//! Which `}` is too many, told by what stands around it.

use super::body::{allowed_in, never_block, takes_body};
use super::reader::{Frame, Reader, Reading};
use crate::catalogue::{Body, Context, directive};
use crate::tree::NONE;
use crate::{BodyKind, DirectiveId, Span, SyntaxError, SyntaxErrorKind, lex};

impl Reader<'_> {
    /// Remembers the first directive that cannot stand where it stands: perhaps the beginning of
    /// its block is lost. A block in its right place shows that all is well again; an `if` may
    /// stand in both.
    pub(super) fn note_lost(&mut self, id: Option<DirectiveId>, first: usize, body: BodyKind) {
        let Some(frame) = self.frames.last() else {
            let at_top = id.filter(|&id| id != directive::INCLUDE);
            if at_top.is_some_and(|id| allowed_in(id, Context::Main) && !never_block(id)) {
                self.lost_at_top = None;
            } else if at_top.is_some_and(|id| !allowed_in(id, Context::Main) && never_block(id)) {
                self.lost_at_top = self.lost_at_top.or(Some(first as u32));
            }
            return;
        };
        let Some(context) = frame.context.filter(|_| !frame.data) else { return };
        let is_lost = match id {
            Some(id) => !allowed_as(id, context, body),
            None => self.looks_like_data(first),
        };
        let is_block = body == BodyKind::Block && id.is_some_and(|id| id != directive::IF);
        let Some(frame) = self.frames.last_mut() else { return };
        if is_lost {
            frame.lost = frame.lost.or(Some(first as u32));
        } else if is_block {
            frame.lost = None;
        }
    }

    /// Whether `server 10.0.0.1;` outside an upstream is what is left of one. Counts as a mistake
    /// until the block's `}` shows up.
    pub(super) fn may_have_lost_block(&mut self, id: DirectiveId) -> bool {
        let is_simple_elsewhere =
            id.definitions().iter().any(|definition| definition.body == Body::None);
        if self.reading != Reading::Content || !is_simple_elsewhere {
            return false;
        }
        let Some(frame) = self.frames.last_mut() else { return false };
        if frame.lost.is_none() {
            frame.taken_for_lost += 1;
            self.misplaced += 1;
        }
        true
    }

    /// Whether an unknown name looks like a key of a map, which no directive's name does.
    fn looks_like_data(&self, word: usize) -> bool {
        is_data(&self.text[self.words[word].span.range()])
    }

    /// A `}` that closes nothing.
    pub(super) fn extra_brace(&mut self) {
        self.brace_trouble += 1;
        let at = self.at as u32;
        let lost = self.frames.last_mut().and_then(|frame| frame.lost.take());
        let Some(word) = lost else {
            if let Some(lost) = self.lost_at_top.filter(|_| self.frames.is_empty()) {
                self.extra_at_top = self.extra_at_top.or(Some((lost, at)));
            }
            self.first_extra = self.first_extra.or(Some(at));
            self.stray(SyntaxErrorKind::UnexpectedCloseBrace);
            return;
        };
        if let Some(frame) = self.frames.last_mut() {
            self.misplaced -= std::mem::take(&mut frame.taken_for_lost);
        }
        let error = self.lost_block(word, at);
        self.first_extra = self.first_extra.or(Some(error.span.start));
        self.error(error);
        self.skipped.push(Span::new(at, at + 1));
    }

    /// In a whole configuration, a directive outside all blocks that can only stand in one has lost
    /// its block; in a fragment that block is in another file.
    pub(super) fn blame_lost_block_at_top(&mut self) {
        let Some((word, brace)) = self.extra_at_top else { return };
        let lost = self.lost_block(word, brace);
        let is_extra = |error: &&mut SyntaxError| {
            error.kind == SyntaxErrorKind::UnexpectedCloseBrace && error.span.start == brace
        };
        if let Some(error) = self.errors.iter_mut().find(is_extra) {
            self.first_extra = self.first_extra.min(Some(lost.span.start));
            *error = lost;
        }
    }

    fn lost_block(&self, word: u32, brace: u32) -> SyntaxError {
        let name = self.words[word as usize].span;
        let shown = self.shown(name);
        let nginx = match self.directive_id(word as usize) {
            Some(_) => format!("\"{shown}\" directive is not allowed here"),
            None => format!("unknown directive \"{}\"", shown.trim_matches(['"', '\''])),
        };
        SyntaxError::new(SyntaxErrorKind::LostBlock { nginx }, name)
            .note(Span::new(brace, brace + 1), "this `}` closes nothing")
    }

    /// Whether the block that the `}` at `self.at` closes was not meant to end here.
    pub(super) fn closes_too_early(&self) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        if frame.lost.is_some() && !self.closes_its_own_block(frame) {
            return true;
        }
        let Some(next) = self.statement_behind(self.at + 1) else { return false };
        let Some(id) = DirectiveId::lookup(next.name) else {
            return frame.data && is_data(next.name);
        };
        let same_line = next.same_line;
        let allowed_in = |id, context| match next.body {
            Some(body) if Some(id) == DirectiveId::lookup(next.name) => {
                allowed_as(id, context, body)
            }
            _ => allowed_in(id, context),
        };
        if !frame.context.is_some_and(|context| allowed_in(id, context)) {
            return false;
        }
        // `location / {} proxy_pass http://b; }`
        let is_empty = self.directives.last().is_some_and(|last| {
            self.directives.len() == frame.directive as usize + 1
                && last.terminator != NONE
                && self.text[last.terminator as usize + 1..self.at].trim_ascii().is_empty()
        });
        is_empty && same_line && never_block(id)
            || (is_empty || next.body != Some(BodyKind::None) || !self.closes_its_own_block(frame))
                && self.context_around().is_some_and(|around| {
                    // Where the block itself cannot stand, what follows it proves nothing.
                    let own = self.directives.get(frame.directive as usize).and_then(|own| own.id);
                    !allowed_in(id, around) && own.is_some_and(|own| allowed_in(own, around))
                })
    }

    /// Whether the `}` at `self.at` shows by its place which block it closes: on a line of its own
    /// right below the beginning, in a text that is indented, or on the same line.
    fn closes_its_own_block(&self, frame: &Frame) -> bool {
        let Some(directive) = self.directives.get(frame.directive as usize) else { return false };
        let start = self.words[directive.words as usize].span.start as usize;
        // Not farther than a person sees, so that the time stays linear.
        let near = &self.text[start..self.at.min(start + 1024)];
        if self.at <= start + 1024 && memchr::memchr(b'\n', near).is_none() {
            return true;
        }
        let around = self.frames.len().checked_sub(2).and_then(|around| self.frames[around].indent);
        self.starts_line(self.at)
            && frame.indent == Some(self.indent_of(self.at))
            && (self.frames.len() == 1 || around < frame.indent)
    }

    /// What may stand around the innermost block, when that is known.
    fn context_around(&self) -> Option<Context> {
        match &self.frames[..] {
            [] => None,
            [only] => self.is_main_block(only).then_some(Context::Main),
            [.., around, _] => around.context,
        }
    }

    /// Whether a block can stand nowhere but outside all others.
    fn is_main_block(&self, frame: &Frame) -> bool {
        frame.directive != NONE
            && self.directives[frame.directive as usize]
                .id
                .is_some_and(|id| allowed_in(id, Context::Main) && !allowed_in(id, Context::Http))
    }

    /// The next directive that is no `include`, unless another token comes first.
    fn statement_behind(&self, at: usize) -> Option<Next<'_>> {
        let mut rest = &self.text[at..];
        let mut same_line = true;
        loop {
            let (behind, ends_line) = lex::blanks(rest);
            same_line &= !ends_line;
            rest = behind;
            if let Ok((behind, _)) = lex::comment(rest) {
                rest = behind;
                continue;
            }
            if matches!(rest.first(), None | Some(b';' | b'{' | b'}')) {
                return None;
            }
            let (behind, _) = lex::bare_word(rest).ok()?;
            let name = &rest[..rest.len() - behind.len()];
            if name != b"include" {
                return Some(Next { name, same_line, body: body_behind(behind) });
            }
            rest = &behind[memchr::memchr2(b';', b'\n', behind)? + 1..];
        }
    }
}

/// What follows a `}`.
struct Next<'t> {
    name: &'t [u8],
    same_line: bool,
    /// What it ends with, when that is on the same line.
    body: Option<BodyKind>,
}

/// What ends a directive, behind its name.
fn body_behind(text: &[u8]) -> Option<BodyKind> {
    // Quotes hide what stands in them, and a person's line is no longer.
    let line = &text[..text.len().min(512)];
    let found = line.iter().find(|byte| b";{\n\"'$".contains(byte))?;
    match found {
        b';' => Some(BodyKind::None),
        b'{' => Some(BodyKind::Block),
        _ => None,
    }
}

/// Whether a directive may stand there with that body.
fn allowed_as(id: DirectiveId, context: Context, body: BodyKind) -> bool {
    id.definitions()
        .iter()
        .any(|definition| definition.contexts.contains(context) && takes_body(definition, body))
}

/// Whether a word can only be a key of a map: `default`, or what is no name at all.
fn is_data(word: &[u8]) -> bool {
    word == b"default"
        || word.first().is_some_and(|byte| {
            !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'$' | b'@')
        })
}
