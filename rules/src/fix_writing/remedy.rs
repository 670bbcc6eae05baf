//! What is written, and what is said about it.

use crate::finding::FindingFix;

/// How a finding is mended: what a person is told to write is what the fix writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remedy {
    /// What to do, in the place of what the finding says itself.
    pub(crate) help: Option<String>,
    /// The edits.
    pub(crate) fix: Option<FindingFix>,
}

impl Remedy {
    /// A fix, and what it does in the words for a person; nothing at all where there is no fix.
    pub(crate) fn new(help: impl Into<String>, fix: Option<FindingFix>) -> Self {
        match fix {
            Some(_) => Self { help: Some(help.into()), fix },
            None => Self::default(),
        }
    }
}

impl From<Option<FindingFix>> for Remedy {
    fn from(fix: Option<FindingFix>) -> Self {
        Self { help: None, fix }
    }
}

impl From<Option<Remedy>> for Remedy {
    fn from(remedy: Option<Remedy>) -> Self {
        remedy.unwrap_or_default()
    }
}
