//! Finding the settings file that holds for a path.

use std::path::{Path, PathBuf};

/// The names that it may have.
const NAMES: [&str; 2] = ["wslint.toml", ".wslint.toml"];

/// What a folder has to say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It has the file.
    File(PathBuf),
    /// It has both, and nobody can know which one is meant.
    Both(PathBuf),
    /// It is the top of a repository: what lies above is about something else.
    Top,
    /// Nothing: the folder above is to be asked.
    Nothing,
}

/// Looks for a settings file in one folder.
pub(super) fn look_into(folder: &Path) -> Found {
    let is_there = |name: &str| folder.join(name).symlink_metadata().is_ok();
    match NAMES.map(is_there) {
        [true, true] => Found::Both(folder.to_owned()),
        [true, false] => Found::File(folder.join(NAMES[0])),
        [false, true] => Found::File(folder.join(NAMES[1])),
        // A worktree and a submodule have a file there.
        [false, false] if is_there(".git") => Found::Top,
        [false, false] => Found::Nothing,
    }
}
