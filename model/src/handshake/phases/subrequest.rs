//! Requests that nginx makes for another one, inside itself (`ngx_http_subrequest`): for
//! `auth_request` and for `mirror`.
//!
//! A sub-request has the client's fields, and shares its variables. So a handshake for the client
//! is one for the backend of the sub-request too, when its location passes `Upgrade` on.

use wslint_grammar::catalogue::directive as d;

use crate::handshake::phases::follow::{Next, Walk};
use crate::handshake::{By, Kind, Outcome, Phase, ReasonKind};
use crate::resolve::settings;
use crate::routing::subrequest::{location, sees_locations, uri_of};
use crate::source::Place;

/// A request that `mirror` sends when the handshake itself is on its way.
#[derive(Debug)]
pub(crate) struct Mirrored {
    path: Vec<u8>,
    arguments: Option<Vec<u8>>,
    place: Place,
}

/// How a sub-request ends.
pub(crate) enum Ended {
    /// With this status.
    Answered(u16),
    /// With the end of the client's connection.
    Closes(Outcome),
    /// Nobody knows.
    Unknown(Outcome),
}

/// Whether it can be told which location answers, be it none.
fn is_seen(walk: &Walk<'_, '_>, uri: &[u8]) -> bool {
    let tracer = walk.tracer;
    let configuration = tracer.model.configuration;
    let server = walk.request.server;
    sees_locations(configuration, server)
        || location(configuration, tracer.locations, server, uri).is_some()
}

/// Follows the sub-request of an `auth_request`; `None` when its location may be out of sight.
pub(crate) fn authorize(walk: &mut Walk<'_, '_>, uri: Vec<u8>) -> Option<Ended> {
    is_seen(walk, &uri).then(|| run(walk, uri, Some(Vec::new()), b"GET".to_vec()))
}

/// Notes what `mirror` sends on, where the handshake is now (`ngx_http_mirror_handler`).
pub(crate) fn note_mirrors(walk: &mut Walk<'_, '_>) {
    let configuration = walk.tracer.model.configuration;
    let lines = settings::nearest(configuration, walk.request.level, &[d::MIRROR]);
    for line in lines {
        let Some(path) = uri_of(line) else { continue };
        let arguments = walk.request.arguments.borrow().clone();
        let shown = String::from_utf8_lossy(&path).into_owned();
        let message = format!("`mirror` sends a copy to {shown}");
        walk.step(Phase::Proxy, message, Some(line.place()));
        walk.mirrors.push(Mirrored { path, arguments, place: line.place() });
    }
}

/// Follows what `mirror` sends on: it goes out behind the handshake itself, and its answer counts
/// for nothing, unless it closes the connection.
pub(crate) fn mirror(walk: &mut Walk<'_, '_>, outcome: Outcome) -> Outcome {
    for Mirrored { path, arguments, place } in std::mem::take(&mut walk.mirrors) {
        let shown = String::from_utf8_lossy(&path).into_owned();
        walk.step(Phase::Proxy, format!("the copy for {shown}"), Some(place));
        if !is_seen(walk, &path) {
            if walk.ask("where `mirror` leads to", Some(place)) {
                return closes(Some(place), "mirror");
            }
            continue;
        }
        let own = walk.upstream_request.take();
        let method = walk.request.method.clone();
        let ended = run(walk, path, arguments, method);
        walk.upstream_request = own;
        match ended {
            Ended::Answered(_) => {}
            Ended::Closes(mut end) => {
                if end.kind == Kind::Switches {
                    end = closes(end.place, "mirror");
                    end.reasons.push(ReasonKind::MirrorUpgrades.at(Some(place)));
                }
                return end;
            }
            Ended::Unknown(end) => return end,
        }
    }
    outcome
}

/// The end of a connection because of a `101` in a sub-request (`ngx_http_upstream_upgrade`:
/// "connection upgrade in subrequest").
pub(crate) fn closes(place: Option<Place>, directive: &str) -> Outcome {
    Outcome {
        kind: Kind::Refused,
        by: Some(By::Nginx),
        status: None,
        why: format!(
            "the backend of `{directive}` answers the handshake with 101, and nginx closes the \
             connection"
        ),
        place,
        reasons: Vec::new(),
    }
}

fn run(
    walk: &mut Walk<'_, '_>,
    path: Vec<u8>,
    arguments: Option<Vec<u8>>,
    method: Vec<u8>,
) -> Ended {
    let cached = walk.cached.take();
    let main = walk.request.begin_subrequest(path, arguments, method);
    let outcome = walk.run(Next::ServerRewrite);
    walk.request.end_subrequest(main);
    walk.cached = cached;
    match (outcome.kind, outcome.status) {
        (Kind::Unknown | Kind::NotLoaded, _) => Ended::Unknown(outcome),
        (Kind::Switches, _) | (Kind::Refused, None) => Ended::Closes(outcome),
        (Kind::Refused, Some(status)) => Ended::Answered(status),
    }
}
