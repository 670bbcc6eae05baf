//! Files that need not be checked on their own.

use std::collections::BTreeSet;
use std::path::Path;

use wslint_model::load::Loaded;

/// The files that are checked as a part of some configuration.
#[derive(Debug, Default)]
pub(super) struct Covered {
    files: BTreeSet<Identity>,
    /// There is one candidate only: nobody will ask.
    nothing_else: bool,
}

impl Covered {
    /// Nothing so far, of that many candidates.
    pub(super) fn of_several(candidates: usize) -> Self {
        Self { nothing_else: candidates == 1, ..Self::default() }
    }

    /// Adds the files of a configuration, but for the first `skipped`.
    pub(super) fn add(&mut self, loaded: &Loaded, skipped: usize) {
        if !self.nothing_else {
            let paths = loaded.sources.iter().skip(skipped);
            let paths = paths.filter_map(|(_, source)| source.path.as_deref());
            self.files.extend(paths.filter_map(identity));
        }
    }

    pub(super) fn contains(&self, path: &Path) -> bool {
        !self.files.is_empty() && identity(path).is_some_and(|file| self.files.contains(&file))
    }
}

/// One name for a file, however it was reached: links are followed.
#[cfg(unix)]
pub(crate) type Identity = (u64, u64);
#[cfg(not(unix))]
pub(crate) type Identity = PathBuf;

#[cfg(unix)]
pub(crate) fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = path.metadata().ok()?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub(crate) fn identity(path: &Path) -> Option<Identity> {
    path.canonicalize().ok()
}
