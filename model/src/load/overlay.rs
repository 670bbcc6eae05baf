//! Files with other texts in the place of some.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::files::{FileRead, Files};
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

/// Files as they would be with other texts.
pub struct Overlay<'o> {
    files: &'o dyn Files,
    memory: &'o Memory,
    /// The texts as they were when the configuration was first read, by the path that they were
    /// read from.
    first: &'o TextsByPath,
    /// The texts that differ from them.
    changed: &'o TextsByPath,
}

impl<'o> Overlay<'o> {
    /// Puts `changed` over `files`; what is read of these is kept in `memory`.
    pub fn new(
        files: &'o dyn Files,
        memory: &'o Memory,
        first: &'o TextsByPath,
        changed: &'o TextsByPath,
    ) -> Self {
        Self { files, memory, first, changed }
    }

    fn remembered(&self, path: &Path) -> Result<Remembered, ReadError> {
        let known = |files: &FxHashMap<PathBuf, Remembered>| files.get(path).cloned();
        let lock = || self.memory.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = known(&lock()) {
            return Ok(file);
        }
        let FileRead { text, origin } = self.files.read(path)?;
        let origin = origin.unwrap_or_else(|| path.to_owned());
        let text = self.first.get(&origin).map_or_else(|| Arc::from(text), Arc::clone);
        let file = Remembered { real: self.files.real(&origin), origin, text };
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
        self.files.exists(path)
    }

    fn is_named(&self, path: &Path) -> bool {
        self.files.is_named(path)
    }

    fn is_directory(&self, path: &Path) -> bool {
        self.files.is_directory(path)
    }

    fn leads_elsewhere(&self, path: &Path) -> bool {
        self.files.leads_elsewhere(path)
    }

    fn names_in(&self, folder: &Path, start: &str) -> Vec<OsString> {
        self.files.names_in(folder, start)
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.files.real(path)
    }

    fn shown(&self, path: &Path) -> String {
        self.files.shown(path)
    }
}
