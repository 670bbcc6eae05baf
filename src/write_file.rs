//! Replacing a file of somebody's configuration, so that it is the old one or the new one at any
//! moment, also when the power fails.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why a file was not replaced. It is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// Somebody else has changed it.
    #[error("{} has changed since it was read", .0.display())]
    Changed(PathBuf),
    /// The system does not let it be written.
    #[error("cannot write {}: {reason}", .path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
}

/// Replaces the content of a file, which is `expected`, by `text`. Of a link the target is replaced.
/// It keeps its permissions, and its owner where that may be set.
///
/// # Errors
/// When it cannot be written, or has another content by now.
pub(crate) fn replace(path: &Path, expected: &[u8], text: &[u8]) -> Result<(), WriteError> {
    Prepared::new(path, expected, text)?.finish()
}

/// A new text of a file that lies beside it and has yet to take its place. Files that belong together
/// are all prepared before the first one is replaced: most of what can go wrong goes wrong then. When
/// it is not finished, nothing is left of it.
#[derive(Debug)]
pub(crate) struct Prepared<'t> {
    /// As it was named.
    path: PathBuf,
    /// The file itself.
    target: PathBuf,
    /// What it has to say still.
    expected: &'t [u8],
    /// Where the new text is; `None` when it has taken its place.
    temporary: Option<PathBuf>,
}

impl<'t> Prepared<'t> {
    /// Writes `text` beside the file at `path`, which says `expected`.
    ///
    /// # Errors
    /// As [`replace`].
    pub(crate) fn new(path: &Path, expected: &'t [u8], text: &[u8]) -> Result<Self, WriteError> {
        let failed = |reason| WriteError::Failed { path: path.to_owned(), reason };
        let target = path.canonicalize().map_err(failed)?;
        // Whoever may not write it is not to get around that by replacing it.
        let old = OpenOptions::new().read(true).write(true).open(&target).map_err(failed)?;
        let metadata = old.metadata().map_err(failed)?;
        let temporary = beside(&target);
        let mut prepared = Self { path: path.to_owned(), target, expected, temporary: None };
        let written = create_new(&temporary).and_then(|file| {
            prepared.temporary = Some(temporary);
            write_new(file, text, &metadata)
        });
        written.map_err(failed)?;
        if fs::read(&prepared.target).map_err(failed)? == expected {
            Ok(prepared)
        } else {
            Err(WriteError::Changed(path.to_owned()))
        }
    }

    /// Puts the new text in the place of the old one.
    ///
    /// # Errors
    /// As [`replace`].
    pub(crate) fn finish(mut self) -> Result<(), WriteError> {
        let failed = |reason| WriteError::Failed { path: self.path.clone(), reason };
        // As late as can be.
        if fs::read(&self.target).map_err(failed)? != self.expected {
            return Err(WriteError::Changed(self.path.clone()));
        }
        let Some(temporary) = self.temporary.as_ref() else { return Ok(()) };
        fs::rename(temporary, &self.target).map_err(failed)?;
        self.temporary = None;
        // The file is replaced; that its name is on the disk as well is a wish.
        let _ = self.target.parent().map(|folder| File::open(folder)?.sync_all());
        Ok(())
    }
}

impl Drop for Prepared<'_> {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_file(temporary);
        }
    }
}

/// A name in the same folder, so that it can be renamed, that nothing includes by a pattern such
/// as `*.conf`.
fn beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.wslint-{}", std::process::id()))
}

fn create_new(path: &Path) -> io::Result<File> {
    private().write(true).create_new(true).open(path)
}

fn write_new(mut file: File, text: &[u8], like: &fs::Metadata) -> io::Result<()> {
    file.write_all(text)?;
    take_owner(&file, like);
    file.set_permissions(like.permissions())?;
    file.sync_all()
}

/// Options for a file that nobody else reads before it has its permissions.
#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

/// Gives a file owner and group of another one. Mostly only root may do so.
#[cfg(unix)]
fn take_owner(file: &File, like: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    if fchown(file, Some(like.uid()), Some(like.gid())).is_err() {
        let _ = fchown(file, None, Some(like.gid()));
    }
}

#[cfg(not(unix))]
fn take_owner(_: &File, _: &fs::Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_or_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.conf");
        fs::write(&path, "old").unwrap();
        replace(&path, b"old", b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert!(matches!(replace(&path, b"old", b"newer"), Err(WriteError::Changed(_))));
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let gone = folder.path().join("gone.conf");
        assert!(matches!(replace(&gone, b"", b"new"), Err(WriteError::Failed { .. })));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_changed_between_the_two_steps_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.conf");
        fs::write(&path, "old").unwrap();
        let prepared = Prepared::new(&path, b"old", b"new").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        fs::write(&path, "somebody else's").unwrap();
        assert!(matches!(prepared.finish(), Err(WriteError::Changed(_))));
        assert_eq!(fs::read(&path).unwrap(), b"somebody else's");
        // Nothing is left of a text that was not used.
        drop(Prepared::new(&path, b"somebody else's", b"new").unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(Prepared::new(&path, b"old", b"new").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("site.conf"), folder.path().join("link"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("site.conf", &link).unwrap();
        replace(&link, b"old", b"new").unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o7777, 0o640);
    }
}
