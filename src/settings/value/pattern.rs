//! Patterns of files.

use globset::{GlobBuilder, GlobMatcher};

use super::text::{Meaning, read_as_text};

/// A pattern that names files: `*` and `?` stay within a name, `**` does not.
#[derive(Clone, Debug)]
pub(in crate::settings) struct Pattern {
    /// Where it looks.
    pub(in crate::settings) scope: Scope,
    /// What it matches there.
    pub(in crate::settings) matcher: GlobMatcher,
}

/// What a pattern is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::settings) enum Scope {
    /// The name of a file, in any folder.
    Name,
    /// The path from the folder of the settings.
    Relative,
    /// The whole path.
    Absolute,
}

read_as_text!(Pattern);

impl Meaning for Pattern {
    fn of(written: &str) -> Result<Self, String> {
        let text = written.strip_prefix("./").unwrap_or(written);
        let scope = match text {
            "" => return Err("a pattern cannot be empty".to_owned()),
            text if text.starts_with('/') => Scope::Absolute,
            text if text.contains('/') => Scope::Relative,
            _ => Scope::Name,
        };
        // A folder stands for all that is in it.
        let text = if text.ends_with('/') { format!("{text}**") } else { text.to_owned() };
        let glob = GlobBuilder::new(&text).literal_separator(true).build();
        let glob = glob.map_err(|error| format!("`{written}` is no pattern: {}", error.kind()))?;
        Ok(Self { scope, matcher: glob.compile_matcher() })
    }
}
