//! Reading a configuration: the main file and all that it includes, as nginx would.

mod data_lines;
pub mod dump;
mod files;
pub mod glob;
mod include;
mod link;
mod overlay;
pub mod packaged;
mod path;
mod read;

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::source::{DirectiveRef, FileId, Source, Sources};
pub(crate) use data_lines::DataLine;
use files::{Disk, Files};
pub use include::{Include, Unreachable};
pub use link::file_meant_by_link;
pub use overlay::real_path;
pub use overlay::{Memory, TextsByPath};
pub use path::normalised;
pub use read::{ReadError, read_file, reject_binary};

/// Where included files are found.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// An absolute path in an `include` that starts with the first is read from the second
    /// instead. The first pair that fits counts.
    pub prefixes: Vec<(PathBuf, PathBuf)>,
    /// Read the main file only.
    pub ignore_includes: bool,
}

/// A main file and everything it includes, parsed. What the directives mean is not looked at.
#[derive(Debug)]
pub struct Loaded {
    /// The files; the main one is the first.
    pub sources: Sources,
    /// What each `include` brings in.
    includes: FxHashMap<DirectiveRef, Include>,
    /// The files come out of a dump: no file of this machine is behind them.
    pub is_dump: bool,
    /// Each `include` that has a pattern for a folder that is not here. nginx takes that for no
    /// files at all, but where it runs the folder may be there.
    in_absent_folders: FxHashSet<DirectiveRef>,
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

/// Reads the file at `path` and what it includes.
///
/// # Errors
/// When the main file cannot be read. An included file that cannot be read is no error here; it
/// is told apart by [`Loaded::include`].
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, ReadError> {
    let text = read_file(path)?;
    Ok(load_text(path.display().to_string(), Some(path), text, options))
}

/// Takes `text` for the content of the main file called `name`, and reads what it includes.
/// `path` is where the file would be; included files are looked for beside it.
pub fn load_text(
    name: String,
    path: Option<&Path>,
    text: Vec<u8>,
    options: &LoadOptions,
) -> Loaded {
    load_main(Source::new(name, path.map(Path::to_owned), text), options, |main, resolver| {
        main.follow(path, resolver, &Disk::new(resolver.prefixes()))
    })
}

/// Reads a configuration again that `loaded` is, with another text of its main file, and with
/// `changed` in the place of what other files say. The rest is as it was in `loaded`, of which
/// `first` has the texts, or as `memory` has it.
pub fn load_again(
    loaded: &Loaded,
    options: &LoadOptions,
    main: Vec<u8>,
    (first, changed): (&TextsByPath, &TextsByPath),
    memory: &Memory,
) -> Loaded {
    let Source { name, path, .. } = loaded.main();
    load_main(Source::new(name.clone(), path.clone(), main), options, |main, resolver| {
        let disk = Disk::new(resolver.prefixes());
        let files = overlay::Overlay::new(disk, memory, first, changed);
        main.follow(path.as_deref(), resolver, &files)
    })
}

fn load_main(
    main: Source,
    options: &LoadOptions,
    follow: impl FnOnce(Loaded, &include::Resolver) -> Loaded,
) -> Loaded {
    let whole = crate::resolve::is_whole(&main.tree);
    let path = main.path.as_deref().unwrap_or(Path::new(""));
    let resolver = include::Resolver::new(path, whole, options);
    let loaded = Loaded::of(main);
    if options.ignore_includes { loaded } else { follow(loaded, &resolver) }
}

impl Loaded {
    /// A configuration of one file, whose includes are not looked for.
    fn of(main: Source) -> Self {
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
    fn follow(
        mut self,
        path: Option<&Path>,
        resolver: &include::Resolver,
        files: &dyn Files,
    ) -> Self {
        let mut by_path = FxHashMap::default();
        if let Some(path) = path {
            by_path.insert(path::normalised(path), Self::MAIN);
        }
        let mut parsed = 0;
        // Each round reads what the files of the round before include, side by side.
        while parsed < self.sources.len() {
            let mut wanted: Vec<(DirectiveRef, include::Target)> = Vec::new();
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
    wanted: &[(DirectiveRef, include::Target)],
    known: &FxHashMap<PathBuf, FileId>,
    files: &dyn Files,
) -> Vec<(PathBuf, Result<Source, ReadError>)> {
    let mut seen = rustc_hash::FxHashSet::default();
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
    if paths.len() < 8 {
        paths.into_iter().map(read).collect()
    } else {
        paths.into_par_iter().map(read).collect()
    }
}
