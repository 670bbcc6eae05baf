//! What lies in directories, where only the paths of files are known.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::path::normalised;

/// What lies in each directory that a file is in, files and directories. They are sorted, so that
/// many patterns for one directory need not look at all of it each.
#[derive(Debug, Default)]
pub(super) struct Directories(FxHashMap<PathBuf, BTreeSet<OsString>>);

impl Directories {
    /// Adds a file and the directories around it. Its path is normalised.
    pub(super) fn add(&mut self, path: &Path) {
        let mut inner = path;
        while let (Some(around), Some(name)) = (inner.parent(), inner.file_name()) {
            let is_known = self.0.contains_key(around);
            self.0.entry(around.to_owned()).or_default().insert(name.to_owned());
            if is_known {
                break;
            }
            inner = around;
        }
    }

    /// Whether a file lies in that directory.
    pub(super) fn contains(&self, path: &Path) -> bool {
        self.0.contains_key(&normalised(path))
    }

    /// The names in a directory that begin with `start`.
    pub(super) fn names_in(&self, directory: &Path, start: &str) -> Vec<OsString> {
        let Some(names) = self.0.get(&normalised(directory)) else { return Vec::new() };
        let from = (Bound::Included(OsStr::new(start)), Bound::Unbounded);
        names
            .range::<OsStr, _>(from)
            .take_while(|name| name.as_encoded_bytes().starts_with(start.as_bytes()))
            .cloned()
            .collect()
    }
}
