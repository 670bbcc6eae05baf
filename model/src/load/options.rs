//! What to load.

use std::path::PathBuf;

/// Where included files are found.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// An absolute path in an `include` that starts with the first is read from the second
    /// instead. The first pair that fits counts.
    pub prefixes: Vec<(PathBuf, PathBuf)>,
    /// Read the main file only.
    pub ignore_includes: bool,
}
