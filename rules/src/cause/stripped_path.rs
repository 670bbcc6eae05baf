//! The path of a WebSocket library that does not reach its server.

use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::resolve::LevelKind;
use wslint_model::routing::sample;
use wslint_model::text::address;
use wslint_model::text::location::LocationPattern;

use crate::context::Context;
use crate::rewritten_uri::rewrites;

/// A library, and the path that it listens on unless it is told otherwise.
pub(crate) struct Library {
    pub(crate) path: &'static str,
    pub(crate) name: &'static str,
    /// Its server also runs by itself, and takes any path then.
    pub(crate) takes_any_path: bool,
}

const LIBRARIES: [Library; 7] = [
    Library { path: "/socket.io", name: "Socket.IO", takes_any_path: false },
    Library { path: "/engine.io", name: "Engine.IO", takes_any_path: false },
    Library { path: "/sockjs-node", name: "webpack's server", takes_any_path: false },
    Library { path: "/_blazor", name: "Blazor", takes_any_path: false },
    Library { path: "/_stcore/stream", name: "Streamlit", takes_any_path: false },
    Library { path: "/live/websocket", name: "Phoenix", takes_any_path: false },
    Library { path: "/cable", name: "Action Cable", takes_any_path: true },
];

/// What becomes of the path that a library asks for.
pub(crate) struct Stripped {
    pub(crate) library: &'static Library,
    pub(crate) asked: String,
    pub(crate) sent: String,
}

/// Whether `socketio-prefix-stripped` reports what becomes of the URI of a location.
pub(crate) fn is_reported(context: &Context<'_>, forwarded: &Forwarded<'_>) -> bool {
    context.reports("socketio-prefix-stripped") && stripped(context, forwarded).is_some()
}

/// The path that is taken away from what a library asks for, if that is so.
pub(crate) fn stripped(context: &Context<'_>, forwarded: &Forwarded<'_>) -> Option<Stripped> {
    let level = forwarded.level;
    let text = forwarded.pass.value(0).unwrap_or_default();
    let has_uri = std::str::from_utf8(&text)
        .ok()
        .and_then(address::split_url)
        .is_some_and(|url| !url.uri.is_empty());
    if context.configuration.level(level).kind != LevelKind::Location
        || !has_uri && !rewrites(context, level)
    {
        return None;
    }
    let (_, pattern) = context.location_of(level)?;
    let (LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. }) = &pattern else {
        return None;
    };
    let name = String::from_utf8_lossy(name).into_owned();
    let library = LIBRARIES.iter().find(|library| has_path(&name, library.path))?;
    let asked = sample::target(&pattern)?;
    let trace = context.tracer().arrived(level, &asked);
    let sent = trace.upstream_request?.uri;
    let is_known = !sent.contains('$');
    (is_known && !has_path(&sent, library.path)).then_some(Stripped { library, asked, sent })
}

/// Whether a path has these segments in it.
fn has_path(path: &str, segments: &str) -> bool {
    place_of_path(path, segments).is_some()
}

/// Where in a path these segments begin.
pub(crate) fn place_of_path(path: &str, segments: &str) -> Option<usize> {
    let path = path.split('?').next().unwrap_or_default();
    path.match_indices(segments).map(|(at, _)| at).find(|at| {
        let rest = &path[at + segments.len()..];
        rest.is_empty() || rest.starts_with('/')
    })
}
