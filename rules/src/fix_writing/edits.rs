//! Edits on the way to a fix.

use wslint_grammar::{Applicability, Edit};
use wslint_model::source::FileId;

use crate::finding::{FileEdit, FindingFix};

/// Edits that belong together, and whether they may be made without asking.
#[derive(Clone, Debug)]
pub(crate) struct Edits {
    edits: Vec<FileEdit>,
    is_safe: bool,
}

impl Default for Edits {
    fn default() -> Self {
        Self { edits: Vec::new(), is_safe: true }
    }
}

impl Edits {
    /// Adds an edit; one that is there already is the same one.
    pub(crate) fn add(&mut self, edit: FileEdit) {
        self.edits.push(edit);
    }

    /// Adds an edit of a file.
    pub(crate) fn add_in(&mut self, file: FileId, edit: Edit) {
        self.add(FileEdit { file, edit });
    }

    /// Adds all of them.
    pub(crate) fn extend(&mut self, others: Edits) {
        self.is_safe &= others.is_safe;
        self.edits.extend(others.edits);
    }

    /// A person has to agree.
    pub(crate) fn ask(&mut self) {
        self.is_safe = false;
    }

    /// A person has to agree unless `is_safe`.
    #[must_use]
    pub(crate) fn ask_unless(mut self, is_safe: bool) -> Self {
        self.is_safe &= is_safe;
        self
    }

    /// The fix that they are; `None` when there are none, or when two of them change the same
    /// bytes, so that they were made for different things.
    pub(crate) fn into_fix(mut self, message: impl Into<String>) -> Option<FindingFix> {
        // A stable sort: what is inserted at one place keeps its order.
        self.edits.sort_by_key(|it| (it.file, it.edit.span));
        self.edits.dedup();
        let overlap = self.edits.windows(2).any(|pair| {
            pair[0].file == pair[1].file && pair[1].edit.span.start < pair[0].edit.span.end
        });
        if self.edits.is_empty() || overlap {
            return None;
        }
        let applicability = match self.is_safe {
            true => Applicability::Safe,
            false => Applicability::Unsafe,
        };
        Some(FindingFix { applicability, message: message.into(), edits: self.edits })
    }
}

#[cfg(test)]
mod tests {
    use wslint_grammar::Span;

    use super::*;

    #[test]
    fn an_edit_that_several_places_ask_for_is_made_once() {
        let mut edits = Edits::default();
        for _ in 0..2 {
            edits.add_in(FileId(0), Edit::insert(4, "map"));
        }
        assert_eq!(edits.into_fix("add the map").map(|fix| fix.edits.len()), Some(1));
    }

    #[test]
    fn edits_that_contradict_each_other_are_no_fix() {
        let mut edits = Edits::default();
        edits.add_in(FileId(0), Edit::delete(Span::new(0, 4)));
        edits.add_in(FileId(0), Edit::replace(Span::new(2, 6), "x"));
        assert_eq!(edits.into_fix("write"), None);
    }
}
