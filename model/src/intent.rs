//! Is a location meant for WebSockets?
//!
//! A rule about a missing setting speaks only where they are meant.

pub mod polling;
pub mod signs;
pub mod traffic;

use wslint_grammar::catalogue::directive as d;

use crate::handshake::proxied_request::{FieldLine, Forwarded, has_upgrade_token};
use crate::model::Model;
use crate::resolve::{LevelId, LevelKind};
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

/// The proof that a level is meant for WebSockets, if its own settings give one: it sets
/// `Upgrade`, a `Connection` that upgrades, a field of the handshake, or names a `ws` backend.
///
/// What a comment says counts more than what settings show.
pub fn proof(model: &Model<'_>, forwarded: &Forwarded<'_>) -> Option<Proof> {
    if is_denied(model, forwarded.level) {
        return None;
    }
    let place = |line: &FieldLine<'_>| Proof { place: line.setting.place(), is_said: false };
    if let Some(line) = forwarded.upgrade.lines.iter().find(|line| is_written(line)) {
        return Some(place(line));
    }
    if let Some(line) = forwarded.connection.lines.iter().find(|line| means_upgrade(model, line)) {
        return Some(place(line));
    }
    if let Some(line) = forwarded.damage.map(|(line, _)| line).or(forwarded.websocket_field) {
        return Some(Proof { place: line.place(), is_said: false });
    }
    let url = forwarded.pass.directive.argument(0)?.value();
    let websocket_url = url.starts_with(b"ws://") || url.starts_with(b"wss://");
    if websocket_url {
        return Some(Proof { place: forwarded.pass.place(), is_said: false });
    }
    said_of(model, forwarded.level)
}

/// Whether a level is not meant for WebSockets, whatever its settings are: a comment says so, or
/// it is there for sub-requests, which can carry none.
pub fn is_denied(model: &Model<'_>, level: LevelId) -> bool {
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
pub fn said_by_comment(model: &Model<'_>, level: LevelId) -> Option<bool> {
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
pub fn said_of(model: &Model<'_>, level: LevelId) -> Option<Proof> {
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

/// Whether a line has a value at all: `Upgrade ""` says that nothing is to be upgraded.
fn is_written(line: &FieldLine<'_>) -> bool {
    line.setting.directive.argument(1).is_some_and(|value| !value.value().is_empty())
}

/// Whether a `Connection` line upgrades, or is computed from what the client's handshake says.
fn means_upgrade(model: &Model<'_>, line: &FieldLine<'_>) -> bool {
    if line.chrome.value.bytes().is_some_and(has_upgrade_token) {
        return true;
    }
    let Some(text) = line.setting.directive.argument(1) else { return false };
    let text = text.value();
    // A `set` in this location takes the place of the map: here nothing is to be upgraded.
    let is_set = line.chrome.maps.is_empty() && line.chrome.value.bytes().is_some();
    let asks_client = parts(&text).any(|part| match part {
        Part::Variable { name, .. } => name.eq_ignore_ascii_case("http_upgrade"),
        _ => false,
    });
    asks_client || !is_set && uses_upgrade(model, &text, 4)
}

/// Whether a text uses `$http_upgrade`, or a variable that a map computes from it.
pub fn uses_upgrade(model: &Model<'_>, text: &[u8], depth: usize) -> bool {
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

/// Whether a level's own lines say that it is *not* meant: an empty `Upgrade` or `Connection`.
pub fn declines(forwarded: &Forwarded<'_>) -> bool {
    let empty = |line: &FieldLine<'_>| !is_written(line);
    let own = |line: &&FieldLine<'_>| line.setting.directive.id() == Some(d::PROXY_SET_HEADER);
    forwarded.upgrade.lines.iter().chain(&forwarded.connection.lines).filter(own).any(empty)
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
