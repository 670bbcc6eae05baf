//! Where files are read from: the disk, or a text that holds them all.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::path::display_name;
use super::read::{ReadError, read_file};

/// A place that has files in folders. What is asked for often is answered without reading.
pub(super) trait Files: Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// When it cannot be read, or is not text.
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError>;

    /// Whether there is a file or a folder.
    fn exists(&self, path: &Path) -> bool;

    /// Whether a folder lists that name, be it a link that leads nowhere.
    fn is_named(&self, path: &Path) -> bool;

    /// Whether there is a folder.
    fn is_folder(&self, path: &Path) -> bool;

    /// The names of what lies in a folder, in any order.
    fn names_in(&self, folder: &Path) -> Vec<OsString>;

    /// How a file is called in reports.
    fn shown(&self, path: &Path) -> String;

    /// Where the file can be found again; `None` where no file of the disk is behind it.
    fn origin(&self, path: &Path) -> Option<PathBuf>;
}

/// The files of this machine.
pub(super) struct Disk {
    working_folder: Option<PathBuf>,
}

impl Disk {
    pub(super) fn new() -> Self {
        Self { working_folder: std::env::current_dir().ok() }
    }
}

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        read_file(path)
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

    fn names_in(&self, folder: &Path) -> Vec<OsString> {
        let here = if folder == Path::new("") { Path::new(".") } else { folder };
        let entries = here.read_dir().into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name()).collect()
    }

    fn shown(&self, path: &Path) -> String {
        display_name(path, self.working_folder.as_deref())
    }

    fn origin(&self, path: &Path) -> Option<PathBuf> {
        Some(path.to_owned())
    }
}
