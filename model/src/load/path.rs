//! Paths as nginx writes them, and the names that files have in reports.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// The path that the bytes of a word mean.
#[cfg(unix)]
pub(super) fn path_from(bytes: &[u8]) -> Cow<'_, Path> {
    use std::os::unix::ffi::OsStrExt;
    Cow::Borrowed(Path::new(std::ffi::OsStr::from_bytes(bytes)))
}

/// The path that the bytes of a word mean.
#[cfg(not(unix))]
pub(super) fn path_from(bytes: &[u8]) -> Cow<'_, Path> {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Cow::Borrowed(Path::new(text)),
        Cow::Owned(text) => Cow::Owned(text.into()),
    }
}

/// The path without `.` and with no more `..` than needed, so that a file has one name. Symbolic
/// links are not followed: `sites-enabled/chat` is reported under that name.
pub fn normalised(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match result.components().next_back() {
                Some(Component::Normal(_)) => {
                    result.pop();
                }
                // Above the root is the root.
                Some(Component::RootDir) => {}
                _ => result.push(component),
            },
            other => result.push(other),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_without_the_file_system() {
        assert_eq!(normalised(Path::new("./a/./b/../c")), Path::new("a/c"));
        assert_eq!(normalised(Path::new("../a")), Path::new("../a"));
        assert_eq!(normalised(Path::new("/a/../../b")), Path::new("/b"));
    }
}
