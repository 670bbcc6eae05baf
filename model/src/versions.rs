//! Versions of nginx, and what changed with which.

use wslint_grammar::catalogue::Version;

/// The versions of nginx for which something holds: from `from`, up to but not `before`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionRange {
    /// The first version; `None` for all earlier ones.
    pub from: Option<Version>,
    /// The first version for which it holds no more; `None` for all later ones.
    pub before: Option<Version>,
}

impl VersionRange {
    /// Everything older than `version`.
    pub const fn before(version: Version) -> Self {
        Self { from: None, before: Some(version) }
    }

    /// `version` and everything newer.
    pub const fn since(version: Version) -> Self {
        Self { from: Some(version), before: None }
    }

    /// Whether `version` is one of them.
    pub fn contains(self, version: Version) -> bool {
        self.from.is_none_or(|from| from <= version)
            && self.before.is_none_or(|before| version < before)
    }
}

/// The first version that speaks HTTP/1.1 to backends by itself, and sends no `Connection`.
pub const HTTP_1_1_BY_DEFAULT: Version = Version::new(1, 29, 7);

/// The first version that sends `Host` first and once: the last line counts, and an empty value is
/// nginx's own.
pub const HOST_IS_SINGLE: Version = Version::new(1, 31, 4);
