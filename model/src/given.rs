//! A configuration, and what was said about it beside its text: what all facts are made from.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::Version;
use wslint_grammar::{Directive, Span, SyntaxError, SyntaxErrorKind};

use crate::assumptions::Assumptions;
use crate::damage::template_language::{is_for_envsubst, mark};
use crate::resolve::{Configuration, LevelId, LevelKind, Occurrences, Setting};
use crate::source::{DirectiveRef, FileId, Place};
use crate::text::location::LocationPattern;
use crate::text::placeholder;

/// The blocks that are marked as WebSocket (`true`) or as none (`false`), by their heads.
pub type Marks = FxHashMap<DirectiveRef, bool>;

/// A configuration with what was said about it, and how much of it can be trusted.
#[derive(Debug)]
pub struct Given<'c> {
    /// Files, levels and what is in effect.
    pub configuration: &'c Configuration,
    /// The version of nginx that the configuration is for, if that was said.
    pub nginx_version: Option<Version>,
    /// What else was said about it.
    pub assumptions: &'c Assumptions,
    /// The blocks that somebody marked as WebSocket, or as none.
    pub marks: Marks,
    templates: Vec<(FileId, Span)>,
    /// By the number of the file: whether envsubst makes a configuration of it.
    for_envsubst: OnceLock<Vec<bool>>,
    sees_everything: OnceLock<bool>,
    with_unknown: OnceLock<FxHashSet<LevelId>>,
}

impl<'c> Given<'c> {
    /// Puts together what is given.
    pub(crate) fn new(
        configuration: &'c Configuration,
        assumptions: &'c Assumptions,
        marks: Marks,
    ) -> Self {
        let sources = configuration.loaded.sources.iter();
        let templates = sources.filter_map(|(file, source)| Some((file, mark(&source.tree)?)));
        Self {
            templates: templates.collect(),
            configuration,
            nginx_version: assumptions.nginx_version,
            assumptions,
            marks,
            for_envsubst: OnceLock::new(),
            sees_everything: OnceLock::new(),
            with_unknown: OnceLock::new(),
        }
    }

    /// The files that are templates of another language, with the first mark of each.
    pub fn templates(&self) -> &[(FileId, Span)] {
        &self.templates
    }

    /// Whether a word of a file has a `$NAME` that envsubst replaces before nginx reads it.
    pub fn is_placeholder(&self, file: FileId, word: &[u8]) -> bool {
        self.is_for_envsubst(file) && placeholder::has_environment_variable(word)
    }

    /// Whether envsubst makes a configuration of a file.
    pub(crate) fn is_for_envsubst(&self, file: FileId) -> bool {
        self.for_envsubst.get_or_init(|| {
            let sources = self.configuration.loaded.sources.iter();
            sources.map(|(_, source)| is_for_envsubst(source)).collect()
        })[file.index()]
    }

    /// Where each directive stands.
    pub fn occurrences(&self) -> &Occurrences {
        &self.configuration.occurrences
    }

    /// Whether a directive that is in no catalogue stands at that level itself.
    pub fn has_unknown_directive(&self, level: LevelId) -> bool {
        let with_unknown = self.with_unknown.get_or_init(|| {
            self.configuration.unknown_directives().map(|(level, _)| level).collect()
        });
        with_unknown.contains(&level)
    }

    /// Whether all of a whole configuration is seen and understood: nothing that is missing here
    /// can be declared in a file that is not seen, in a damaged text, in a template or by a
    /// mistyped directive.
    pub fn sees_everything(&self) -> bool {
        *self.sees_everything.get_or_init(|| {
            let configuration = self.configuration;
            configuration.is_whole()
                && self.templates.is_empty()
                && !configuration.loaded.some_folder_is_absent()
                && configuration.include_flood.is_none()
                && configuration.include_cycles.is_empty()
                && configuration.levels().all(|(_, level)| level.unseen.is_none())
                && configuration.unknown_directives().next().is_none()
                && configuration
                    .loaded
                    .sources
                    .iter()
                    .all(|(_, source)| source.tree.errors().is_empty())
        })
    }

    /// The location that a level is or is in: its head, and what it matches.
    pub fn location_of(&self, level: LevelId) -> Option<(Setting<'c>, LocationPattern)> {
        let configuration = self.configuration;
        let location = configuration.enclosing(level, LevelKind::Location)?;
        let head = configuration.head(location)?;
        Some((head, LocationPattern::read(head.directive)?))
    }

    /// Whether a syntax error lies in `place`: what is wrong there may follow from it, and is not
    /// reported beside it.
    pub fn has_syntax_error_in(&self, place: Place) -> bool {
        let errors = self.configuration.loaded.sources.get(place.file).tree.errors();
        if errors.is_empty() {
            return false;
        }
        let first = errors.partition_point(|error| error.span.end < place.span.start);
        errors[first..]
            .iter()
            .any(|error| error.span.start <= place.span.end && error.span.end >= place.span.start)
            || self.is_in_lost_block(place)
    }

    /// Whether a place lies between the first directive of a block that has lost its beginning and
    /// the block's `}`.
    fn is_in_lost_block(&self, place: Place) -> bool {
        let errors = self.configuration.loaded.sources.get(place.file).tree.errors();
        errors.iter().any(|error| {
            matches!(error.kind, SyntaxErrorKind::LostBlock { .. })
                && error.span.start <= place.span.start
                && error.notes.iter().any(|note| note.span.start >= place.span.end)
        })
    }

    /// Whether braces or quotes are wrong somewhere, so that blocks may stand in others than those
    /// that they were meant for.
    pub fn structure_is_damaged(&self) -> bool {
        self.syntax_errors().any(|error| concerns_structure(&error.kind))
    }

    /// Whether braces or quotes are wrong in such a way that a whole block, such as a map, may be
    /// read as something else than what it was meant for.
    pub fn definitions_may_be_lost(&self) -> bool {
        self.syntax_errors().any(|error| {
            concerns_structure(&error.kind)
                && !matches!(
                    error.kind,
                    SyntaxErrorKind::UnexpectedCloseBrace | SyntaxErrorKind::UnclosedBlock { .. }
                )
        })
    }

    fn syntax_errors(&self) -> impl Iterator<Item = &SyntaxError> {
        let files = self.configuration.loaded.sources.iter();
        files.flat_map(|(_, source)| source.tree.errors())
    }

    /// Whether a directive seems to stand in the wrong block because of a brace that is wrong.
    pub fn is_misplaced_by_braces(&self, reference: DirectiveRef) -> bool {
        let directive = self.configuration.setting(reference).directive;
        let head = |directive: Directive<'_>| {
            self.has_syntax_error_in(Place { file: reference.file, span: directive.head_span() })
        };
        head(directive) || directive.parent().is_some_and(head)
    }
}

/// Whether a mistake is about what stands in which block.
fn concerns_structure(kind: &SyntaxErrorKind) -> bool {
    !matches!(
        kind,
        SyntaxErrorKind::UnexpectedSemicolon
            | SyntaxErrorKind::MissingSemicolon { .. }
            | SyntaxErrorKind::Split { .. }
            | SyntaxErrorKind::HtmlEntity { .. }
            | SyntaxErrorKind::UnquotedRegex { .. }
            | SyntaxErrorKind::InvisibleCharacter { .. }
            | SyntaxErrorKind::TooLong { .. }
    )
}
