//! Putting the files together.

use std::collections::VecDeque;
use std::ops::Range;

use wslint_grammar::catalogue::{Availability, Body, Context, Definition, directive as d};
use wslint_grammar::{BodyKind, DirectiveId};

use super::inheritance::{Inheritance, TRACKED};
use super::level::{Level, LevelId, LevelKind, NO_SLOT, Origin, OwnSetting, RewriteStep, Table};
use super::{Configuration, IncludeCycle, Occurrences, ReadingOrder, Unseen, outer_context};
use crate::load::packaged::is_apart_from_proxying;
use crate::load::{Include, Loaded};
use crate::source::{DirectiveRef, FileId};

/// How often the content of an included file may be put in. Real configurations stay below a few
/// thousand; one whose files include each other twice and twice again would never end.
const MOST_INCLUSIONS: usize = 200_000;

/// The number of the table in which no setting comes from anywhere.
const NOTHING_SET: u32 = 0;

/// An `include` on the way from the main file, and the one that its file was included by.
struct Inclusion {
    directive: DirectiveRef,
    by: Option<u32>,
}

/// Directives next to each other in one file, reached through a chain of includes.
#[derive(Clone)]
struct Stretch {
    file: FileId,
    directives: Range<u32>,
    via: Option<u32>,
}

/// A block whose content is still to be looked at.
struct Pending {
    level: LevelId,
    content: Stretch,
}

struct Builder {
    configuration: Configuration,
    inclusions: Vec<Inclusion>,
    queue: VecDeque<Pending>,
    /// By the number of a file: whether its content was put in somewhere.
    put_in: Vec<bool>,
}

pub(super) fn build(loaded: Loaded) -> Configuration {
    let mut slots = vec![NO_SLOT; wslint_grammar::catalogue::names().count()];
    for (slot, (id, _)) in TRACKED.iter().enumerate() {
        slots[id.index()] = slot as u8;
    }
    let outer = outer_context(&loaded.main().tree);
    let put_in = vec![false; loaded.sources.len()];
    let builder = Builder {
        configuration: Configuration {
            loaded,
            levels: Vec::new(),
            settings: Vec::new(),
            slots,
            unknown: Vec::new(),
            variable_definers: Vec::new(),
            data_blocks: Vec::new(),
            // The number of the first is `NOTHING_SET`.
            tables: vec![Table::all(Origin::Nowhere)],
            rewrite_steps: Vec::new(),
            reading_order: Vec::new(),
            occurrences: Occurrences::default(),
            repeats_files: false,
            include_cycles: Vec::new(),
            include_flood: None,
        },
        inclusions: Vec::new(),
        queue: VecDeque::new(),
        put_in,
    };
    builder.build(outer)
}

impl Builder {
    fn build(mut self, outer: Context) -> Configuration {
        let innermost = self.outer_levels(outer);
        let directives = 0..self.configuration.loaded.main().tree.directive_count() as u32;
        let content = Stretch { file: Loaded::MAIN, directives, via: None };
        self.queue.push_back(Pending { level: innermost, content });
        while let Some(pending) = self.queue.pop_front() {
            self.fill(pending);
        }
        let Configuration { levels, settings, .. } = &self.configuration;
        self.configuration.occurrences = Occurrences::new(levels, settings);
        self.configuration
    }

    /// The levels that a file stands in: for a fragment, blocks that are in no file we have.
    fn outer_levels(&mut self, outer: Context) -> LevelId {
        let kinds: &[LevelKind] = match outer {
            Context::Http => &[LevelKind::Main, LevelKind::Http],
            Context::Server => &[LevelKind::Main, LevelKind::Http, LevelKind::Server],
            Context::Location => {
                &[LevelKind::Main, LevelKind::Http, LevelKind::Server, LevelKind::Location]
            }
            Context::Upstream => &[LevelKind::Main, LevelKind::Http, LevelKind::Upstream],
            Context::Stream => &[LevelKind::Main, LevelKind::Stream],
            Context::StreamServer => &[LevelKind::Main, LevelKind::Stream, LevelKind::StreamServer],
            Context::StreamUpstream => {
                &[LevelKind::Main, LevelKind::Stream, LevelKind::StreamUpstream]
            }
            Context::Main => &[LevelKind::Main],
            _ => &[LevelKind::Main, LevelKind::Other],
        };
        let implied = outer != Context::Main;
        let table = if implied {
            self.configuration.tables.push(Table::all(Origin::Outside));
            1
        } else {
            0
        };
        let mut parent = None;
        for (index, &kind) in kinds.iter().enumerate() {
            let next = index as u32 + 1;
            let context = if index + 1 == kinds.len() { Some(outer) } else { context_of(kind) };
            let is_last = index + 1 == kinds.len();
            self.configuration.levels.push(Level {
                kind,
                context,
                parent,
                server: kinds[..=index]
                    .iter()
                    .position(|&kind| kind == LevelKind::Server)
                    .map(LevelId::new),
                head: None,
                implied,
                unseen: implied.then_some(Unseen::OuterContext),
                has_unread_include: false,
                settings: 0..0,
                children: if is_last { next..next } else { next..next + 1 },
                table,
                rewrite_steps: 0..0,
            });
            parent = Some(LevelId::new(index));
        }
        LevelId::new(kinds.len() - 1)
    }

    /// Collects what stands at a level and queues the blocks in it.
    fn fill(&mut self, pending: Pending) {
        let level = pending.level;
        let first_setting = self.configuration.settings.len();
        let first_child = self.configuration.levels.len();
        let first_step = self.configuration.rewrite_steps.len();
        let mut stack = vec![pending.content];
        while let Some(mut stretch) = stack.pop() {
            while !stretch.directives.is_empty() {
                let reference =
                    DirectiveRef { file: stretch.file, index: stretch.directives.start };
                let directive = self.configuration.loaded.sources.directive(reference);
                stretch.directives.start = directive.end_index();
                if directive.id() == Some(d::INCLUDE) && directive.body() == BodyKind::None {
                    let included = self.included(level, reference, stretch.via);
                    stack.push(stretch.clone());
                    stack.extend(included.into_iter().rev());
                    break;
                }
                self.place(level, reference, stretch.via);
            }
        }
        let configuration = &mut self.configuration;
        configuration.settings[first_setting..].sort_by_key(|setting| setting.id);
        let last_setting = configuration.settings.len() as u32;
        let last_child = configuration.levels.len() as u32;
        let own = &mut configuration.levels[level.index()];
        own.settings = first_setting as u32..last_setting;
        own.children = first_child as u32..last_child;
        own.rewrite_steps = first_step as u32..configuration.rewrite_steps.len() as u32;
        self.inherit(level);
    }

    /// The content of the files that an `include` names, in order.
    fn included(
        &mut self,
        level: LevelId,
        reference: DirectiveRef,
        via: Option<u32>,
    ) -> Vec<Stretch> {
        if self.inclusions.len() >= MOST_INCLUSIONS {
            self.configuration.include_flood = Some(reference);
            return Vec::new();
        }
        let include = self.configuration.loaded.include(reference);
        let files = include.map(Include::files).unwrap_or_default().to_vec();
        let is_missing = !matches!(include, Some(Include::Files(_)));
        let is_absent = self.configuration.loaded.is_in_absent_folder(reference);
        if (is_missing || is_absent) && !self.is_apart(reference) {
            let own = &mut self.configuration.levels[level.index()];
            own.has_unread_include = true;
            if is_missing || is_for_one_block(own.kind) {
                own.unseen = own.unseen.or(Some(Unseen::Include(reference)));
            }
        }
        let here = self.inclusions.len() as u32;
        self.inclusions.push(Inclusion { directive: reference, by: via });
        let mut stretches = Vec::with_capacity(files.len());
        for file in files {
            if let Some(chain) = self.cycle(file, here) {
                if !self.configuration.include_cycles.iter().any(|known| known.chain == chain) {
                    self.configuration.include_cycles.push(IncludeCycle { chain });
                }
                continue;
            }
            let before = std::mem::replace(&mut self.put_in[file.index()], true);
            self.configuration.repeats_files |= before;
            let count = self.configuration.loaded.sources.get(file).tree.directive_count();
            stretches.push(Stretch { file, directives: 0..count as u32, via: Some(here) });
        }
        stretches
    }

    /// Whether an `include` names a file that can hold nothing of what is looked at here.
    fn is_apart(&self, reference: DirectiveRef) -> bool {
        let directive = self.configuration.loaded.sources.directive(reference);
        let path = directive.argument(0).map(wslint_grammar::Word::value).unwrap_or_default();
        std::str::from_utf8(&path).is_ok_and(is_apart_from_proxying)
    }

    /// The includes that lead from `file` back to itself, when including it at `last` closes a
    /// circle.
    fn cycle(&self, file: FileId, last: u32) -> Option<Vec<DirectiveRef>> {
        let mut chain = Vec::new();
        let mut next = Some(last);
        while let Some(index) = next {
            let inclusion = &self.inclusions[index as usize];
            chain.push(inclusion.directive);
            if inclusion.directive.file == file {
                chain.reverse();
                return Some(chain);
            }
            next = inclusion.by;
        }
        None
    }

    fn place(&mut self, level: LevelId, reference: DirectiveRef, via: Option<u32>) {
        let directive = self.configuration.loaded.sources.directive(reference);
        let Some(id) = directive.id() else {
            self.configuration.unknown.push((level, reference));
            self.configuration.variable_definers.push((level, reference));
            if directive.body() == BodyKind::Block {
                self.add_level(level, LevelKind::Other, reference, via);
            }
            return;
        };
        match directive.body() {
            BodyKind::None | BodyKind::Raw => {
                self.configuration.settings.push(OwnSetting { id, reference });
                if may_define_variables(id) {
                    self.configuration.variable_definers.push((level, reference));
                }
                if matches!(id, d::LOG_FORMAT | d::ACCESS_LOG) {
                    let next = LevelId::new(self.configuration.levels.len());
                    let line = ReadingOrder { level, reference, next };
                    self.configuration.reading_order.push(line);
                }
                if matches!(id, d::SET | d::REWRITE | d::RETURN | d::BREAK) {
                    self.configuration.rewrite_steps.push(RewriteStep::Directive(reference));
                }
            }
            BodyKind::Block if is_data(id) => {
                self.configuration.data_blocks.push((level, reference));
            }
            BodyKind::Block => {
                let kind = kind_of(id, self.configuration.levels[level.index()].kind);
                let child = self.add_level(level, kind, reference, via);
                if matches!(kind, LevelKind::If | LevelKind::IfInServer) {
                    self.configuration.rewrite_steps.push(RewriteStep::If(child));
                }
            }
        }
    }

    fn add_level(
        &mut self,
        parent: LevelId,
        kind: LevelKind,
        head: DirectiveRef,
        via: Option<u32>,
    ) -> LevelId {
        let level = LevelId::new(self.configuration.levels.len());
        let Level { context: around, server, .. } = self.configuration.levels[parent.index()];
        let id = self.configuration.loaded.sources.directive(head).id();
        let context = id.and_then(|id| context_in(id, around));
        self.configuration.levels.push(Level {
            kind,
            context,
            parent: Some(parent),
            server: if kind == LevelKind::Server { Some(level) } else { server },
            head: Some(head),
            implied: false,
            unseen: None,
            has_unread_include: false,
            settings: 0..0,
            children: 0..0,
            table: 0,
            rewrite_steps: 0..0,
        });
        let directive = self.configuration.loaded.sources.directive(head);
        let directives = head.index + 1..directive.end_index();
        let stretch = Stretch { file: head.file, directives, via };
        self.queue.push_back(Pending { level, content: stretch });
        level
    }

    /// Works out where each tracked setting of a level comes from.
    fn inherit(&mut self, level: LevelId) {
        let configuration = &mut self.configuration;
        let own = &configuration.levels[level.index()];
        let inherited =
            own.parent.map_or(NOTHING_SET, |parent| configuration.levels[parent.index()].table);
        let inherited = if own.implied { own.table } else { inherited };
        let shares_handler = matches!(own.kind, LevelKind::If | LevelKind::LimitExcept);
        let mut table: Option<Table> = None;
        let base = &configuration.tables[inherited as usize];
        // Where nothing is inherited there is nothing to forget.
        if !shares_handler && !own.implied && inherited != NOTHING_SET {
            for (slot, &(_, inheritance)) in TRACKED.iter().enumerate() {
                if inheritance == Inheritance::Handler && base.get(slot) != Origin::Nowhere {
                    table.get_or_insert_with(|| base.clone()).set(slot, Origin::Nowhere);
                }
            }
        }
        if own.unseen.is_some() && !own.implied {
            table = Some(Table::all(Origin::BehindInclude(level)));
        }
        let settings = own.settings.start as usize..own.settings.end as usize;
        for setting in &configuration.settings[settings] {
            let slot = configuration.slots[setting.id.index()];
            if slot != NO_SLOT {
                table
                    .get_or_insert_with(|| base.clone())
                    .set(usize::from(slot), Origin::Level(level));
            }
        }
        let number = match table {
            Some(table) => {
                configuration.tables.push(table);
                configuration.tables.len() as u32 - 1
            }
            None => inherited,
        };
        configuration.levels[level.index()].table = number;
    }
}

/// Whether the lines of a block are data, as in `map`.
pub(crate) fn is_data(id: DirectiveId) -> bool {
    id.definitions().iter().all(|definition| matches!(definition.body, Body::Data | Body::None))
}

/// Whether a pattern for a folder, written in a block of that kind, is for that block alone, so that
/// what it brings in matters there: those of `http` and `server` mostly bring in whole servers and
/// locations, or nothing.
fn is_for_one_block(kind: LevelKind) -> bool {
    matches!(
        kind,
        LevelKind::Location
            | LevelKind::If
            | LevelKind::IfInServer
            | LevelKind::LimitExcept
            | LevelKind::Upstream
            | LevelKind::StreamServer
            | LevelKind::StreamUpstream
    )
}

/// What a known block is, standing in a block of the kind `parent`.
fn kind_of(id: DirectiveId, parent: LevelKind) -> LevelKind {
    match (id, parent) {
        (d::HTTP, _) => LevelKind::Http,
        (d::STREAM, _) => LevelKind::Stream,
        (d::SERVER, LevelKind::Stream) => LevelKind::StreamServer,
        (d::SERVER, LevelKind::Http | LevelKind::Main) => LevelKind::Server,
        (d::LOCATION, _) => LevelKind::Location,
        (d::IF, LevelKind::Server) => LevelKind::IfInServer,
        (d::IF, _) => LevelKind::If,
        (d::LIMIT_EXCEPT, _) => LevelKind::LimitExcept,
        (d::UPSTREAM, LevelKind::Stream) => LevelKind::StreamUpstream,
        (d::UPSTREAM, _) => LevelKind::Upstream,
        _ => LevelKind::Other,
    }
}

/// nginx's own directives that define a variable are few; of other modules any directive may.
fn may_define_variables(id: DirectiveId) -> bool {
    matches!(id, d::SET | d::AUTH_REQUEST_SET | d::PERL_SET | d::JS_SET | d::JS_VAR)
        || id.definitions().iter().all(|definition| {
            matches!(definition.availability, Availability::ThirdParty | Availability::Commercial)
        })
}

/// What may stand in the block `id` inside a block of the context `around`.
fn context_in(id: DirectiveId, around: Option<Context>) -> Option<Context> {
    let body = |definition: &Definition| match definition.body {
        Body::Directives(context) => Some(context),
        _ => None,
    };
    let here = |definition: &&Definition| {
        around.is_some_and(|around| definition.contexts.contains(around))
    };
    let definitions = id.definitions().iter();
    definitions.clone().filter(here).find_map(body).or_else(|| definitions.clone().find_map(body))
}

/// What may stand in the blocks around a fragment.
fn context_of(kind: LevelKind) -> Option<Context> {
    Some(match kind {
        LevelKind::Main => Context::Main,
        LevelKind::Http => Context::Http,
        LevelKind::Server => Context::Server,
        LevelKind::Stream => Context::Stream,
        _ => return None,
    })
}
