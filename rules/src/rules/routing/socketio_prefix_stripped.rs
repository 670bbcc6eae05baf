//! The path that a WebSocket library listens on is taken away.

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::finding::Effect;
use crate::finding::Finding;
use crate::finding::FindingFix;
use crate::finding::Severity;
use crate::fix_writing::Edits;
use crate::fix_writing::UriChange;
use crate::fix_writing::change_uri;
use crate::fix_writing::remove;
use crate::fix_writing::stands_everywhere;
use crate::groups::Groups;
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::text::address;
use wslint_model::text::location::LocationPattern;
use wslint_model::resolve::LevelId;
use wslint_model::resolve::LevelKind;
use wslint_model::resolve::Setting;
use crate::rewritten_uri::rewrites;
use crate::rules::SOCKETIO_PREFIX_STRIPPED as RULE;
use wslint_model::routing::sample;

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

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups: Groups<(Setting<'_>, LevelId, Option<Change<'_>>)> = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let Some(stripped) = stripped(context, forwarded) else { continue };
        let pass = forwarded.pass;
        let Some((head, _)) = context.location_of(forwarded.level) else { continue };
        let part = (pass, forwarded.level, change(context, forwarded, &stripped));
        let finding = || finding(pass, &stripped);
        groups.add_with(pass.argument_place(0), finding, head.place(), part);
    }
    let message = "the path that the library's client asks for";
    findings.extend(groups.into_mended(message, |parts| fix(context, parts)));
}

/// What lets the library's path reach the backend.
#[derive(Clone, Debug)]
enum Change<'c> {
    Uri(UriChange),
    /// This `rewrite` goes.
    Remove(Setting<'c>),
}

fn change<'c>(
    context: &Context<'c>,
    forwarded: &Forwarded<'c>,
    stripped: &Stripped,
) -> Option<Change<'c>> {
    let level = forwarded.level;
    let text = forwarded.pass.directive.argument(0)?.value();
    let text = std::str::from_utf8(&text).ok()?;
    let uri = address::split_url(text)?.uri;
    let (LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. }) =
        context.location_of(level)?.1
    else {
        return None;
    };
    let name = String::from_utf8(name).ok()?;
    let at = place_of_path(&name, stripped.library.path)?;
    let mut lines = context.configuration.own(level, d::REWRITE).iter();
    if uri.is_empty() {
        // What stands before the library's path may have to go.
        let line = lines.next().filter(|_| at == 0 && lines.next().is_none())?;
        return Some(Change::Remove(line));
    }
    let is_simple = !rewrites(context, level) && !uri.contains('?');
    let right = format!("{}{}", uri.strip_suffix('/').unwrap_or(uri), &name[at..]);
    let change = match (text.contains('$'), right == name) {
        (_, true) => UriChange::Delete,
        (false, false) => UriChange::Write(right),
        // A URI beside a variable is the whole one.
        (true, false) => return None,
    };
    is_simple.then_some(Change::Uri(change))
}

fn fix(
    context: &Context<'_>,
    parts: &[(Setting<'_>, LevelId, Option<Change<'_>>)],
) -> Option<FindingFix> {
    let levels: Vec<LevelId> = parts.iter().map(|&(_, level, _)| level).collect();
    let mut wanted = Vec::new();
    let mut removed = Edits::default().ask_unless(false);
    for (_, level, change) in parts {
        match change.as_ref()? {
            Change::Uri(change) => wanted.push((*level, Some(change.clone()))),
            Change::Remove(line) if stands_everywhere(context, line.reference, &levels) => {
                removed.add_in(line.reference.file, remove(line.directive)?);
            }
            Change::Remove(_) => return None,
        }
    }
    match wanted.len() {
        0 => removed.into_fix("delete the `rewrite`"),
        count if count == parts.len() => change_uri(context, parts.first()?.0, &wanted),
        _ => None,
    }
}

/// Whether this rule reports what becomes of the URI of a location.
pub(in crate::rules) fn is_about(context: &Context<'_>, forwarded: &Forwarded<'_>) -> bool {
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
    place_of_path(path, segments).is_some()
}

/// Where in a path these segments begin.
fn place_of_path(path: &str, segments: &str) -> Option<usize> {
    let path = path.split('?').next().unwrap_or_default();
    path.match_indices(segments).map(|(at, _)| at).find(|at| {
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
