//! The files of a directory, always in the same order.

use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// The path of every file in `root` and in the directories below it.
///
/// # Errors
///
/// When a directory cannot be read.
pub fn files_below(root: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
    let is_file = |entry: &DirEntry| !entry.file_type().is_dir();
    let paths = entries
        .filter(|entry| entry.as_ref().map_or(true, is_file))
        .map(|entry| entry.map(DirEntry::into_path));
    Ok(paths.collect::<Result<_, _>>()?)
}

/// The path of every file and directory in `root` itself.
///
/// # Panics
///
/// When `root` cannot be read.
pub fn entries(root: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(root).min_depth(1).max_depth(1).sort_by_file_name().into_iter();
    entries.map(|entry| entry.unwrap_or_else(|error| panic!("{error}")).into_path()).collect()
}

/// The last part of `path`, as text.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
