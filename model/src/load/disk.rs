//! The files of this machine. Nothing else in this crate touches the file system.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // It is the room for it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use wslint_grammar::Span;

use super::files::{FileRead, Files};
use super::read::{ReadError, reject_binary};

/// The files of this machine.
pub struct Disk<'p> {
    working_folder: Option<PathBuf>,
    /// Where a link to an absolute path leads.
    prefixes: &'p [(PathBuf, PathBuf)],
}

impl<'p> Disk<'p> {
    /// With these places for what links to absolute paths lead to.
    pub fn new(prefixes: &'p [(PathBuf, PathBuf)]) -> Self {
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
            Err(error) if is_missing(&error) => {
                link_target(path, self.prefixes).map_or(Err(error), |there| from(&there))
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

    fn is_directory(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn leads_elsewhere(&self, path: &Path) -> bool {
        leads_elsewhere(path)
    }

    fn names_in(&self, folder: &Path, _: &str) -> Vec<OsString> {
        let here = if folder == Path::new("") { Path::new(".") } else { folder };
        let entries = here.read_dir().into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name()).collect()
    }

    fn real(&self, path: &Path) -> PathBuf {
        real_path(path)
    }

    fn shown(&self, path: &Path) -> String {
        display_name(path, self.working_folder.as_deref())
    }
}

/// One name for a file, however it was reached; of one that is not there the name that it has.
pub fn real_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The bytes of a regular file.
///
/// # Errors
/// When it cannot be read, is no regular file, or is not text.
pub fn read_file(path: &Path) -> Result<Vec<u8>, ReadError> {
    let io = |reason| ReadError::Io { path: path.to_owned(), reason };
    let metadata = fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(ReadError::NotAFile { path: path.to_owned(), what: kind(&metadata) });
    }
    if metadata.len() > Span::MAX_LEN as u64 {
        return Err(ReadError::TooLarge { path: path.to_owned(), size: metadata.len() });
    }
    let mut text = Vec::with_capacity(metadata.len() as usize);
    // The size is known: without it `read_to_end` would ask for it again, for every file.
    // Files of the system, as below /proc, do not tell theirs.
    let size = if metadata.len() == 0 { Span::MAX_LEN as u64 } else { metadata.len() };
    File::open(path).and_then(|file| file.take(size).read_to_end(&mut text)).map_err(io)?;
    reject_binary(path, &text)?;
    Ok(text)
}

/// The file that a link to an absolute path means when what is below the first of a pair is below
/// the second here.
pub(super) fn link_target(link: &Path, prefixes: &[(PathBuf, PathBuf)]) -> Option<PathBuf> {
    let target = link.read_link().ok()?;
    let there = prefixes
        .iter()
        .find_map(|(from, to)| target.strip_prefix(from).ok().map(|rest| to.join(rest)))?;
    there.is_file().then_some(there)
}

/// Whether a link leads to an absolute path where there is nothing here.
pub(super) fn leads_elsewhere(link: &Path) -> bool {
    link.read_link().is_ok_and(|target| target.is_absolute() && !target.exists())
}

fn kind(metadata: &fs::Metadata) -> &'static str {
    if metadata.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return "a FIFO";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    "something else"
}

/// How an included file is called in reports: relative to the working folder when it is inside.
fn display_name(path: &Path, working_folder: Option<&Path>) -> String {
    let relative = working_folder.and_then(|folder| path.strip_prefix(folder).ok());
    relative.unwrap_or(path).display().to_string()
}

/// Whether there is no such file.
fn is_missing(error: &ReadError) -> bool {
    matches!(error, ReadError::Io { reason, .. } if reason.kind() == io::ErrorKind::NotFound)
}
