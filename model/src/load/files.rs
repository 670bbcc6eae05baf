//! Where files are read from: the disk, memory, or a text that holds them all.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::read::ReadError;

/// A place that has files in folders. What is asked for often is answered without reading.
pub trait Files: Sync {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is not text.
    fn read(&self, path: &Path) -> Result<FileRead, ReadError>;

    /// Whether there is a file or a folder.
    fn exists(&self, path: &Path) -> bool;

    /// Whether a folder lists that name, be it a link that leads nowhere.
    fn is_named(&self, path: &Path) -> bool;

    /// Whether there is a folder.
    fn is_directory(&self, path: &Path) -> bool;

    /// Whether a link leads to a place that is not here.
    fn leads_elsewhere(&self, path: &Path) -> bool;

    /// The names of what lies in a folder, in any order. Those that do not begin with `start` may
    /// be left out.
    fn names_in(&self, folder: &Path, start: &str) -> Vec<OsString>;

    /// One name for a file, however it was reached; of one that is not there the name that it has.
    fn real(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    /// How a file is called in reports.
    fn shown(&self, path: &Path) -> String;
}

/// A file that was read.
pub struct FileRead {
    /// Its bytes.
    pub text: Vec<u8>,
    /// Where it can be found again; `None` where no file of the disk is behind it.
    pub origin: Option<PathBuf>,
}
