//! The text of a level: what a file has between two braces.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::{Directive, DirectiveId, Directives, Tree};
use wslint_model::load::Include;
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::source::{DirectiveRef, FileId};

use super::edits::Edits;
use super::style::{FileStyle, own_indentation};
use crate::context::Context;
use crate::finding::FileEdit;

/// A block of a file, or all of a fragment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<'c> {
    /// The file.
    pub(crate) file: FileId,
    /// The file's tree.
    pub(crate) tree: &'c Tree,
    /// Its block directive; `None` for the top of the main file.
    pub(crate) head: Option<Directive<'c>>,
}

impl<'c> Block<'c> {
    /// The text of a level; `None` for a level that is in no file that we have.
    pub(crate) fn of(context: &Context<'c>, level: LevelId) -> Option<Block<'c>> {
        let configuration = context.configuration;
        if let Some(head) = configuration.head(level) {
            let tree = head.directive.tree();
            return Some(Block { file: head.reference.file, tree, head: Some(head.directive) });
        }
        // Of the levels around a fragment the innermost is the file.
        let mut inside = configuration.children(level);
        if inside.any(|child| configuration.level(child).implied) {
            return None;
        }
        let file = wslint_model::load::Loaded::MAIN;
        Some(Block { file, tree: &configuration.loaded.sources.get(file).tree, head: None })
    }

    /// What stands directly in it.
    pub(crate) fn children(self) -> Directives<'c> {
        match self.head {
            Some(head) => head.children(),
            None => self.tree.top_level(),
        }
    }

    /// Whether a line stands directly in it, not in a file that it includes.
    pub(crate) fn holds(self, line: Setting<'_>) -> bool {
        line.reference.file == self.file
            && line.directive.parent().map(Directive::index) == self.head.map(Directive::index)
    }

    /// The last `id` that stands directly in it.
    pub(crate) fn last(self, id: DirectiveId) -> Option<Directive<'c>> {
        self.children().filter(|child| child.id() == Some(id)).last()
    }

    /// The last `include` in it, or rather the last that brings `file` in.
    pub(crate) fn include_of(self, context: &Context<'c>, file: FileId) -> Option<Directive<'c>> {
        let includes = || {
            self.children()
                .filter(|child| child.id() == Some(wslint_grammar::catalogue::directive::INCLUDE))
        };
        let brings = |child: &Directive<'_>| {
            let reference = DirectiveRef { file: self.file, index: child.index() };
            let include = context.configuration.loaded.include(reference);
            include.map(Include::files).unwrap_or_default().contains(&file)
        };
        includes().filter(brings).last().or_else(|| includes().last())
    }

    /// How lines in it are indented: as `neighbour`, else as its first lines, else one step more
    /// than the block.
    pub(crate) fn indentation(self, style: &FileStyle, neighbour: Option<Directive<'_>>) -> String {
        if let Some(own) = neighbour.and_then(own_indentation) {
            return own;
        }
        if let Some(found) = self.children().take(100).find_map(own_indentation) {
            return found;
        }
        // Blocks may stand on one line each, however deep.
        let mut steps = 0;
        for around in std::iter::successors(self.head, |head| head.parent()).take(100) {
            steps += 1;
            if let Some(own) = own_indentation(around) {
                return own + &style.step.repeat(steps);
            }
        }
        style.step.repeat(steps)
    }
}

/// The nearest level that headers can be set at: not in an `if` or `limit_except`.
pub(super) fn settable(context: &Context<'_>, level: LevelId) -> LevelId {
    let configuration = context.configuration;
    let is_inner = |level: LevelId| {
        matches!(
            configuration.level(level).kind,
            LevelKind::If | LevelKind::IfInServer | LevelKind::LimitExcept
        )
    };
    configuration.ancestors(level).find(|&level| !is_inner(level)).unwrap_or(level)
}

/// At how many levels the blocks and lines of included files stand: a file that two places include
/// has its content twice.
#[derive(Debug)]
pub(crate) struct Copies {
    counts: FxHashMap<DirectiveRef, u32>,
}

impl Copies {
    pub(crate) fn count(context: &Context<'_>) -> Self {
        let configuration = context.configuration;
        let mut counts = FxHashMap::default();
        // Nothing stands twice when no file is included.
        if configuration.loaded.sources.len() > 1 || !configuration.include_cycles.is_empty() {
            for (level, own) in configuration.levels() {
                let lines = configuration.own_references(level).map(|(_, reference)| reference);
                for reference in own.head.into_iter().chain(lines) {
                    *counts.entry(reference).or_default() += 1;
                }
            }
        }
        Self { counts }
    }

    /// At how many levels a block or a line stands.
    pub(crate) fn of(&self, reference: DirectiveRef) -> usize {
        self.counts.get(&reference).copied().unwrap_or(1) as usize
    }
}

/// What is to be written at each of several levels, as one. A block that is included by several
/// places is several levels, and changed only when all of them ask for the same.
pub(super) fn merged(context: &Context<'_>, plans: Vec<(LevelId, Vec<FileEdit>)>) -> Option<Edits> {
    let mut edits = Edits::default();
    let mut seen = FxHashSet::default();
    let mut blocks: FxHashMap<DirectiveRef, (usize, Vec<FileEdit>)> = FxHashMap::default();
    for (level, plan) in plans {
        if !seen.insert(level) {
            continue;
        }
        if let Some(head) = context.configuration.level(level).head {
            let (count, first) = blocks.entry(head).or_insert_with(|| (0, plan.clone()));
            *count += 1;
            if *first != plan {
                return None;
            }
            if *count > 1 {
                continue;
            }
        }
        for edit in plan {
            edits.add(edit);
        }
    }
    let copies = context.copies();
    blocks.iter().all(|(&head, (count, _))| copies.of(head) == *count).then_some(edits)
}

/// Whether a line stands at those levels and at no others.
pub(crate) fn stands_everywhere(
    context: &Context<'_>,
    line: DirectiveRef,
    levels: &[LevelId],
) -> bool {
    let mut distinct = levels.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    context.copies().of(line) <= distinct.len()
}
