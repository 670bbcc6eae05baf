//! The directive catalogue: which directives nginx knows, where each may stand, and what it takes.
//!
//! The facts are in the text files of `catalogue/`; the build script turns them into the static tables that
//! are read here, so nothing is parsed or allocated at run time.

mod context;
mod definition;
mod hash;
mod nearest;
#[cfg(test)]
mod tests;
#[cfg(test)]
#[expect(dead_code, reason = "the build script is what uses all of it")]
mod text;
pub mod variable;
mod version;

pub use context::{Context, ContextSet};
pub use definition::{ArgumentCount, Availability, Body, Definition, Repeat, Value};
pub use nearest::nearest;
pub use version::{ParseVersionError, Version};

include!(concat!(env!("OUT_DIR"), "/directives.rs"));

/// A directive's name: its index in the sorted table of all known names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DirectiveId(u16);

impl DirectiveId {
    /// The directive of this name. Case counts, as it does for nginx.
    #[inline]
    #[must_use]
    pub fn lookup(name: &[u8]) -> Option<DirectiveId> {
        let hash = hash::hash(name);
        let displacement = DISPLACEMENTS[hash::bucket(hash, DISPLACEMENTS.len())];
        let index = SLOTS[hash::slot(hash, displacement, SLOTS.len())];
        // Empty slots hold an index past the end.
        let known = NAMES.get(usize::from(index))?;
        (known.as_bytes() == name).then_some(DirectiveId(index))
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES[self.index()]
    }

    /// The index among all names: a key for tables of the caller's own.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The directive with this index.
    #[must_use]
    pub fn from_index(index: usize) -> Option<DirectiveId> {
        let id = u16::try_from(index).ok()?;
        (index < NAMES.len()).then_some(DirectiveId(id))
    }

    /// Its definitions, of which there is at least one. Where nginx changed one, the newest comes first.
    #[must_use]
    pub fn definitions(self) -> &'static [Definition] {
        let range = FIRST_DEFINITION[self.index()]..FIRST_DEFINITION[self.index() + 1];
        &DEFINITIONS[usize::from(range.start)..usize::from(range.end)]
    }
}

/// Whether a word is a parameter of `listen` that stands without a value (`ngx_http_core_listen`).
/// Some are the names of directives too.
pub fn is_listen_word(word: &[u8]) -> bool {
    const WORDS: [&[u8]; 11] = [
        b"default_server",
        b"default",
        b"bind",
        b"deferred",
        b"reuseport",
        b"ssl",
        b"http2",
        b"spdy",
        b"quic",
        b"proxy_protocol",
        b"multipath",
    ];
    WORDS.contains(&word)
}

/// Every known name, sorted.
pub fn names() -> impl Iterator<Item = DirectiveId> {
    // The build script makes sure that the indices fit.
    (0..NAMES.len()).map(|index| DirectiveId(index as u16))
}
