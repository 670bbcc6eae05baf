//! What the request to a backend shows of a location: that it is meant for WebSockets, or not.

use wslint_grammar::catalogue::directive as d;

use crate::handshake::proxied_request::{FieldLine, Forwarded, has_upgrade_token};
use crate::intent::{Proof, is_denied, said_of, uses_upgrade};
use crate::routing::Routing;
use crate::text::template::{Part, parts};

/// The proof that a level is meant for WebSockets, if its own settings give one: it sets
/// `Upgrade`, a `Connection` that upgrades, a field of the handshake, or names a `ws` backend.
///
/// What a comment says counts more than what settings show.
pub fn proof(model: &Routing<'_>, forwarded: &Forwarded<'_>) -> Option<Proof> {
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

/// Whether a line has a value at all: `Upgrade ""` says that nothing is to be upgraded.
fn is_written(line: &FieldLine<'_>) -> bool {
    line.setting.directive.argument(1).is_some_and(|value| !value.value().is_empty())
}

/// Whether a `Connection` line upgrades, or is computed from what the client's handshake says.
fn means_upgrade(model: &Routing<'_>, line: &FieldLine<'_>) -> bool {
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

/// Whether a level's own lines say that it is *not* meant: an empty `Upgrade` or `Connection`.
pub fn declines(forwarded: &Forwarded<'_>) -> bool {
    let empty = |line: &FieldLine<'_>| !is_written(line);
    let own = |line: &&FieldLine<'_>| line.setting.directive.id() == Some(d::PROXY_SET_HEADER);
    forwarded.upgrade.lines.iter().chain(&forwarded.connection.lines).filter(own).any(empty)
}
