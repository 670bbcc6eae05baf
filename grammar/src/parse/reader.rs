//! One pass over the text.

use super::body::{allowed_in, never_block};
use crate::catalogue::{Body, Context, directive};
use crate::tree::{DirectiveData, NONE, WordData};
use crate::{
    BodyKind, DirectiveId, Edit, Fix, Quote, Span, SyntaxError, SyntaxErrorKind, Tree, lex, lua,
};

/// What a pass assumes about braces that do not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Every brace means what nginx takes it for.
    Plain,
    /// As `Plain`, but a `{` without a directive before it opens nothing.
    WithoutLoneBraces,
    /// As `WithoutLoneBraces`, and a block that cannot stand where it stands shows that a `}` is
    /// missing before it.
    Context,
    /// As `Context`, and indentation tells which `}` is missing or too many.
    Indentation,
    /// As `Context`, and what cannot stand where it stands shows which `}` is too many, or which
    /// block has lost its beginning.
    Content,
}

impl Reading {
    /// Whether it looks at what may stand where.
    pub(super) fn knows_contexts(self) -> bool {
        matches!(self, Reading::Context | Reading::Indentation | Reading::Content)
    }
}

/// A block that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Its directive's index; `NONE` for a lone `{`.
    pub(super) directive: u32,
    /// The directive that what stands in it belongs to; `NONE` at the top.
    pub(super) holder: u32,
    /// What may stand in it, when its directive is known.
    pub(super) context: Option<Context>,
    /// Its lines are data.
    pub(super) data: bool,
    /// Its `{` was forgotten: that is reported, and a missing `}` is part of the same mistake.
    pub(super) implied: bool,
    /// How many blanks stand before its directive, when that is the first thing on its line and the
    /// text is not read for the first time.
    pub(super) indent: Option<usize>,
    /// The first word of the first directive in it that cannot stand there, since the last block
    /// that can.
    pub(super) lost: Option<u32>,
    /// How many of those were counted as mistakes of their own.
    pub(super) taken_for_lost: usize,
}

/// How a statement ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    /// Where its `;` or `{` stands, or `NONE`.
    pub(super) at: u32,
    pub(super) body: BodyKind,
}

impl Ending {
    pub(super) const MISSING: Ending = Ending { at: NONE, body: BodyKind::None };
    /// A block whose `{` was forgotten.
    pub(super) const MISSING_BRACE: Ending = Ending { at: NONE, body: BodyKind::Block };
}

#[allow(clippy::struct_excessive_bools, reason = "each is a fact about the place that was reached")]
pub(super) struct Reader<'s> {
    pub(super) text: &'s [u8],
    pub(super) reading: Reading,
    pub(super) at: usize,
    /// Nothing but blanks stands between the start of the line and `at`.
    line_is_fresh: bool,
    pub(super) directives: Vec<DirectiveData>,
    pub(super) words: Vec<WordData>,
    pub(super) includes: Vec<u32>,
    pub(super) comments: Vec<Span>,
    pub(super) skipped: Vec<Span>,
    pub(super) errors: Vec<SyntaxError>,
    /// Errors found, those that are not listed too.
    pub(super) error_count: usize,
    /// Braces that do not match, lone braces, blocks in impossible places.
    pub(super) brace_trouble: usize,
    /// Blocks where they may not stand: part of the cost of a reading, but not its own error.
    pub(super) misplaced: usize,
    /// The first word of the directive that is being read.
    pub(super) statement: usize,
    /// The directive that is being read goes over several lines.
    pub(super) several_lines: bool,
    pub(super) frames: Vec<Frame>,
    /// A quote in the directive that is being read is wrong, so that its words prove nothing.
    pub(super) damaged: bool,
    /// The HTML entities in the directive that is being read whose `;` ended nothing, and what
    /// nginx says about the first.
    pub(super) entities: Vec<Span>,
    pub(super) entity_message: String,
    /// A name that was put together of two pieces: its word, and what it is.
    pub(super) joined: Option<(usize, DirectiveId)>,
    /// Where the first `}` too many was found.
    pub(super) first_extra: Option<u32>,
    /// The first directive outside all blocks that can only stand in one.
    pub(super) lost_at_top: Option<u32>,
    /// That directive, and the first `}` outside all blocks behind it.
    pub(super) extra_at_top: Option<(u32, u32)>,
    /// A block was opened by mistake with `;`, and its `{` follows.
    pub(super) expects_brace: bool,
    /// A block at the top that only a whole configuration has (`http`, `events`, …).
    pub(super) main_block_seen: bool,
    /// Blocks at the top that a whole configuration cannot have there (`server`, …).
    pub(super) inner_blocks_at_top: usize,
}

impl<'s> Reader<'s> {
    pub(super) fn new(text: &'s [u8], reading: Reading) -> Self {
        Self::with_room_for(text, reading, text.len())
    }

    /// A reader that has to read `bytes` of the text.
    pub(super) fn with_room_for(text: &'s [u8], reading: Reading, bytes: usize) -> Self {
        // On the low side: a vector that grows once costs less than one that is never filled.
        Self {
            text,
            reading,
            at: 0,
            line_is_fresh: true,
            directives: Vec::with_capacity(bytes / 48),
            words: Vec::with_capacity(bytes / 16),
            includes: Vec::new(),
            comments: Vec::new(),
            skipped: Vec::new(),
            errors: Vec::new(),
            error_count: 0,
            brace_trouble: 0,
            misplaced: 0,
            statement: 0,
            several_lines: false,
            frames: Vec::new(),
            damaged: false,
            entities: Vec::new(),
            entity_message: String::new(),
            joined: None,
            first_extra: None,
            lost_at_top: None,
            extra_at_top: None,
            expects_brace: false,
            main_block_seen: false,
            inner_blocks_at_top: 0,
        }
    }

    pub(super) fn read(mut self) -> Self {
        self.read_up_to(self.text.len());
        self.end()
    }

    /// Reads all that begins before `stop`.
    pub(super) fn read_up_to(&mut self, stop: usize) {
        while let Some(byte) = self.skip_trivia()
            && self.at < stop
        {
            match byte {
                b';' => self.semicolon(),
                b'{' => self.open_brace(),
                b'}' => self.close_brace(),
                _ => self.word(byte),
            }
            self.line_is_fresh = false;
        }
    }

    /// What is to be said when all has been read.
    pub(super) fn end(mut self) -> Self {
        self.end_of_text();
        if self.main_block_seen {
            self.misplaced += self.inner_blocks_at_top;
            self.blame_lost_block_at_top();
        }
        self
    }

    pub(super) fn is_suspicious(&self) -> bool {
        self.brace_trouble > 0 || self.misplaced > 0
    }

    /// With as many mistakes, the reading that assumes more is the one that knows their places;
    /// but braces that match are not doubted without a gain.
    pub(super) fn explains_better_than(&self, other: &Self) -> bool {
        let (own, others) =
            (self.error_count + self.misplaced, other.error_count + other.misplaced);
        if own != others || other.brace_trouble == 0 {
            return own < others;
        }
        // A `}` too many is never noticed before it, and often long after it.
        match (self.first_extra, other.first_extra) {
            _ if self.reading == Reading::Content => {
                self.first_extra.is_some_and(|own| other.first_error().is_some_and(|it| own < it))
            }
            (Some(own), Some(other)) => own <= other,
            _ => true,
        }
    }

    /// The place of the first mistake, as far as places tell: a block that is never closed is
    /// reported where it begins, however far it reaches.
    fn first_error(&self) -> Option<u32> {
        let is_at_its_place =
            |error: &&SyntaxError| !matches!(error.kind, SyntaxErrorKind::UnclosedBlock { .. });
        self.errors.iter().filter(is_at_its_place).map(|error| error.span.start).min()
    }

    pub(super) fn into_tree(mut self) -> Tree {
        self.errors.sort_by_key(|error| error.span);
        if self.error_count > SyntaxError::LIMIT {
            let end = Span::at(self.text.len() as u32);
            self.errors.push(SyntaxError::new(SyntaxErrorKind::TooManyErrors, end));
        }
        Tree {
            text: Vec::new(),
            directives: self.directives,
            words: self.words,
            includes: self.includes,
            comments: self.comments,
            skipped: self.skipped,
            errors: self.errors,
        }
    }

    pub(super) fn error(&mut self, error: SyntaxError) {
        self.error_count += 1;
        if self.error_count <= SyntaxError::LIMIT {
            self.errors.push(error);
        }
    }

    /// Passes over blanks and comments, up to the byte that is returned.
    fn skip_trivia(&mut self) -> Option<u8> {
        loop {
            let input = self.text.get(self.at..)?;
            let &byte = input.first()?;
            if lex::is_blank(byte) {
                let (rest, ends_line) = lex::blanks(input);
                self.line_is_fresh |= ends_line;
                self.at = self.text.len() - rest.len();
            } else if byte == b'#'
                && let Ok((rest, comment)) = lex::comment(input)
            {
                let span = self.span_to(self.text.len() - rest.len());
                if comment.len() >= lex::BUFFER {
                    self.too_long(span);
                }
                self.comments.push(span);
                self.at = span.end as usize;
            } else {
                return Some(byte);
            }
        }
    }

    fn span_to(&self, end: usize) -> Span {
        Span::new(self.at as u32, end as u32)
    }

    fn word(&mut self, first: u8) {
        let starts_line = self.line_is_fresh;
        if self.words.len() == self.statement {
            if self.skip_invisible_before_comment(first) {
                return;
            }
            if starts_line && self.reading == Reading::Indentation {
                self.close_blocks_indented_like(self.at);
            }
        } else {
            self.several_lines |= starts_line;
        }
        match lex::quote_of(first) {
            Quote::None => self.bare_word(starts_line),
            quote => self.quoted_word(quote, starts_line),
        }
    }

    /// Reads a word and those that follow it one blank apart.
    fn bare_word(&mut self, starts_line: bool) {
        let mut starts_line = starts_line;
        loop {
            let Ok((rest, escaped)) = lex::bare_word(&self.text[self.at..]) else { return };
            let span = self.span_to(self.text.len() - rest.len());
            self.check_length(span, span.len(), rest);
            self.push_word(WordData {
                span,
                quote: Quote::None,
                escaped,
                unclosed: false,
                starts_line,
            });
            match rest {
                [b' ', next, ..] if lex::begins_bare_word(*next) => self.at += 1,
                _ => return,
            }
            starts_line = false;
        }
    }

    fn push_word(&mut self, word: WordData) {
        self.words.push(word);
        self.at = word.span.end as usize;
    }

    /// nginx gives up on a word whose bytes, with what it has to read behind it before the word
    /// is done, fill its buffer.
    fn check_length(&mut self, span: Span, read: usize, rest: &[u8]) {
        if read < lex::BUFFER - 2 {
            return;
        }
        let ends_at_once = matches!(rest.first(), Some(b';' | b'{') | None);
        if read + usize::from(!ends_at_once) >= lex::BUFFER {
            self.too_long(span);
        }
    }

    fn too_long(&mut self, span: Span) {
        let start = String::from_utf8_lossy(&self.text[span.range()][..10]).into_owned();
        self.error(SyntaxError::new(SyntaxErrorKind::TooLong { start }, span));
    }

    fn quoted_word(&mut self, quote: Quote, starts_line: bool) {
        let Ok((rest, quoted)) = lex::quoted_word(&self.text[self.at..]) else { return };
        let span = self.span_to(self.text.len() - rest.len());
        let glued = rest
            .first()
            .filter(|&&byte| !lex::is_blank(byte) && !matches!(byte, b';' | b'{' | b')'));
        let too_long = span.len() > lex::BUFFER;
        if (!quoted.closed || glued.is_some() || too_long)
            && let Some(end) = self.end_of_unclosed_quote(span, quoted.closed)
        {
            self.unclosed_quote(quote, Span::new(span.start, end), starts_line, quoted.escaped);
            return;
        }
        let glued = glued.copied();
        self.check_length(span, span.len() - 1, rest);
        if !quoted.closed {
            // The text ends inside a quote that has no line to end at.
            self.unclosed_quote(quote, span, starts_line, quoted.escaped);
            return;
        }
        self.push_word(WordData {
            span,
            quote,
            escaped: quoted.escaped,
            unclosed: false,
            starts_line,
        });
        if let Some(byte) = glued {
            self.glued_to_quote(byte);
        }
    }

    /// Passes over what stands directly behind a closing quote, up to the end of the directive:
    /// one wrong quote makes all that follow it wrong, and is one mistake.
    fn glued_to_quote(&mut self, first: u8) {
        let rest = &self.text[self.at..];
        let word = lex::bare_word(rest).map_or(0, |(behind, _)| rest.len() - behind.len());
        let span = self.span_to(self.at + word.max(1));
        let found = String::from_utf8_lossy(&self.text[span.range()]);
        let found = found.chars().next().unwrap_or(char::from(first));
        self.error(SyntaxError::new(SyntaxErrorKind::GluedToQuote { found }, span));
        self.damaged = true;
        let skipped = Span::new(span.start, self.end_of_directive(span.start as usize) as u32);
        self.skipped.push(skipped);
        self.at = skipped.end as usize;
    }

    /// Where the directive at `from` most likely ends: before the first `;` or `{` that ends a
    /// line, else at the first one, else at the end of the text.
    fn end_of_directive(&self, from: usize) -> usize {
        let mut first = None;
        for found in memchr::memchr2_iter(b';', b'{', &self.text[from..]) {
            let at = from + found;
            first = first.or(Some(at));
            let behind =
                self.text[at + 1..].iter().find(|&&byte| !matches!(byte, b' ' | b'\t' | b'\r'));
            if matches!(behind, Some(b'\n') | None) {
                return at;
            }
            // A person sees the line; farther on, everything is guesswork.
            if self.text[from..at].contains(&b'\n') {
                break;
            }
        }
        first.unwrap_or(self.text.len())
    }

    /// Where a quote that swallowed more than was meant should have ended: before the `;` or `{`
    /// on its line that something follows as after a directive, else at the end of the line.
    /// `None` when the quoted text gives no sign that it was not meant.
    fn end_of_unclosed_quote(&self, span: Span, closed: bool) -> Option<u32> {
        let quoted = &self.text[span.range()];
        let newline = memchr::memchr(b'\n', quoted);
        if newline.is_none() && closed {
            return None;
        }
        let line = quoted[..newline.unwrap_or(quoted.len())].trim_ascii_end();
        let opens_block = self.words.len() > self.statement
            && self.directive_id(self.statement).is_some_and(|id| !never_block(id));
        let ends_directive = |&at: &usize| {
            let opens = opens_block && line[at] == b'{' && lex::is_blank(line[at - 1]);
            at > 0 && (opens || starts_anew(line[at + 1..].trim_ascii_start()))
        };
        let end = memchr::memchr2_iter(b';', b'{', line).find(ends_directive);
        if closed && end.is_none() {
            return None;
        }
        let length = end.map_or(line.len(), |at| line[..at].trim_ascii_end().len());
        Some(span.start + length as u32)
    }

    fn unclosed_quote(&mut self, quote: Quote, span: Span, starts_line: bool, escaped: bool) {
        let character = quote.character().unwrap_or('"');
        let fix = Fix::not_safe(
            format!("close the quote with {character}"),
            vec![Edit::insert(span.end, character)],
        );
        let kind = SyntaxErrorKind::UnclosedQuote { quote: character };
        self.damaged = true;
        self.error(SyntaxError::new(kind, span).fix(fix));
        self.push_word(WordData { span, quote, escaped, unclosed: true, starts_line });
    }

    fn semicolon(&mut self) {
        if self.words.len() > self.statement {
            if self.is_stray_semicolon() {
                return;
            }
            self.end_statement(Ending { at: self.at as u32, body: BodyKind::None });
        } else {
            self.stray(SyntaxErrorKind::UnexpectedSemicolon);
        }
        self.at += 1;
    }

    /// A character that has no business here: an error, or more of the one before it.
    pub(super) fn stray(&mut self, kind: SyntaxErrorKind) {
        let span = self.span_to(self.at + 1);
        let text = self.text;
        // Which brace is the wrong one is a guess.
        let fix = |span, kind: &SyntaxErrorKind| {
            let edits = vec![Edit::delete(span)];
            match kind {
                SyntaxErrorKind::UnexpectedSemicolon => Fix::safe("remove it", edits),
                _ => Fix::not_safe("remove it", edits),
            }
        };
        if let (Some(error), Some(skipped)) = (self.errors.last_mut(), self.skipped.last_mut())
            && error.kind == kind
            && error.span.end == skipped.end
            && text[error.span.end as usize..self.at].iter().all(|&byte| lex::is_blank(byte))
        {
            let whole = error.span.to(span);
            error.span = whole;
            error.fix = Some(fix(whole, &kind));
            *skipped = skipped.to(span);
            return;
        }
        let fix = fix(span, &kind);
        self.error(SyntaxError::new(kind, span).fix(fix));
        self.skipped.push(span);
    }

    fn open_brace(&mut self) {
        if std::mem::take(&mut self.expects_brace) {
            if let Some(directive) = self.directives.last_mut() {
                directive.terminator = self.at as u32;
            }
        } else if self.words.len() == self.statement {
            self.lone_brace();
        } else if self.is_quantifier() || self.joins_name('{') {
            return;
        } else {
            self.end_statement(Ending { at: self.at as u32, body: BodyKind::Block });
        }
        self.at += 1;
        self.raw_body();
    }

    /// The Lua code of the block that was just opened, if it is one.
    fn raw_body(&mut self) {
        let Some(directive) = self.directives.last_mut() else { return };
        if directive.body != BodyKind::Raw || directive.close != NONE {
            return;
        }
        if let Some(length) = lua::body_length(&self.text[self.at..]) {
            directive.close = (self.at + length) as u32;
            self.at += length + 1;
        } else {
            let name = self.words[directive.words as usize].span;
            let rest = self.span_to(self.text.len());
            let kind = SyntaxErrorKind::UnclosedLua { directive: self.shown(name) };
            self.error(SyntaxError::new(kind, name));
            if !rest.is_empty() {
                self.skipped.push(rest);
            }
            self.at = self.text.len();
        }
    }

    /// Text for a message: at most 60 bytes of it, whatever it is.
    pub(super) fn shown(&self, span: Span) -> String {
        let bytes = &self.text[span.range()];
        if bytes.len() <= 60 {
            String::from_utf8_lossy(bytes).into_owned()
        } else {
            format!("{}…", String::from_utf8_lossy(&bytes[..57]))
        }
    }

    /// Stores the directive of the words from `first` to `end`.
    pub(super) fn push_directive(&mut self, first: usize, end: usize, ending: Ending) {
        let id = self.directive_id(first);
        if ending.body == BodyKind::Block {
            self.before_block(id, first);
        }
        self.push_known(first, end, ending, id);
    }

    /// As [`Reader::push_directive`], when the name has been looked up.
    pub(super) fn push_known(
        &mut self,
        first: usize,
        end: usize,
        ending: Ending,
        id: Option<DirectiveId>,
    ) {
        let index = self.directives.len() as u32;
        let is_block = ending.body == BodyKind::Block;
        let definition =
            id.filter(|_| is_block).and_then(|id| self.definition_here(id, ending.body));
        let raw = is_block
            && ending.at != NONE
            && match definition {
                Some(definition) => definition.body == Body::Raw,
                None => self.text[self.words[first].span.range()].ends_with(b"_by_lua_block"),
            };
        self.directives.push(DirectiveData {
            id,
            body: if raw { BodyKind::Raw } else { ending.body },
            words: first as u32,
            word_count: (end - first) as u32,
            parent: self.frames.last().map_or(NONE, |frame| frame.holder),
            end: index + 1,
            terminator: ending.at,
            close: NONE,
        });
        if id == Some(directive::INCLUDE) {
            self.includes.push(index);
        }
        if ending.body == BodyKind::Block && !raw {
            let context = match definition.map(|definition| definition.body) {
                Some(Body::Directives(context)) => Some(context),
                _ => None,
            };
            let data = definition.is_some_and(|definition| definition.body == Body::Data);
            // Where braces match nobody asks for it.
            let indent = (self.reading != Reading::Plain && self.words[first].starts_line)
                .then(|| self.indent_of(self.words[first].span.start as usize));
            let implied = ending.at == NONE && !self.expects_brace;
            self.frames.push(Frame {
                directive: index,
                holder: index,
                context,
                data,
                implied,
                indent,
                lost: None,
                taken_for_lost: 0,
            });
        } else if self.reading.knows_contexts() && !is_block {
            self.note_lost(id, first, BodyKind::None);
        }
    }

    pub(super) fn directive_id(&self, word: usize) -> Option<DirectiveId> {
        let index = word;
        let word = &self.words[word];
        if word.quote == Quote::None && !word.escaped {
            let id = DirectiveId::lookup(&self.text[word.span.range()]);
            return id.or_else(|| self.joined.filter(|joined| joined.0 == index).map(|it| it.1));
        }
        let content = match word.quote {
            Quote::None => word.span,
            _ if word.unclosed => Span::new(word.span.start + 1, word.span.end),
            _ => Span::new(word.span.start + 1, word.span.end - 1),
        };
        DirectiveId::lookup(&lex::unescape(&self.text[content.range()]))
    }

    /// Counts blocks that stand where they cannot: the sign of a brace too few or too many.
    pub(super) fn before_block(&mut self, id: Option<DirectiveId>, first: usize) {
        let Some(id) = id else { return };
        if self.reading.knows_contexts() {
            self.close_blocks_that_cannot_hold(id, first);
            self.note_lost(Some(id), first, BodyKind::Block);
        }
        match self.frames.last() {
            Some(frame) if frame.data => {
                self.misplaced += usize::from(!self.holds_stray_block());
            }
            Some(frame) => {
                self.misplaced +=
                    usize::from(frame.context.is_some_and(|context| !allowed_in(id, context)));
            }
            None if allowed_in(id, Context::Main) => self.main_block_seen = true,
            None => self.inner_blocks_at_top += 1,
        }
    }
}

/// Whether a text reads like what stands behind a directive: nothing, `}`, a comment, or the next
/// directive.
fn starts_anew(text: &[u8]) -> bool {
    matches!(text.first(), None | Some(b'}' | b'#'))
        || lex::bare_word(text)
            .is_ok_and(|(rest, _)| DirectiveId::lookup(&text[..text.len() - rest.len()]).is_some())
}
