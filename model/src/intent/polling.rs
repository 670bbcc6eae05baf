//! Libraries whose clients poll with plain requests before they open a WebSocket, or instead.
//!
//! Their server keeps the session in its memory, so that all requests of one client must come to
//! the same process. Clients that are set to use WebSockets alone have no such need; the
//! configuration of nginx does not tell.

use crate::resolve::{LevelId, LevelKind};
use crate::routing::Routing;
use crate::text::location::LocationPattern;

/// How the libraries are called, by what paths and upstreams are called after them. Action Cable
/// and the hubs of Vaultwarden are not among them: their clients do not poll.
const IN_PATHS: [(&str, &str); 8] = [
    ("socket.io", "Socket.IO"),
    ("engine.io", "Socket.IO"),
    ("sockjs", "SockJS"),
    ("sockjs-node", "SockJS"),
    ("signalr", "SignalR"),
    ("chathub", "SignalR"),
    ("/hubs", "SignalR"),
    ("_blazor", "SignalR"),
];

/// The same in the name of an upstream, in which only letters and digits are compared.
const IN_NAMES: [(&str, &str); 5] = [
    ("socketio", "Socket.IO"),
    ("engineio", "Socket.IO"),
    ("sockjs", "SockJS"),
    ("signalr", "SignalR"),
    ("blazor", "SignalR"),
];

/// The library whose clients come to a level, when the location's path or the name of its upstream
/// says so.
pub fn library(model: &Routing<'_>, level: LevelId, upstream: &str) -> Option<&'static str> {
    let configuration = model.configuration;
    let location = configuration.enclosing(level, LevelKind::Location);
    let pattern = location
        .and_then(|location| configuration.head(location))
        .and_then(|head| LocationPattern::read(head.directive));
    pattern.and_then(|pattern| in_pattern(&pattern)).or_else(|| in_name(upstream))
}

fn in_pattern(pattern: &LocationPattern) -> Option<&'static str> {
    let path = match pattern {
        LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. } => {
            String::from_utf8_lossy(name).into_owned()
        }
        // Old guides write `\.io` for `/socket.io/`.
        LocationPattern::Regex(regex) if matches!(regex.text.as_str(), r"\.io" | r"\.io/") => {
            return Some("Socket.IO");
        }
        LocationPattern::Regex(regex) => regex.text.replace('\\', ""),
        LocationPattern::Named(_) => return None,
    };
    in_path(&path.to_ascii_lowercase())
}

/// The library in a path in lower case: its word must be a whole part of the path.
fn in_path(path: &str) -> Option<&'static str> {
    let is_part = |byte: Option<u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let found = IN_PATHS.iter().find(|(word, _)| {
        path.match_indices(word).any(|(at, _)| {
            let before = at.checked_sub(1).map(|before| path.as_bytes()[before]);
            let after = path.as_bytes().get(at + word.len()).copied();
            (word.starts_with('/') || !is_part(before)) && !is_part(after)
        })
    });
    found.map(|&(_, library)| library)
}

fn in_name(name: &str) -> Option<&'static str> {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    IN_NAMES.iter().find(|(word, _)| name.contains(word)).map(|&(_, library)| library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_known_by_whole_parts_of_a_path() {
        for path in ["/socket.io/", "/app/socket.io", "^/(socket.io|chat)/", "/ws/sockjs-node/"] {
            assert!(in_path(path).is_some(), "{path}");
        }
        assert_eq!(in_path("/hubs/chat"), Some("SignalR"));
        for path in ["/", "/cable", "/websocket.io", "/socket.io-docs/", "/hubspot", "/hub/"] {
            assert_eq!(in_path(path), None, "{path}");
        }
    }

    #[test]
    fn libraries_are_known_by_the_name_of_an_upstream() {
        assert_eq!(in_name("app_socket.io"), Some("Socket.IO"));
        assert_eq!(in_name("SocketIO_nodes"), Some("Socket.IO"));
        assert_eq!(in_name("websocket"), None);
        assert_eq!(in_name("socket"), None);
    }
}
