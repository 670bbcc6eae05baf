//! The files of a configuration, read wave by wave.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::files::Files;
use super::include::{Include, Resolver, Target};
use super::path::normalised;
use super::read::ReadError;
use crate::parallel;
use crate::source::{DirectiveRef, FileId, Source, Sources};

/// A main file and everything it includes, parsed. What the directives mean is not looked at.
#[derive(Debug)]
pub struct Loaded {
    /// The files; the main one is the first.
    pub sources: Sources,
    /// What each `include` brings in.
    pub(super) includes: FxHashMap<DirectiveRef, Include>,
    /// The files come out of a dump: no file of this machine is behind them.
    pub is_dump: bool,
    /// Each `include` that has a pattern for a folder that is not here. nginx takes that for no
    /// files at all, but where it runs the folder may be there.
    pub(super) in_absent_folders: FxHashSet<DirectiveRef>,
}

impl Loaded {
    /// The number of the main file.
    pub const MAIN: FileId = FileId(0);

    /// What the `include` directive at `reference` brings in.
    pub fn include(&self, reference: DirectiveRef) -> Option<&Include> {
        self.includes.get(&reference)
    }

    /// Whether an `include` has a pattern for a folder that is not here: it brings in nothing here,
    /// and what it brings in where nginx runs is unknown.
    pub fn is_in_absent_folder(&self, reference: DirectiveRef) -> bool {
        self.in_absent_folders.contains(&reference)
    }

    /// Whether some `include` has a pattern for a folder that is not here.
    pub fn some_folder_is_absent(&self) -> bool {
        !self.in_absent_folders.is_empty()
    }

    /// Every `include`, in no particular order.
    pub fn includes(&self) -> impl Iterator<Item = (DirectiveRef, &Include)> {
        self.includes.iter().map(|(&reference, include)| (reference, include))
    }

    /// The main file.
    pub fn main(&self) -> &Source {
        self.sources.get(Self::MAIN)
    }
}

impl Loaded {
    /// A configuration of one file, whose includes are not looked for.
    pub(super) fn of(main: Source) -> Self {
        let mut sources = Sources::default();
        sources.push(main);
        Self {
            sources,
            includes: FxHashMap::default(),
            is_dump: false,
            in_absent_folders: FxHashSet::default(),
        }
    }

    /// Reads what the main file at `path` includes, and what that includes.
    pub(super) fn follow(
        mut self,
        path: Option<&Path>,
        resolver: &Resolver,
        files: &dyn Files,
    ) -> Self {
        let mut by_path = FxHashMap::default();
        if let Some(path) = path {
            by_path.insert(normalised(path), Self::MAIN);
        }
        let mut parsed = 0;
        // Each round reads what the files of the round before include, side by side.
        while parsed < self.sources.len() {
            let mut wanted: Vec<(DirectiveRef, Target)> = Vec::new();
            for (file, source) in self.sources.iter().skip(parsed) {
                wanted.extend(source.tree.includes().map(|directive| {
                    let reference = DirectiveRef { file, index: directive.index() };
                    (reference, resolver.target(directive, files))
                }));
            }
            parsed = self.sources.len();
            let absent = wanted.iter().filter(|(_, target)| target.is_absent());
            self.in_absent_folders.extend(absent.map(|&(reference, _)| reference));
            let new = read_new(&wanted, &by_path, files);
            let mut unreadable = FxHashMap::default();
            for (path, result) in new {
                match result {
                    Ok(source) => {
                        by_path.insert(path, self.sources.push(source));
                    }
                    Err(error) => {
                        unreadable.insert(path, error.reason());
                    }
                }
            }
            self.includes.extend(wanted.into_iter().map(|(reference, target)| {
                (reference, target.into_include(&by_path, &unreadable, files))
            }));
        }
        self
    }
}

/// Reads and parses the files that are not known yet, each once, in the order in which they are
/// first wanted.
fn read_new(
    wanted: &[(DirectiveRef, Target)],
    known: &FxHashMap<PathBuf, FileId>,
    files: &dyn Files,
) -> Vec<(PathBuf, Result<Source, ReadError>)> {
    let mut seen = FxHashSet::default();
    let paths: Vec<&PathBuf> = wanted
        .iter()
        .flat_map(|(_, target)| target.paths())
        .filter(|&path| !known.contains_key(path) && seen.insert(path))
        .collect();
    let read = |path: &PathBuf| {
        let source =
            files.read(path).map(|file| Source::new(files.shown(path), file.origin, file.text));
        (path.clone(), source)
    };
    // Starting threads costs more than reading a few files.
    parallel::map(paths, 8, read)
}
