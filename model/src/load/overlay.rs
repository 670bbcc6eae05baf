//! The files of the disk, with other texts in the place of some.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::files::{Disk, FileRead, Files};
use super::read::ReadError;

/// Texts by the real paths of their files: without links, so that a file has one.
pub type TextsByPath = FxHashMap<PathBuf, Arc<[u8]>>;

/// What was read once, and is not read again: a file may be changed by somebody else meanwhile.
#[derive(Debug, Default)]
pub struct Memory {
    /// By the path that was asked for: where the file is, and its text.
    files: Mutex<FxHashMap<PathBuf, Remembered>>,
}

#[derive(Clone, Debug)]
struct Remembered {
    origin: PathBuf,
    real: PathBuf,
    text: Arc<[u8]>,
}

/// One name for a file, however it was reached; of one that is not there the name that it has.
pub fn real_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The files of this machine as they would be with other texts.
pub(super) struct Overlay<'o> {
    disk: Disk<'o>,
    memory: &'o Memory,
    /// The texts as they were when the configuration was first read, by the path that they were
    /// read from.
    first: &'o TextsByPath,
    /// The texts that differ from them.
    changed: &'o TextsByPath,
}

impl<'o> Overlay<'o> {
    pub(super) fn new(
        disk: Disk<'o>,
        memory: &'o Memory,
        first: &'o TextsByPath,
        changed: &'o TextsByPath,
    ) -> Self {
        Self { disk, memory, first, changed }
    }

    fn remembered(&self, path: &Path) -> Result<Remembered, ReadError> {
        let known = |files: &FxHashMap<PathBuf, Remembered>| files.get(path).cloned();
        let lock = || self.memory.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = known(&lock()) {
            return Ok(file);
        }
        let FileRead { text, origin } = self.disk.read(path)?;
        let origin = origin.unwrap_or_else(|| path.to_owned());
        let text = self.first.get(&origin).map_or_else(|| Arc::from(text), Arc::clone);
        let file = Remembered { real: real_path(&origin), origin, text };
        lock().insert(path.to_owned(), file.clone());
        Ok(file)
    }
}

impl Files for Overlay<'_> {
    fn read(&self, path: &Path) -> Result<FileRead, ReadError> {
        let file = self.remembered(path)?;
        let text = self.changed.get(&file.real).unwrap_or(&file.text);
        Ok(FileRead { text: text.to_vec(), origin: Some(file.origin) })
    }

    fn exists(&self, path: &Path) -> bool {
        self.disk.exists(path)
    }

    fn is_named(&self, path: &Path) -> bool {
        self.disk.is_named(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.disk.is_folder(path)
    }

    fn leads_elsewhere(&self, path: &Path) -> bool {
        self.disk.leads_elsewhere(path)
    }

    fn names_in(&self, folder: &Path, start: &str) -> Vec<OsString> {
        self.disk.names_in(folder, start)
    }

    fn shown(&self, path: &Path) -> String {
        self.disk.shown(path)
    }
}
