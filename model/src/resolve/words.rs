//! The words of a setting, and their places.

use std::borrow::Cow;

use wslint_grammar::{DirectiveId, Word};

use super::{Configuration, LevelId, Setting};
use crate::source::Place;

impl<'c> Setting<'c> {
    /// The value of its argument with that number; `None` when there is none.
    pub fn value(&self, number: usize) -> Option<Cow<'c, [u8]>> {
        self.directive.argument(number).map(Word::value)
    }

    /// The name of its directive, as it is written.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.directive.name()).into_owned()
    }

    /// The place of its name and arguments, without `;` or `{`.
    pub fn words_place(&self) -> Place {
        Place { file: self.reference.file, span: self.directive.words_span() }
    }

    /// The place of all of it, with the block that it may begin.
    pub fn whole_place(&self) -> Place {
        Place { file: self.reference.file, span: self.directive.span() }
    }
}

impl Configuration {
    /// Whether a directive is set at a level itself.
    pub fn has_own(&self, level: LevelId, id: DirectiveId) -> bool {
        self.own(level, id).iter().next().is_some()
    }
}
