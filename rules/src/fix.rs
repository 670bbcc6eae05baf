//! Applying the fixes of findings, so that nothing becomes worse.
//!
//! # For authors of fixes
//!
//! A rule attaches a [`FindingFix`](crate::finding::FindingFix) to a finding and thinks of nothing
//! else: neither of other findings, nor of other configurations, nor of what is written where. The
//! edits are on the texts that the rule has seen. All edits of a fix are applied, or none. Of two
//! fixes that touch the same bytes, or insert at the same offset, one is applied, and then the
//! rules are asked again, on the new texts; but an edit that several fixes have in common, down to
//! its text, is made once, for all of them: two locations may both bring the map that they need. A
//! fix must take its finding away, or findings would never end. [`Guard`] says which files
//! are left alone whatever a rule offers.
//!
//! # What is done with them
//!
//! Fixes are applied in rounds, in memory ([`fix`]). After each, the configuration is read and
//! resolved again and compared with what it was before: as many files without syntax errors, still
//! loaded by nginx, and each route that switched does so still. A fix that breaks one of these
//! promises is found, and no file that it touches is changed at all: [`TakenBack`]. [`fix_all`]
//! does it for configurations that share files. Writing is left to others.

mod applicable;
mod choose;
mod files;
mod rounds;
mod standing;
mod together;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wslint_grammar::Applicability;
use wslint_model::assumptions::Assumptions;
use wslint_model::load::LoadOptions;
use wslint_model::resolve::Configuration;
use wslint_model::source::{FileId, Sources};

use crate::finding::Finding;

pub use applicable::{Guard, Writable};
pub use rounds::fix;
pub use standing::Worse;
pub use together::{Conflict, Together, fix_all};

/// A configuration whose findings are to be mended.
#[derive(Clone, Copy)]
pub struct Subject<'s> {
    /// The configuration as it is.
    pub configuration: &'s Configuration,
    /// How it was loaded.
    pub load: &'s LoadOptions,
    /// What is known beside the text.
    pub assumptions: &'s Assumptions,
    /// What is to be mended in it, where that is known already.
    pub found: Option<&'s [Finding]>,
    /// Finds what is to be mended, in this configuration and in those that come of it.
    pub find: &'s (dyn Fn(&Configuration) -> Vec<Finding> + Sync),
    /// Which of its files may be changed.
    pub writable: Writable,
    /// Which fixes are applied: the safe ones, or all.
    pub up_to: Applicability,
}

impl std::fmt::Debug for Subject<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Subject").field(&self.configuration.loaded.main().name).finish()
    }
}

/// What became of a configuration.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The rounds in which fixes were applied; none when there was nothing to do.
    pub rounds: Vec<Round>,
    /// The files that are other than before, by name.
    pub files: Vec<FixedFile>,
    /// The fixes that would have made something worse.
    pub taken_back: Vec<TakenBack>,
}

/// Fixes that were applied at the same time.
#[derive(Debug)]
pub struct Round {
    /// What was mended; places are those of the text before this round.
    pub applied: Vec<Finding>,
    /// The configuration after it.
    pub after: Configuration,
}

impl Fixed {
    /// The configuration as it is now; `None` when nothing has changed.
    pub fn configuration(&self) -> Option<&Configuration> {
        self.rounds.last().map(|round| &round.after)
    }

    /// What was mended: the number of the round, from 0, the files that the places are in, which are
    /// those before the round, and the finding. `before` is the configuration as it was.
    pub fn applied<'f>(
        &'f self,
        before: &'f Configuration,
    ) -> impl Iterator<Item = (usize, &'f Sources, &'f Finding)> {
        let befores = std::iter::once(before).chain(self.rounds.iter().map(|round| &round.after));
        self.rounds.iter().zip(befores).enumerate().flat_map(|(number, (round, before))| {
            let sources = &before.loaded.sources;
            round.applied.iter().map(move |finding| (number, sources, finding))
        })
    }
}

/// A file that is other than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedFile {
    /// How it is called in reports.
    pub name: String,
    /// Where it is; `None` for a main file that is not on the disk.
    pub path: Option<PathBuf>,
    /// What it said.
    pub before: Arc<[u8]>,
    /// What it says now.
    pub after: Arc<[u8]>,
}

/// A fix that would have made something worse: a mistake of wslint's. None of the files that it
/// touches is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// The rule.
    pub rule: &'static str,
    /// The file that the finding is in.
    pub file: String,
    /// The line of the finding, from 1.
    pub line: u32,
    /// What would have become worse.
    pub worse: Worse,
}

/// Files that are not to be changed.
pub type Frozen = BTreeSet<FileKey>;

/// Which file it is, however it was reached: two links to one file are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey(Option<PathBuf>);

impl FileKey {
    /// The file at a path.
    pub fn of_path(path: &Path) -> Self {
        Self(Some(wslint_model::load::real_path(path)))
    }

    /// A main file that is not on the disk.
    pub const DETACHED: Self = Self(None);

    fn of(sources: &Sources, file: FileId, writable: Writable) -> Self {
        match (&sources.get(file).path, writable) {
            (None, _) => Self::DETACHED,
            (_, Writable::MainText) if file == wslint_model::load::Loaded::MAIN => Self::DETACHED,
            (Some(path), _) => Self::of_path(path),
        }
    }
}
