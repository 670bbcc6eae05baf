//! `socketio-prefix-stripped`

use wslint_grammar::Word;

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::Forwarded;
use crate::nginx_text::address;
use crate::nginx_text::location::LocationPattern;
use crate::resolve::{LevelKind, Setting};
use crate::rule::Rule;
use crate::rules::rewrites::rewrites;
use crate::trace::sample;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "socketio-prefix-stripped",
    category: Category::Routing,
    severity: Severity::Warning,
    effect: Effect::Degraded,
    summary: "the path that a WebSocket library listens on is taken away",
    page: include_str!("../../../docs/rules/socketio-prefix-stripped.md"),
    check,
};

/// A library, and the path that it listens on unless it is told otherwise.
struct Library {
    path: &'static str,
    name: &'static str,
    /// Its server also runs by itself, and takes any path then.
    takes_any_path: bool,
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

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let Some(stripped) = stripped(context, forwarded) else { continue };
        let pass = forwarded.pass;
        let Some((head, _)) = context.location_of(forwarded.level) else { continue };
        groups.add(pass.argument_place(0), || finding(pass, &stripped), head.place());
    }
    findings.extend(groups.into_findings("the path that the library's client asks for"));
}

/// Whether this rule reports what becomes of the URI of a location.
pub(super) fn is_about(context: &Context<'_>, forwarded: &Forwarded<'_>) -> bool {
    context.reports(RULE.name) && stripped(context, forwarded).is_some()
}

struct Stripped {
    library: &'static Library,
    asked: String,
    sent: String,
}

fn stripped(context: &Context<'_>, forwarded: &Forwarded<'_>) -> Option<Stripped> {
    let level = forwarded.level;
    let text = forwarded.pass.directive.argument(0).map(Word::value).unwrap_or_default();
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
    let path = path.split('?').next().unwrap_or_default();
    path.match_indices(segments).any(|(at, _)| {
        let rest = &path[at + segments.len()..];
        rest.is_empty() || rest.starts_with('/')
    })
}

fn finding(pass: Setting<'_>, stripped: &Stripped) -> Finding {
    let Stripped { library, asked, sent } = stripped;
    let finding = Finding::new(
        &RULE,
        pass.argument_place(0),
        format!(
            "a handshake for `{asked}` is sent to the backend as `{sent}`, and {} listens on `{}`",
            library.name, library.path
        ),
    )
    .at_place("takes the path away");
    if library.takes_any_path {
        finding
            .help("take the path away only for a server of its own, which takes any path")
            .severity(Severity::Info)
            .effect(Effect::Advice)
    } else {
        finding
            .help("pass the path on as it comes, unless the backend was told to listen elsewhere")
    }
}
