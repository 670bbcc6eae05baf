//! Is a location meant for WebSockets?
//!
//! A rule about a missing setting speaks only where they are meant.

pub mod polling;

use crate::resolve::{LevelId, LevelKind};
use crate::routing::Routing;
use crate::source::Place;
use crate::text::location::LocationPattern;
use crate::text::template::{Part, parts};

/// What shows that a location is meant for WebSockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The place that shows it.
    pub place: Place,
    /// It was said beside the text; the place is the location.
    pub is_said: bool,
}

/// Whether a level is not meant for WebSockets, whatever its settings are: a comment says so, or
/// it is there for sub-requests, which can carry none.
pub fn is_denied(model: &Routing<'_>, level: LevelId) -> bool {
    match said_by_comment(model, level) {
        Some(is_meant) => !is_meant,
        None => {
            let sub_requests = model.sub_requests();
            let location = || model.configuration.enclosing(level, LevelKind::Location);
            sub_requests.has_own()
                && location().is_some_and(|location| sub_requests.is_own(location))
        }
    }
}

/// What the nearest comment says of a level: `# wslint: websocket` or `not-websocket` at a
/// `location` or `server` that it is in.
pub fn said_by_comment(model: &Routing<'_>, level: LevelId) -> Option<bool> {
    let marks = &model.marks;
    if marks.is_empty() {
        return None;
    }
    let configuration = model.configuration;
    let mut heads =
        configuration.ancestors(level).filter_map(|level| configuration.level(level).head);
    heads.find_map(|head| marks.get(&head).copied())
}

/// The location, when it was said that such locations are meant for WebSockets.
pub fn said_of(model: &Routing<'_>, level: LevelId) -> Option<Proof> {
    let is_in_comment = said_by_comment(model, level) == Some(true);
    if model.assumptions.websocket.is_empty() && !is_in_comment {
        return None;
    }
    let configuration = model.configuration;
    let location = configuration.enclosing(level, LevelKind::Location)?;
    let head = configuration.head(location)?;
    if is_in_comment {
        return Some(Proof { place: head.place(), is_said: true });
    }
    let is_meant = match LocationPattern::read(head.directive)? {
        LocationPattern::Exact(name)
        | LocationPattern::Prefix { name, .. }
        | LocationPattern::Named(name) => model.assumptions.means_websocket(&name),
        LocationPattern::Regex(regex) => model.assumptions.means_websocket(regex.text.as_bytes()),
    };
    is_meant.then(|| Proof { place: head.place(), is_said: true })
}

/// Whether a text uses `$http_upgrade`, or a variable that a map computes from it.
pub fn uses_upgrade(model: &Routing<'_>, text: &[u8], depth: usize) -> bool {
    depth > 0
        && parts(text).any(|part| match part {
            Part::Variable { name, .. } => {
                name.eq_ignore_ascii_case("http_upgrade")
                    || model
                        .variables
                        .map_of(name)
                        .is_some_and(|map| uses_upgrade(model, &map.source, depth - 1))
            }
            _ => false,
        })
}

/// Words of a name that speak for WebSockets.
const WORDS: [&str; 9] =
    ["ws", "wss", "websocket", "websockets", "socketio", "sockjs", "signalr", "realtime", "mqtt"];

/// Whether a word of a name speaks for WebSockets.
pub(crate) fn has_word(name: &[u8]) -> bool {
    has_one_of(name, &WORDS)
}

/// Whether one of the words of a name is among those.
pub(crate) fn has_one_of(name: &[u8], known: &[&str]) -> bool {
    name.split(|byte| !byte.is_ascii_alphanumeric())
        .any(|word| known.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes())))
}

/// Words of a path that speak for a WebSocket, one a line.
const PATH_WORDS: &str = include_str!("intent/path_words.txt");

/// Whether a segment of a location's path is a word that speaks for a WebSocket. Of a regular
/// expression only the literal start counts.
pub fn has_path_word(pattern: &LocationPattern) -> bool {
    let Some(path) = literal_path(pattern) else { return false };
    let words = || PATH_WORDS.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let is_word = |segment: &str| {
        segment.starts_with("ws-")
            || segment.ends_with("-ws")
            || words().any(|word| !word.starts_with('/') && word == segment)
    };
    let segments: Vec<&str> = path.split('/').collect();
    // `/ws/2` is the version of a web service.
    let is_version = |segment: Option<&&str>| {
        segment.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_service =
        |number: usize| segments[number] == "ws" && is_version(segments.get(number + 1));
    (0..segments.len()).any(|number| is_word(segments[number]) && !is_service(number))
        || words().filter(|word| word.starts_with('/')).any(|word| {
            path.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

/// The path of a location in small letters; of a regular expression its literal start. A named
/// location has none.
pub fn literal_path(pattern: &LocationPattern) -> Option<String> {
    let path = match pattern {
        LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. } => {
            String::from_utf8_lossy(name).into_owned()
        }
        LocationPattern::Regex(regex) => literal_start(&regex.text),
        LocationPattern::Named(_) => return None,
    };
    Some(path.to_ascii_lowercase())
}

/// What every match of a regular expression begins with, without a look at its end.
fn literal_start(regex: &str) -> String {
    let mut literal = String::new();
    let mut characters = regex.strip_prefix('^').unwrap_or(regex).chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped @ ('.' | '/' | '-' | '_')) => literal.push(escaped),
                _ => break,
            },
            '(' | '[' | '.' | '*' | '+' | '?' | '{' | '|' | '$' => break,
            _ => literal.push(character),
        }
    }
    literal
}

#[cfg(test)]
mod tests {
    use super::literal_start;

    #[test]
    fn a_regex_is_literal_up_to_its_first_sign() {
        for (regex, literal) in [
            ("^/socket\\.io/", "/socket.io/"),
            ("/ws\\d", "/ws"),
            ("^/api\\-ws/(.*)$", "/api-ws/"),
            (".*", ""),
        ] {
            assert_eq!(literal_start(regex), literal, "{regex}");
        }
    }
}
