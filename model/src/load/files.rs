//! Where files are read from: the disk, or a text that holds them all.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::link;
use super::path::display_name;
use super::read::{ReadError, read_file};

/// A place that has files in folders. What is asked for often is answered without reading.
pub(super) trait Files: Sync {
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
    fn is_folder(&self, path: &Path) -> bool;

    /// Whether a link leads to a place that is not here.
    fn leads_elsewhere(&self, path: &Path) -> bool;

    /// The names of what lies in a folder, in any order. Those that do not begin with `start` may
    /// be left out.
    fn names_in(&self, folder: &Path, start: &str) -> Vec<OsString>;

    /// How a file is called in reports.
    fn shown(&self, path: &Path) -> String;
}

/// A file that was read.
pub(super) struct FileRead {
    /// Its bytes.
    pub(super) text: Vec<u8>,
    /// Where it can be found again; `None` where no file of the disk is behind it.
    pub(super) origin: Option<PathBuf>,
}

/// The files of this machine.
pub(super) struct Disk<'p> {
    working_folder: Option<PathBuf>,
    /// Where a link to an absolute path leads.
    prefixes: &'p [(PathBuf, PathBuf)],
}

impl<'p> Disk<'p> {
    pub(super) fn new(prefixes: &'p [(PathBuf, PathBuf)]) -> Self {
        Self { working_folder: std::env::current_dir().ok(), prefixes }
    }
}

impl Files for Disk<'_> {
    fn read(&self, path: &Path) -> Result<FileRead, ReadError> {
        let from = |path: &Path| {
            let text = read_file(path)?;
            Ok(FileRead { text, origin: Some(path.to_owned()) })
        };
        match from(path) {
            Err(error) if ReadError::is_missing(&error) => {
                link::target(path, self.prefixes).map_or(Err(error), |there| from(&there))
            }
            result => result,
        }
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn is_named(&self, path: &Path) -> bool {
        path.symlink_metadata().is_ok()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn leads_elsewhere(&self, path: &Path) -> bool {
        link::leads_elsewhere(path)
    }

    fn names_in(&self, folder: &Path, _: &str) -> Vec<OsString> {
        let here = if folder == Path::new("") { Path::new(".") } else { folder };
        let entries = here.read_dir().into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name()).collect()
    }

    fn shown(&self, path: &Path) -> String {
        display_name(path, self.working_folder.as_deref())
    }
}
