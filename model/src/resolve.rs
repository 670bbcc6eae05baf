//! What is in effect where.
//!
//! The files of a configuration are put together as nginx puts them together: `include` is
//! replaced by the content of the files, and each block becomes a [`Level`] with the settings that
//! stand in it. Of every setting that rules ask about, each level knows which level it comes from,
//! so that a question costs the same however deep the blocks are nested.

mod build;
mod inheritance;
mod level;
mod occurrences;
pub mod settings;
mod words;

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, DirectiveId, Span};

use crate::load::Loaded;
pub use crate::load::{is_whole, outer_context};
use crate::source::{DirectiveRef, Place};
use crate::text::value::{self, Refused};
pub(crate) use build::is_data;
pub use inheritance::Inheritance;
pub use level::{Level, LevelId, LevelKind, RewriteStep};
pub(crate) use occurrences::Occurrences;

/// An `include` that runs in a circle, or does not end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncludeCycle {
    /// The `include` directives from the first to the one that closes the circle.
    pub chain: Vec<DirectiveRef>,
}

/// The levels of a configuration and what is in effect in each.
#[derive(Debug)]
pub struct Configuration {
    /// The files.
    pub loaded: Loaded,
    pub(crate) levels: Vec<Level>,
    /// The settings of all levels, one level after the other, sorted by name within a level.
    pub settings: Vec<level::OwnSetting>,
    /// The slots of tracked settings, by directive.
    pub(crate) slots: Vec<u8>,
    /// The directives that are in no catalogue, by level.
    pub unknown: Vec<(LevelId, DirectiveRef)>,
    /// Directives that may define a variable, in the order in which nginx reads a level.
    pub variable_definers: Vec<(LevelId, DirectiveRef)>,
    /// Blocks whose body is data: `map`, `geo`, `types` and the like.
    pub data_blocks: Vec<(LevelId, DirectiveRef)>,
    /// Where each tracked setting comes from; levels that set none share the table of their parent.
    pub tables: Vec<level::Table>,
    /// The steps of the rewrite module, one level after the other, in the order of the text.
    pub rewrite_steps: Vec<RewriteStep>,
    /// The lines whose order matters to nginx, in the order in which it reads a level.
    pub reading_order: Vec<ReadingOrder>,
    /// Where each directive stands.
    pub occurrences: Occurrences,
    /// Some file is included twice, so that its lines stand at two levels.
    pub(crate) repeats_files: bool,
    /// Includes that would never end.
    pub include_cycles: Vec<IncludeCycle>,
    /// Includes were followed so often that the rest was given up: the place of the last one.
    pub include_flood: Option<DirectiveRef>,
}

/// A `log_format` or an `access_log`: only a format that was read before is known to nginx.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadingOrder {
    /// The level that it stands at.
    pub level: LevelId,
    /// The line.
    pub reference: DirectiveRef,
    /// The block of that level that is read next: those with a lower number were read before.
    pub next: LevelId,
}

/// Why it is not known what is in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// This `include` could not be opened.
    Include(DirectiveRef),
    /// The file is a fragment, and the blocks around it are in another file.
    OuterContext,
}

/// What is in effect for one setting at one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effective<T> {
    /// This, and all of it is seen.
    Set(T),
    /// No level sets it: nginx's default holds.
    Default,
    /// It cannot be known here.
    Unknown(Unseen),
}

impl<T> Effective<T> {
    /// The value, if it is set and seen.
    pub fn set(self) -> Option<T> {
        match self {
            Effective::Set(value) => Some(value),
            _ => None,
        }
    }

    /// Whether no level sets it.
    pub fn is_default(&self) -> bool {
        matches!(self, Effective::Default)
    }
}

/// The lines of a list that is in effect.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'c> {
    configuration: &'c Configuration,
    /// The level that the lines stand at.
    pub level: LevelId,
    settings: &'c [level::OwnSetting],
    /// More lines may stand at that level, in an include that could not be opened.
    pub unseen: Option<Unseen>,
}

impl<'c> Lines<'c> {
    /// The lines, in the order in which nginx reads them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Setting<'c>> + use<'c> {
        let configuration = self.configuration;
        self.settings.iter().map(move |setting| configuration.setting(setting.reference))
    }
}

/// A directive that is in effect somewhere, with its place.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'c> {
    /// The directive.
    pub directive: Directive<'c>,
    /// Which one it is.
    pub reference: DirectiveRef,
}

impl Setting<'_> {
    /// Where it stands, up to its `;` or `{`.
    pub fn place(&self) -> Place {
        Place { file: self.reference.file, span: self.directive.head_span() }
    }

    /// Its argument as a time in milliseconds; `None` when it is none, such as a placeholder.
    pub fn milliseconds(&self) -> Option<i64> {
        value::time(&self.only_argument()?.value(), false)
    }

    /// Its argument as a size in bytes; `None` when it is none, such as a variable.
    pub fn bytes(&self) -> Option<i64> {
        value::size(&self.only_argument()?.value(), false)
    }

    /// Whether its argument is `on`, or `off`, as a switch is read: in any case.
    pub fn is_switched(&self, position: &str) -> bool {
        let word = self.only_argument();
        word.is_some_and(|word| word.value().eq_ignore_ascii_case(position.as_bytes()))
    }

    /// Of several arguments nginx takes none for a value.
    fn only_argument(&self) -> Option<wslint_grammar::Word<'_>> {
        (self.directive.argument_count() == 1).then(|| self.directive.argument(0))?
    }

    /// The place of its argument with that number, or its own when there is none.
    pub fn argument_place(&self, number: usize) -> Place {
        let span = self.directive.argument(number).map(wslint_grammar::Word::span);
        Place { file: self.reference.file, span: span.unwrap_or(self.directive.head_span()) }
    }
}

impl Configuration {
    /// Puts the files together.
    pub fn resolve(loaded: Loaded) -> Self {
        build::build(loaded)
    }

    /// The directive behind a reference.
    pub fn setting(&self, reference: DirectiveRef) -> Setting<'_> {
        Setting { directive: self.loaded.sources.directive(reference), reference }
    }

    /// A level by its number.
    pub fn level(&self, level: LevelId) -> &Level {
        &self.levels[level.index()]
    }

    /// All levels, outer ones before those inside them.
    pub fn levels(&self) -> impl ExactSizeIterator<Item = (LevelId, &Level)> {
        self.levels.iter().enumerate().map(|(index, level)| (LevelId::new(index), level))
    }

    /// The block directive of a level; `None` for the main level and those around a fragment.
    pub fn head(&self, level: LevelId) -> Option<Setting<'_>> {
        self.level(level).head.map(|head| self.setting(head))
    }

    /// The levels from `level` outwards, itself first.
    pub fn ancestors(&self, level: LevelId) -> impl Iterator<Item = LevelId> {
        std::iter::successors(Some(level), |&level| self.level(level).parent)
    }

    /// The nearest level of that kind, from `level` itself outwards.
    pub fn enclosing(&self, level: LevelId, kind: LevelKind) -> Option<LevelId> {
        self.ancestors(level).find(|&level| self.level(level).kind == kind)
    }

    /// The levels directly inside `level` .
    pub fn children(&self, level: LevelId) -> impl Iterator<Item = LevelId> {
        let children = self.level(level).children.clone();
        children.map(|index| LevelId::new(index as usize))
    }

    /// The lines of `id` that stand at `level` itself.
    pub fn own(&self, level: LevelId, id: DirectiveId) -> Lines<'_> {
        let own = self.level(level);
        let settings = &self.settings[own.settings.start as usize..own.settings.end as usize];
        let start = settings.partition_point(|setting| setting.id < id);
        let length = settings[start..].partition_point(|setting| setting.id == id);
        Lines {
            configuration: self,
            level,
            settings: &settings[start..start + length],
            unseen: own.unseen,
        }
    }

    /// Every line of `id`, wherever it stands, each once: a file that is included twice has its
    /// lines at several levels, and this gives the first.
    pub fn everywhere(&self, id: DirectiveId) -> impl Iterator<Item = (LevelId, Setting<'_>)> {
        let mut seen = FxHashSet::default();
        let all = self.occurrences.of(self, id);
        all.filter(move |(_, line)| !self.repeats_files || seen.insert(line.reference))
    }

    /// All settings that stand at `level` itself, sorted by name.
    pub fn own_settings(&self, level: LevelId) -> impl Iterator<Item = Setting<'_>> {
        let own = self.level(level);
        self.settings[own.settings.start as usize..own.settings.end as usize]
            .iter()
            .map(|setting| self.setting(setting.reference))
    }

    /// What stands at `level` itself, by name: as [`Self::own_settings`], without a look at any
    /// tree.
    pub fn own_references(
        &self,
        level: LevelId,
    ) -> impl Iterator<Item = (DirectiveId, DirectiveRef)> {
        let own = self.level(level);
        self.settings[own.settings.start as usize..own.settings.end as usize]
            .iter()
            .map(|setting| (setting.id, setting.reference))
    }

    /// The lines of `id` that are in effect at `level`: the nearest level that has any.
    ///
    /// # Panics
    /// When `id` is not in the table of tracked settings (`resolve/inheritance.rs`).
    pub fn effective(&self, level: LevelId, id: DirectiveId) -> Effective<Lines<'_>> {
        let slot = self.slots[id.index()];
        assert!(slot != level::NO_SLOT, "{} is not a tracked setting", id.name());
        match self.tables[self.level(level).table as usize].get(usize::from(slot)) {
            level::Origin::Nowhere => Effective::Default,
            level::Origin::Outside => Effective::Unknown(Unseen::OuterContext),
            level::Origin::Level(origin) => Effective::Set(self.own(origin, id)),
            level::Origin::BehindInclude(origin) => match self.level(origin).unseen {
                Some(unseen) => Effective::Unknown(unseen),
                None => Effective::Default,
            },
        }
    }

    /// The one line of `id` that is in effect at `level`, for a setting with a single value.
    /// An include that cannot be opened at the same level changes nothing: nginx would refuse a
    /// second line as a duplicate.
    pub fn value(&self, level: LevelId, id: DirectiveId) -> Effective<Setting<'_>> {
        match self.effective(level, id) {
            Effective::Set(lines) => {
                lines.iter().next_back().map_or(Effective::Default, Effective::Set)
            }
            Effective::Default => Effective::Default,
            Effective::Unknown(unseen) => Effective::Unknown(unseen),
        }
    }

    /// The steps of the rewrite module (`set`, `if`, `return`, …) that stand at `level` itself, in
    /// the order in which nginx takes them.
    pub fn rewrite_steps(&self, level: LevelId) -> &[RewriteStep] {
        let steps = &self.level(level).rewrite_steps;
        &self.rewrite_steps[steps.start as usize..steps.end as usize]
    }

    /// All `include` directives, in the order of the files and of their texts.
    pub fn includes(&self) -> impl Iterator<Item = Setting<'_>> {
        self.loaded.sources.iter().flat_map(|(file, source)| {
            source.tree.includes().map(move |directive| Setting {
                directive,
                reference: DirectiveRef { file, index: directive.index() },
            })
        })
    }

    /// The `map`, `geo`, `types` and other data blocks, in the order in which nginx reads them.
    pub fn data_blocks(&self) -> impl Iterator<Item = (LevelId, Setting<'_>)> {
        self.data_blocks.iter().map(|&(level, reference)| (level, self.setting(reference)))
    }

    /// The directives that no catalogue knows.
    pub fn unknown_directives(&self) -> impl Iterator<Item = (LevelId, Setting<'_>)> {
        self.unknown.iter().map(|&(level, reference)| (level, self.setting(reference)))
    }

    /// Whether the main file is a whole configuration, not a fragment of one.
    pub fn is_whole(&self) -> bool {
        !self.levels[0].implied
    }

    /// The locations, `if` and `limit_except` blocks that have a `proxy_pass` of their own.
    pub fn proxied(&self) -> impl Iterator<Item = (LevelId, Setting<'_>)> {
        let can_proxy = |level| {
            let kind = self.level(level).kind;
            matches!(kind, LevelKind::Location | LevelKind::If | LevelKind::LimitExcept)
        };
        let mut passes = self.occurrences.of(self, d::PROXY_PASS).peekable();
        // Where there are several at one level, the last one counts.
        let last = move || {
            let (level, mut pass) = passes.next()?;
            while let Some((_, next)) = passes.next_if(|&(next, _)| next == level) {
                pass = next;
            }
            Some((level, pass))
        };
        std::iter::from_fn(last).filter(move |&(level, _)| can_proxy(level))
    }

    /// Directives that may define a variable: `set`, `auth_request_set` and what modules have.
    pub fn variable_definers(&self) -> impl Iterator<Item = (LevelId, Setting<'_>)> {
        self.variable_definers.iter().map(|&(level, reference)| (level, self.setting(reference)))
    }
}

impl Refused {
    /// Where it is: the part of the word that is at fault, if it stands there as written.
    pub fn place(&self, setting: Setting<'_>) -> Place {
        let directive = setting.directive;
        let word = match self.word {
            0 => directive.name_word(),
            number => match directive.argument(number - 1) {
                Some(word) => word,
                None => return setting.place(),
            },
        };
        let span = match &self.part {
            Some(part) if !word.is_escaped() => {
                let start = word.content_span().start;
                Span::new(start + part.start as u32, start + part.end as u32)
            }
            _ => word.span(),
        };
        Place { file: setting.reference.file, span }
    }
}
