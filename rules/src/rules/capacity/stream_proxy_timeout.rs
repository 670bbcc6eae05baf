//! A `stream` server for WebSockets that closes idle ones after ten minutes, or sooner.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, Tree};
use wslint_model::intent::said_by_comment;
use wslint_model::resolve::{Configuration, LevelId, LevelKind, Setting};
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::set_value_here;
use crate::groups::Groups;
use crate::rules::STREAM_PROXY_TIMEOUT as RULE;

/// Shorter than the pause between two pings of what is in common use (socket.io: 25 seconds).
const SHORT: i64 = 30_000;

/// What is in effect for a server.
enum Timeout<'c> {
    Set(Setting<'c>),
    Default,
    Unknown,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut groups = Groups::default();
    for (server, level) in configuration.levels() {
        if level.kind != LevelKind::StreamServer {
            continue;
        }
        let Some(pass) = configuration.own(server, d::PROXY_PASS).iter().next_back() else {
            continue;
        };
        let short = match timeout(configuration, server) {
            Timeout::Default => None,
            Timeout::Set(line) if line.milliseconds().is_some_and(|time| time < SHORT) => {
                Some(line)
            }
            Timeout::Set(_) | Timeout::Unknown => continue,
        };
        if carries_datagrams(configuration, server) {
            continue;
        }
        let Some(evidence) = evidence(context, server, pass) else { continue };
        match short {
            Some(line) => groups.add_with(line.place(), || too_short(line), evidence, server),
            None => groups.add_with(pass.place(), || by_default(pass), evidence, server),
        }
    }
    let mended = groups.into_mended("meant for WebSockets", |servers| {
        let edits = set_value_here(context, d::PROXY_TIMEOUT, "1h", servers)?;
        edits.into_fix("write `proxy_timeout 1h;` into the server")
    });
    findings.extend(mended);
}

const HELP: &str = "see that one side sends something more often, such as pings, or write \
                    `proxy_timeout 1h;` into the server";

fn by_default(pass: Setting<'_>) -> Finding {
    Finding::new(
        &RULE,
        pass.place(),
        "a WebSocket on which nothing is sent for 10 minutes is closed: no `proxy_timeout` is in \
         effect, and that is its default",
    )
    .at_place("closed after 10 idle minutes")
    .help(HELP)
}

fn too_short(line: Setting<'_>) -> Finding {
    let written = line.value(0).unwrap_or_default();
    let written = String::from_utf8_lossy(&written);
    Finding::new(
        &RULE,
        line.place(),
        format!(
            "a WebSocket on which nothing is sent for {written} is closed: many clients and \
             backends send their pings less often"
        ),
    )
    .at_place("too short for WebSockets that wait")
    .help(HELP)
}

fn timeout(configuration: &Configuration, server: LevelId) -> Timeout<'_> {
    for level in configuration.ancestors(server) {
        let this = configuration.level(level);
        if !matches!(this.kind, LevelKind::StreamServer | LevelKind::Stream) {
            break;
        }
        if let Some(line) = configuration.own(level, d::PROXY_TIMEOUT).iter().next_back() {
            return Timeout::Set(line);
        }
        if this.unseen.is_some() || this.implied {
            return Timeout::Unknown;
        }
    }
    Timeout::Default
}

/// `listen 443 udp`
fn carries_datagrams(configuration: &Configuration, server: LevelId) -> bool {
    let mut lines = configuration.own(server, d::LISTEN).iter();
    lines.any(|line| line.directive.arguments().any(|word| word.value().as_ref() == b"udp"))
}

/// What shows that a server passes WebSockets on. nginx sees nothing of them here, so people must
/// have said it: to wslint, in a comment, or by a name.
fn evidence(context: &Context<'_>, server: LevelId, pass: Setting<'_>) -> Option<Place> {
    let head = context.configuration.head(server)?;
    match said_by_comment(context, server) {
        Some(true) => return Some(head.place()),
        Some(false) => return None,
        None => {}
    }
    let target = pass.value(0)?;
    if names_websocket(&target) {
        return Some(pass.place());
    }
    let tree = &context.configuration.loaded.sources.get(head.reference.file).tree;
    mentioned_in_comment(tree, head.directive).map(|span| Place { file: head.reference.file, span })
}

/// Words in the name of a backend that speak for WebSockets. Others that do so in `http`, such as
/// `mqtt`, have a protocol of their own here.
const NAMES: [&str; 8] =
    ["ws", "wss", "websocket", "websockets", "socketio", "sockjs", "signalr", "websockify"];

/// Whether a word of a name is one of them, as in `ws_backend` or `ws2.example.com`.
fn names_websocket(target: &[u8]) -> bool {
    let words = target.split(|byte| !byte.is_ascii_alphanumeric());
    words.filter_map(|word| std::str::from_utf8(word).ok()).any(|word| {
        let word = word.trim_end_matches(|character: char| character.is_ascii_digit());
        NAMES.iter().any(|name| name.eq_ignore_ascii_case(word))
    })
}

/// A comment in a server, or in the lines right above it, that speaks of WebSockets.
fn mentioned_in_comment(tree: &Tree, server: Directive<'_>) -> Option<wslint_grammar::Span> {
    let comments = tree.comments();
    let span = server.span();
    let first = comments.partition_point(|comment| comment.start < span.start);
    let inside = comments[first..].iter().take_while(|comment| comment.end <= span.end);
    let mut below = span.start;
    let above = comments[..first].iter().rev().take_while(|comment| {
        let between = &tree.text()[comment.end as usize..below as usize];
        below = comment.start;
        let line = memchr::memrchr(b'\n', &tree.text()[..comment.start as usize]);
        let before = &tree.text()[line.map_or(0, |newline| newline + 1)..comment.start as usize];
        between.trim_ascii().is_empty()
            && memchr::memchr_iter(b'\n', between).count() <= 1
            && before.trim_ascii().is_empty()
    });
    let mut all = inside.chain(above);
    all.find(|&&comment| mentions_websocket(tree.slice(comment))).copied()
}

fn mentions_websocket(comment: &[u8]) -> bool {
    let comment = comment.to_ascii_lowercase();
    let words: [&[u8]; 4] = [b"websocket", b"ws://", b"wss://", b"socket.io"];
    words.iter().any(|word| memchr::memmem::find(&comment, word).is_some())
}

#[cfg(test)]
mod tests {
    use super::names_websocket;

    #[test]
    fn names_are_compared_word_by_word() {
        for name in ["ws_backend", "ws2.example.com:443", "chat-websocket", "$WSS", "socketio"] {
            assert!(names_websocket(name.as_bytes()), "{name}");
        }
        for name in ["news", "aws_backend", "jwst:80", "mqtt", "10.0.0.1:3000", "websocketless"] {
            assert!(!names_websocket(name.as_bytes()), "{name}");
        }
    }
}
