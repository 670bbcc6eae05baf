//! What is known about a configuration beside its text.

use wslint_grammar::catalogue::Version;

use crate::added_directive::AddedDirectives;
use crate::text::glob;

/// What somebody said about a configuration. Nothing of it need be said.
#[derive(Clone, Debug, Default)]
pub struct Assumptions {
    /// The version of nginx that it is for. Only what holds for that version is reported.
    pub nginx_version: Option<Version>,
    /// Directives of modules that the catalogue does not know.
    pub directives: AddedDirectives,
    /// Patterns of locations that are meant for WebSockets, as in `/ws*`.
    pub websocket: Vec<String>,
}

impl Assumptions {
    /// Nothing but the version of nginx, if that.
    pub fn for_version(nginx_version: Option<Version>) -> Self {
        Self { nginx_version, ..Self::default() }
    }

    /// Whether a location with that pattern, as in `location ~ PATTERN`, is said to be meant for
    /// WebSockets.
    pub fn means_websocket(&self, location: &[u8]) -> bool {
        self.websocket.iter().any(|pattern| glob::matches(pattern.as_bytes(), location))
    }
}
