//! A block of the configuration, after includes.

use std::ops::Range;

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::Context;

use super::Unseen;
use super::inheritance::TRACKED;
use crate::source::DirectiveRef;

/// The number of a level in its configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LevelId(u32);

impl LevelId {
    /// The level with that number.
    pub fn new(index: usize) -> Self {
        Self(index as u32)
    }

    /// Its number.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What kind of block a level is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LevelKind {
    /// Outside all blocks.
    Main,
    /// `http`
    Http,
    /// `server` in `http`
    Server,
    /// `location`
    Location,
    /// `if` in a `location`
    If,
    /// `if` in a `server`
    IfInServer,
    /// `limit_except`
    LimitExcept,
    /// `upstream` in `http`
    Upstream,
    /// `stream`
    Stream,
    /// `server` in `stream`
    StreamServer,
    /// `upstream` in `stream`
    StreamUpstream,
    /// Any other block of directives: `events`, `mail`, blocks of modules.
    Other,
}

/// A block of the configuration: where a file is included twice, its blocks are two levels each.
#[derive(Debug)]
pub struct Level {
    /// What kind of block.
    pub kind: LevelKind,
    /// What may stand in it; `None` for a block that no catalogue knows.
    pub context: Option<Context>,
    /// The level around it.
    pub parent: Option<LevelId>,
    /// The `server` that it is in, or is.
    pub server: Option<LevelId>,
    /// Its block directive.
    pub head: Option<DirectiveRef>,
    /// It stands around a fragment: what else is in it is in files that are not seen.
    pub implied: bool,
    /// Something at this level is not seen.
    pub unseen: Option<Unseen>,
    /// An `include` at this level cannot be opened, or has a pattern for a folder that is not here,
    /// which may bring something in where nginx runs.
    pub has_unread_include: bool,
    pub(crate) settings: Range<u32>,
    pub(crate) children: Range<u32>,
    pub(crate) table: u32,
    pub(crate) rewrite_steps: Range<u32>,
}

impl Level {
    /// How many blocks stand directly inside it.
    pub fn children_count(&self) -> usize {
        self.children.len()
    }
}

/// Where a tracked setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// No level sets it.
    Nowhere,
    /// The lines that stand at that level.
    Level(LevelId),
    /// Perhaps from an include at that level, which could not be opened.
    BehindInclude(LevelId),
    /// Perhaps from the blocks around a fragment.
    Outside,
}

/// An [`Origin`] in four bytes: there is a table of them for almost every level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackedOrigin(u32);

impl PackedOrigin {
    const NOWHERE: u32 = u32::MAX;
    const OUTSIDE: u32 = u32::MAX - 1;
    /// Set for [`Origin::BehindInclude`]; there are fewer than 2³¹ levels, because each has a
    /// directive of its own.
    const BEHIND_INCLUDE: u32 = 1 << 31;

    pub(crate) const fn new(origin: Origin) -> Self {
        Self(match origin {
            Origin::Nowhere => Self::NOWHERE,
            Origin::Outside => Self::OUTSIDE,
            Origin::Level(LevelId(level)) => level,
            Origin::BehindInclude(LevelId(level)) => level | Self::BEHIND_INCLUDE,
        })
    }

    pub(crate) const fn get(self) -> Origin {
        match self.0 {
            Self::NOWHERE => Origin::Nowhere,
            Self::OUTSIDE => Origin::Outside,
            level if level & Self::BEHIND_INCLUDE != 0 => {
                Origin::BehindInclude(LevelId(level & !Self::BEHIND_INCLUDE))
            }
            level => Origin::Level(LevelId(level)),
        }
    }
}

/// The origin of each tracked setting at a level.
#[derive(Clone, Debug)]
pub struct Table([PackedOrigin; TRACKED.len()]);

impl Table {
    /// A table in which every setting has the same origin.
    pub const fn all(origin: Origin) -> Self {
        Self([PackedOrigin::new(origin); TRACKED.len()])
    }

    pub fn get(&self, slot: usize) -> Origin {
        self.0[slot].get()
    }

    pub fn set(&mut self, slot: usize, origin: Origin) {
        self.0[slot] = PackedOrigin::new(origin);
    }
}

/// A step of the rewrite module, in the order of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewriteStep {
    /// `set`, `rewrite`, `return` or `break`.
    Directive(DirectiveRef),
    /// An `if`; its own steps are those of that level.
    If(LevelId),
}

/// A setting at a level, with its name beside it so that looking for a name touches no tree.
#[derive(Clone, Copy, Debug)]
pub struct OwnSetting {
    pub id: DirectiveId,
    pub reference: DirectiveRef,
}

/// The slot of a directive that is not tracked.
pub(crate) const NO_SLOT: u8 = u8::MAX;
