//! Lines with which nothing is wrong.
//!
//! Most lines stand in a configuration many times over, word by word: `proxy_http_version 1.1`. What
//! is right once is right wherever such a block holds it.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;
use wslint_grammar::BodyKind;
use wslint_grammar::catalogue::Context as Block;

use crate::declarations::Declarations;
use crate::resolve::Setting;
use crate::text::placeholder;

/// How many lines are remembered. Those that stand once push out few of the others.
const REMEMBERED: usize = 256;

/// All that decides whether a line is right.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Line<'c> {
    /// From the name to the last argument.
    text: &'c [u8],
    body: BodyKind,
    /// The block that it stands in.
    around: Block,
}

impl<'c> Line<'c> {
    /// What decides about a directive. `None` where more than that does: of a text with mistakes the
    /// parser makes words that do not show in it, and some lines of `http` are wrong only if a server
    /// inherits them.
    pub(super) fn of(
        model: &Declarations<'c>,
        setting: Setting<'c>,
        around: Block,
    ) -> Option<Self> {
        let tree = &model.configuration.loaded.sources.get(setting.reference.file).tree;
        let text = tree.slice(setting.directive.words_span());
        let is_all = tree.errors().is_empty() && around != Block::Http;
        is_all.then_some(Self { text, body: setting.directive.body(), around })
    }

    fn slot(&self) -> usize {
        let mut hasher = FxHasher::default();
        self.hash(&mut hasher);
        hasher.finish() as usize % REMEMBERED
    }
}

/// The lines that were found right lately.
pub(super) struct RightLines<'c> {
    slots: Vec<Option<Line<'c>>>,
}

impl Default for RightLines<'_> {
    fn default() -> Self {
        Self { slots: vec![None; REMEMBERED] }
    }
}

impl<'c> RightLines<'c> {
    /// Whether nothing is wrong with a line, which `look` finds out where it is not known.
    pub(super) fn is_right(&mut self, line: Option<Line<'c>>, look: impl FnOnce() -> bool) -> bool {
        let Some(line) = line else { return look() };
        let slot = &mut self.slots[line.slot()];
        if *slot == Some(line) {
            return true;
        }
        let is_right = look();
        // Whether envsubst replaces something in a line depends on the file.
        if is_right && !placeholder::has_environment_variable(line.text) {
            *slot = Some(line);
        }
        is_right
    }
}
