//! The end of a directive, and what to do when it is not where it should be.

use super::body::{never_block, takes_body};
use super::reader::{Ending, Reader, Reading};
use crate::catalogue::{self, Body, Definition, Value, directive};
use crate::tree::NONE;
use crate::{BodyKind, DirectiveId, Edit, Fix, Quote, Span, SyntaxError, SyntaxErrorKind};

/// A place between two words where something is missing.
struct Cut {
    /// The first word behind it.
    word: usize,
    missing: Missing,
}

enum Missing {
    Semicolon,
    OpenBrace,
}

/// Directives with any number of arguments whose values nginx checks, so that the next line's
/// directive is refused as a value rather than swallowed.
const CHECKED_VALUES: [DirectiveId; 4] =
    [directive::LISTEN, directive::RESOLVER, directive::SERVER, directive::PROXY_CACHE_PATH];

/// Directives whose blocks hold pairs of a key and a value.
const PAIRS: [DirectiveId; 5] = [
    directive::MAP,
    directive::NUM_MAP,
    directive::GEO,
    directive::SPLIT_CLIENTS,
    directive::CHARSET_MAP,
];

impl Reader<'_> {
    /// Ends the directive that is being read. Almost all are on one line and end as they must: with
    /// those nothing can be wrong. Where it runs over lines that cannot belong to it, it is cut there
    /// first.
    pub(super) fn end_statement(&mut self, ending: Ending) {
        if ending.at != NONE && !self.several_lines && !self.damaged {
            let id = self.directive_id(self.statement);
            if self.ends_as_it_must(id, ending.body) {
                if ending.body == BodyKind::Block {
                    self.before_block(id, self.statement);
                }
                self.push_known(self.statement, self.words.len(), ending, id);
                self.statement = self.words.len();
                return;
            }
        }
        let mut first = self.statement;
        self.report_entities();
        self.split_invisible();
        while let Some(cut) = self.find_cut(first, ending) {
            match cut.missing {
                Missing::Semicolon => self.cut_without_semicolon(first, cut.word),
                Missing::OpenBrace => self.cut_without_brace(first, cut.word),
            }
            self.cut_indentation(cut.word);
            first = cut.word;
        }
        let ending = self.check_body(first, ending);
        self.push_directive(first, self.words.len(), ending);
        self.statement = self.words.len();
        self.several_lines = false;
        self.damaged = false;
    }

    /// Whether a directive on one line is surely meant to have that body.
    fn ends_as_it_must(&self, id: Option<DirectiveId>, body: BodyKind) -> bool {
        let is_data = self.frames.last().is_some_and(|frame| frame.data);
        match body {
            BodyKind::None => is_data || id.is_some_and(never_block),
            _ => !is_data && id.is_some_and(|id| self.definition_here(id, body).is_some()),
        }
    }

    fn cut_indentation(&mut self, word: usize) {
        if self.reading == Reading::Indentation {
            self.close_blocks_indented_like(self.words[word].span.start as usize);
        }
    }

    /// Ends the directive that is being read, if there is one, where `}` or the end of the text
    /// takes the place of its `;`.
    pub(super) fn end_unterminated_statement(&mut self) {
        if self.words.len() == self.statement {
            return;
        }
        let brace = self.take_glued_brace(self.words.len() - 1);
        self.end_statement(Ending::MISSING);
        let first = self.directives.last().map_or(0, |last| last.words as usize);
        self.missing_semicolon(first, self.words.len() - 1);
        self.close_glued_brace(brace);
    }

    fn cut_without_semicolon(&mut self, first: usize, end: usize) {
        let brace = self.take_glued_brace(end - 1);
        self.missing_semicolon(first, end - 1);
        self.push_directive(first, end, Ending::MISSING);
        self.close_glued_brace(brace);
    }

    fn close_glued_brace(&mut self, brace: Option<usize>) {
        if let Some(brace) = brace {
            let at = std::mem::replace(&mut self.at, brace);
            self.close_block();
            self.at = at;
        }
    }

    fn cut_without_brace(&mut self, first: usize, end: usize) {
        let head = self.words[first].span.to(self.words[end - 1].span);
        let fix = Fix::not_safe("insert `{`", vec![Edit::insert(head.end, " {")]);
        let kind =
            SyntaxErrorKind::MissingOpenBrace { directive: self.shown(self.words[first].span) };
        self.error(SyntaxError::new(kind, head).fix(fix));
        self.push_directive(first, end, Ending::MISSING_BRACE);
    }

    /// `80}` at the end of a line is one word to nginx, and a `}` to whoever wrote it.
    fn take_glued_brace(&mut self, word: usize) -> Option<usize> {
        let word = &mut self.words[word];
        let raw = &self.text[word.span.range()];
        let glued = word.quote == Quote::None
            && raw.len() > 1
            && raw.ends_with(b"}")
            && !raw.contains(&b'{');
        glued.then(|| {
            word.span.end -= 1;
            word.span.end as usize
        })
    }

    /// Reports that a `;` is missing behind `word`.
    pub(super) fn missing_semicolon(&mut self, first: usize, word: usize) {
        // A placeholder on a line of its own stands for whole directives, with their `;`.
        if first == word && is_placeholder(&self.text[self.words[word].span.range()]) {
            return;
        }
        let end = self.words[word].span.end;
        let fix = Fix::not_safe("insert `;`", vec![Edit::insert(end, ";")]);
        let kind =
            SyntaxErrorKind::MissingSemicolon { directive: self.shown(self.words[first].span) };
        self.error(SyntaxError::new(kind, Span::at(end)).fix(fix));
    }

    /// Reports a body that the directive cannot have, or lacks, and says how to read on.
    fn check_body(&mut self, first: usize, ending: Ending) -> Ending {
        if self.frames.last().is_some_and(|frame| frame.data) {
            if ending.body == BodyKind::Block {
                self.error(SyntaxError::new(
                    SyntaxErrorKind::UnexpectedOpenBrace,
                    Span::new(ending.at, ending.at + 1),
                ));
                // A whole block among the lines of a map has strayed there with its `}`.
                if self.reading == Reading::Content
                    && self.id_of(first).is_some_and(|id| !never_block(id))
                {
                    self.brace_trouble += 1;
                    return ending;
                }
                return self.without_brace(ending);
            }
            return ending;
        }
        let Some(id) = self.id_of(first) else { return ending };
        if ending.at == NONE
            || self.damaged
            || self.definitions_here(id).any(|definition| takes_body(definition, ending.body))
        {
            return ending;
        }
        if ending.body == BodyKind::None && self.may_have_lost_block(id) {
            return ending;
        }
        let name = self.words[first].span;
        let directive = self.shown(name);
        if ending.body == BodyKind::Block {
            let kind = SyntaxErrorKind::UnexpectedBlock { directive };
            let brace = Span::new(ending.at, ending.at + 1);
            self.error(SyntaxError::new(kind, brace).note(name, "this directive takes no block"));
            return self.without_brace(ending);
        }
        let kind = SyntaxErrorKind::MissingOpenBrace { directive };
        let end = self.words.last().map_or(name, |word| word.span);
        self.error(SyntaxError::new(kind, name.to(end)));
        if !self.semicolon_for_brace(ending.at as usize) {
            return ending;
        }
        self.skipped.push(Span::new(ending.at, ending.at + 1));
        Ending::MISSING_BRACE
    }

    /// Whether a `;` stands where `{` should: the `{` follows, or what follows reads better as a
    /// block.
    fn semicolon_for_brace(&mut self, semicolon: usize) -> bool {
        let rest = self.text[semicolon + 1..].trim_ascii_start();
        if rest.first() == Some(&b'{') {
            self.expects_brace = true;
            return true;
        }
        self.brace_trouble += 1;
        self.reading.knows_contexts()
    }

    /// Whether a brace that should not be there has a partner decides whether it opens a block.
    fn without_brace(&mut self, ending: Ending) -> Ending {
        self.brace_trouble += 1;
        if self.reading == Reading::Plain {
            return ending;
        }
        self.skipped.push(Span::new(ending.at, ending.at + 1));
        Ending::MISSING
    }

    fn id_of(&self, index: usize) -> Option<DirectiveId> {
        let word = &self.words[index];
        if word.quote != Quote::None {
            return None;
        }
        let id = DirectiveId::lookup(&self.text[word.span.range()]);
        id.or_else(|| self.joined.filter(|joined| joined.0 == index).map(|joined| joined.1))
    }

    /// The first line break at which the words from `first` on fall apart into directives, when
    /// they cannot be one directive.
    fn find_cut(&self, first: usize, ending: Ending) -> Option<Cut> {
        if self.damaged {
            return None;
        }
        if !self.several_lines {
            return self.find_content_without_brace(first, ending);
        }
        let body = ending.body;
        let end = self.words.len();
        let mut line_starts = (first + 1..end).filter(|&word| self.words[word].starts_line);
        let cut = |word, missing| Some(Cut { word, missing });
        if let Some(frame) = self.frames.last().filter(|frame| frame.data) {
            let holder = self.directives[frame.holder as usize].id?;
            let word = self.find_entry_cut(holder, first, body)?;
            return cut(word, Missing::Semicolon);
        }
        let Some(id) = self.id_of(first) else {
            let next = line_starts.find(|&word| self.id_of(word).is_some())?;
            let id = self.id_of(next)?;
            return self
                .accepts(id, end - next - 1, body)
                .then_some(Cut { word: next, missing: Missing::Semicolon });
        };
        let value_checked = CHECKED_VALUES.contains(&id) || self.has_listed_values(id);
        if self.accepts(id, end - first - 1, body) && !value_checked {
            return None;
        }
        let mut fallback = None;
        for word in line_starts {
            let known = self.id_of(word).is_some() && !self.line_is_values(id, word);
            if self.accepts(id, word - first - 1, BodyKind::None) {
                if known {
                    return cut(word, Missing::Semicolon);
                }
                fallback = fallback.or(Some(word));
            } else if known && self.accepts(id, word - first - 1, BodyKind::Block) {
                return cut(word, Missing::OpenBrace);
            }
        }
        let accepted_as_it_is = self.accepts(id, end - first - 1, body);
        fallback
            .filter(|_| !accepted_as_it_is)
            .and_then(|word| cut(word, Missing::Semicolon))
            .or_else(|| self.find_content_without_brace(first, ending))
    }

    /// Where the content of a block begins whose `{` is missing, on one line: behind the arguments
    /// that the block directive takes.
    fn find_content_without_brace(&self, first: usize, ending: Ending) -> Option<Cut> {
        if ending.body != BodyKind::None || self.frames.last().is_some_and(|frame| frame.data) {
            return None;
        }
        let id = self.id_of(first)?;
        if self.definitions_here(id).any(|definition| definition.body == Body::None) {
            return None;
        }
        let candidates = first + 1..self.words.len();
        let fits = |word: &usize| self.accepts(id, word - first - 1, BodyKind::Block);
        let known = candidates.clone().filter(fits).find(|&word| self.id_of(word).is_some());
        let is_data = self.definitions_here(id).any(|definition| definition.body == Body::Data);
        let word = known.or_else(|| candidates.clone().filter(|_| is_data).find(fits))?;
        Some(Cut { word, missing: Missing::OpenBrace })
    }

    /// The line break inside an entry of a `map` or its like where the next entry starts.
    fn find_entry_cut(&self, holder: DirectiveId, first: usize, body: BodyKind) -> Option<usize> {
        let end = self.words.len();
        let mut line_starts = (first + 1..end).filter(|&word| self.words[word].starts_line);
        if holder == directive::TYPES {
            // A type and any number of extensions, and only a type has a slash.
            return line_starts
                .find(|&word| self.text[self.words[word].span.range()].contains(&b'/'));
        }
        // What stands in other blocks of data has no fixed number of words.
        let overfull = end - first > 2 || body == BodyKind::Block;
        (PAIRS.contains(&holder) && overfull)
            .then(|| line_starts.find(|&word| word >= first + 2))
            .flatten()
            .filter(|&word| word == first + 2)
    }

    /// Whether all words of the line that starts with `word` are values of `id`, be they names of
    /// directives too: `http2` behind `listen`, `timeout` behind `fastcgi_next_upstream`.
    fn line_is_values(&self, id: DirectiveId, word: usize) -> bool {
        let rest = &self.words[word..];
        let length = 1 + rest[1..].iter().take_while(|word| !word.starts_line).count();
        rest[..length].iter().all(|word| {
            let word = &self.text[word.span.range()];
            id == directive::LISTEN && catalogue::is_listen_word(word)
                || id.definitions().iter().any(|definition| match definition.value {
                    Value::OneOf(values) | Value::AnyOf(values) => {
                        values.iter().any(|value| value.as_bytes() == word)
                    }
                    _ => false,
                })
        })
    }

    fn has_listed_values(&self, id: DirectiveId) -> bool {
        self.definitions_here(id)
            .all(|definition| matches!(definition.value, Value::OneOf(_) | Value::AnyOf(_)))
    }

    pub(super) fn accepts(&self, id: DirectiveId, count: usize, body: BodyKind) -> bool {
        self.definitions_here(id)
            .any(|definition| definition.arguments.accepts(count) && takes_body(definition, body))
    }

    /// The definitions of `id` that hold in the block that is open; all of them when the block is
    /// unknown or none holds.
    pub(super) fn definitions_here(
        &self,
        id: DirectiveId,
    ) -> impl Iterator<Item = &'static Definition> {
        let context = self.frames.last().and_then(|frame| frame.context).filter(|&context| {
            id.definitions().iter().any(|definition| definition.contexts.contains(context))
        });
        id.definitions().iter().filter(move |definition| {
            context.is_none_or(|context| definition.contexts.contains(context))
        })
    }

    /// The definition of `id` that holds here for a directive with that body.
    pub(super) fn definition_here(
        &self,
        id: DirectiveId,
        body: BodyKind,
    ) -> Option<&'static Definition> {
        self.definitions_here(id).find(|definition| takes_body(definition, body))
    }
}

/// `${NAME}` or `$NAME`, in capitals: what envsubst replaces.
fn is_placeholder(word: &[u8]) -> bool {
    let Some(name) = word.strip_prefix(b"$") else { return false };
    let name = name.strip_prefix(b"{").and_then(|name| name.strip_suffix(b"}")).unwrap_or(name);
    name.first().is_some_and(u8::is_ascii_uppercase)
        && name
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}
