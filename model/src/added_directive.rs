//! Directives of modules that the catalogue does not know, as somebody described them.

use std::collections::BTreeMap;

use wslint_grammar::catalogue::{ArgumentCount, Context, ContextSet};
use wslint_grammar::{BodyKind, Directive};

/// What one of them takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddedDirective {
    /// Where it may stand.
    pub contexts: ContextSet,
    /// How many arguments it takes.
    pub arguments: ArgumentCount,
    /// Whether a block follows its arguments; `None` where that was not said. What stands in the
    /// block is not checked.
    pub block: Option<bool>,
}

/// What is wrong with one, in the order in which nginx looks (`ngx_conf_handler`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misuse {
    /// It may stand in other blocks only.
    Place(ContextSet),
    /// It takes another number of arguments.
    Arguments(ArgumentCount),
}

impl AddedDirective {
    pub(crate) fn misuse(self, directive: Directive<'_>, around: Context) -> Option<Misuse> {
        let is_block = directive.body() != BodyKind::None;
        if !self.contexts.contains(around) {
            Some(Misuse::Place(self.contexts))
        } else if self.block.is_some_and(|block| block != is_block)
            || self.arguments.accepts(directive.argument_count())
        {
            // Where the block is missing, or too much, arguments are counted in vain.
            None
        } else {
            Some(Misuse::Arguments(self.arguments))
        }
    }
}

/// All of them, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddedDirectives {
    by_name: BTreeMap<String, AddedDirective>,
}

impl AddedDirectives {
    /// The directive with that name. Case counts, as it does for nginx.
    pub fn get(&self, name: &[u8]) -> Option<&AddedDirective> {
        if self.by_name.is_empty() {
            return None;
        }
        self.by_name.get(std::str::from_utf8(name).ok()?)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &AddedDirective)> {
        self.by_name.iter().map(|(name, directive)| (name.as_str(), directive))
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

impl FromIterator<(String, AddedDirective)> for AddedDirectives {
    fn from_iter<I: IntoIterator<Item = (String, AddedDirective)>>(directives: I) -> Self {
        Self { by_name: directives.into_iter().collect() }
    }
}
