//! The files that the patterns of `include` match, as glob(3) finds them for nginx.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::files::Files;
use crate::text::glob::{is_pattern, matches};

/// The paths below `folder` that a pattern matches, sorted by bytes as in the C locale.
pub(super) fn expand(files: &dyn Files, folder: &Path, pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for component in pattern.components() {
        found = match component {
            Component::Normal(name) if is_pattern(name.as_encoded_bytes()) => {
                found.iter().flat_map(|folder| matches_in(files, folder, name)).collect()
            }
            other => found.into_iter().map(|folder| folder.join(other)).collect(),
        };
    }
    // What a folder lists is there; a plain name behind a pattern may not be.
    if !pattern.file_name().is_some_and(|name| is_pattern(name.as_encoded_bytes())) {
        found.retain(|path| files.is_named(path));
    }
    found.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    found
}

/// Whether the folder is there in which a pattern begins to look.
pub(super) fn folder_exists(files: &dyn Files, folder: &Path, pattern: &Path) -> bool {
    let plain = |it: &Component<'_>| !is_pattern(it.as_os_str().as_encoded_bytes());
    let start: PathBuf = pattern.components().take_while(plain).collect();
    let start = folder.join(start);
    start == Path::new("") || files.is_directory(&start)
}

/// What lies in `folder` under a name that `pattern` matches.
fn matches_in(files: &dyn Files, folder: &Path, pattern: &OsStr) -> Vec<PathBuf> {
    let plain = |byte: &u8| !b"*?[\\".contains(byte);
    let bytes = pattern.as_encoded_bytes().iter();
    let length = bytes.take_while(|byte| plain(byte)).count();
    let start = pattern.to_str().and_then(|pattern| pattern.get(..length)).unwrap_or_default();
    files
        .names_in(folder, start)
        .into_iter()
        .filter(|name| matches(pattern.as_encoded_bytes(), name.as_encoded_bytes()))
        .map(|name| folder.join(name))
        .collect()
}
