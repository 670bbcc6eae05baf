//! Which location answers a subrequest (`ngx_http_subrequest`).

use crate::resolve::{Configuration, LevelId, Setting};
use crate::routing::find_location::{Found, Locations};
use crate::text::location::LocationPattern;

/// The URI of an `auth_request` or a `mirror`; `None` when it is off.
pub fn uri_of(setting: Setting<'_>) -> Option<Vec<u8>> {
    let uri = setting.directive.argument(0)?.value();
    (uri.as_ref() != b"off").then(|| uri.into_owned())
}

/// The location that answers a sub-request of a server, where that is certain: an include that
/// cannot be opened may hold another one.
pub fn location(
    configuration: &Configuration,
    locations: &Locations,
    server: LevelId,
    uri: &[u8],
) -> Option<LevelId> {
    let Found::Location(level, _) = locations.find(server, uri) else { return None };
    (sees_locations(configuration, server) || is_named(locations, level, uri)).then_some(level)
}

/// Whether all locations of a server are seen.
pub(crate) fn sees_locations(configuration: &Configuration, server: LevelId) -> bool {
    let level = configuration.level(server);
    level.unseen.is_none() && !level.implied
}

/// Whether a location has a URI for its name.
pub fn is_named(locations: &Locations, level: LevelId, uri: &[u8]) -> bool {
    matches!(
        locations.pattern(level),
        Some(LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. }) if name == uri
    )
}
