//! Signs that a location is meant for WebSockets, none of which is a proof by itself.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Span, Tree};

use crate::handshake::evidence::declines;
use crate::handshake::proxied_request::Forwarded;
use crate::intent::{has_one_of, has_path_word, has_word, is_denied, uses_upgrade};
use crate::resolve::{Effective, LevelId, LevelKind, Setting};
use crate::routing::Routing;
use crate::source::Place;
use crate::text::address::split_url;
use crate::text::location::LocationPattern;
use crate::text::template::{Part, parts};
use crate::text::value::time;

/// A thing that speaks for WebSockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// Where it is.
    pub place: Place,
    /// What it is, as a label.
    pub what: &'static str,
}

/// What speaks for WebSockets at a location that has no part of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signs {
    /// A word of the path.
    pub(crate) path_word: Option<Sign>,
    /// What is strong: two of these, or one beside a word of the path, leave little doubt.
    pub(crate) strong: Vec<Sign>,
}

impl Signs {
    /// Whether they leave little doubt.
    pub fn are_strong(&self) -> bool {
        self.strong.len() + usize::from(self.path_word.is_some()) > 1
    }

    /// All of them, the word of the path first.
    pub fn all(&self) -> impl Iterator<Item = &Sign> {
        self.path_word.iter().chain(&self.strong)
    }
}

/// The signs at a level that has a `proxy_pass`; `None` when there are too few to say anything, or
/// when it says itself that it wants no upgrade.
pub fn signs(model: &Routing<'_>, forwarded: &Forwarded<'_>) -> Option<Signs> {
    let configuration = model.configuration;
    let level = forwarded.level;
    let location = configuration.enclosing(level, LevelKind::Location)?;
    let head = configuration.head(location)?;
    let pattern = LocationPattern::read(head.directive)?;
    let head_place = Place { file: head.reference.file, span: head.directive.words_span() };
    let path_word = has_path_word(&pattern)
        .then_some(Sign { place: head_place, what: "a path that WebSockets usually have" });
    let mut strong = Vec::new();
    strong.extend(named_backend(model, forwarded));
    strong.extend(long_timeout(model, level, &pattern));
    // The rest takes longer to find out, and alone says nothing.
    strong.extend(cache_bypass(model, level));
    if path_word.is_some() || !strong.is_empty() {
        strong.extend(comment(model, head));
    }
    let signs = Signs { path_word, strong };
    let are_enough = signs.path_word.is_some() || signs.are_strong();
    (are_enough
        && !declines(forwarded)
        && !is_denied(model, level)
        && !may_get_headers_from_elsewhere(model, forwarded))
    .then_some(signs)
}

/// Whether what is missing may be in a file that is not here, which signs alone do not outweigh.
fn may_get_headers_from_elsewhere(model: &Routing<'_>, forwarded: &Forwarded<'_>) -> bool {
    let configuration = model.configuration;
    let owner = forwarded.headers.set().map(|lines| lines.level);
    for level in configuration.ancestors(forwarded.level) {
        let own = configuration.level(level);
        if own.server.is_none() {
            break;
        }
        if own.has_unread_include {
            return true;
        }
        if owner == Some(level) {
            break;
        }
    }
    false
}

/// Words that do so in the name of a backend; a whole site may be called so, too.
const BACKEND_WORDS: [&str; 2] = ["hub", "cable"];

/// Whether a word of a backend's name speaks for WebSockets.
fn has_name_word(name: &str) -> bool {
    has_word(name.as_bytes()) || has_one_of(name.as_bytes(), &BACKEND_WORDS)
}

/// The backend is an upstream or a variable whose name speaks for WebSockets. The name of a host
/// does not: a whole site may be called so.
fn named_backend(model: &Routing<'_>, forwarded: &Forwarded<'_>) -> Option<Sign> {
    let url = forwarded.pass.directive.argument(0)?.value();
    let text = std::str::from_utf8(&url).ok()?;
    let by_variable = parts(&url).any(|part| match part {
        Part::Variable { name, .. } => has_name_word(name),
        _ => false,
    });
    let by_group = || {
        let host = split_url(text).map(|url| url.authority)?;
        let is_group =
            has_name_word(host) && model.upstream_groups().named(host.as_bytes(), false).is_some();
        is_group.then_some(())
    };
    (by_variable || by_group().is_some()).then(|| Sign {
        place: forwarded.pass.argument_place(0),
        what: "the name of its backend speaks for WebSockets",
    })
}

/// From which `proxy_read_timeout` on, in milliseconds, an answer is waited for longer than pages
/// take: ten minutes.
const LONG: i64 = 600_000;

/// A long `proxy_read_timeout`, unless it is for events that the server sends.
fn long_timeout(model: &Routing<'_>, level: LevelId, pattern: &LocationPattern) -> Option<Sign> {
    let configuration = model.configuration;
    let line = configuration.value(level, d::PROXY_READ_TIMEOUT).set()?;
    let is_long = time(&line.directive.argument(0)?.value(), false)? >= LONG;
    // A timeout of the server is for all of its locations.
    let is_own = configuration.enclosing(level, LevelKind::Location).is_some_and(|location| {
        configuration.own(location, d::PROXY_READ_TIMEOUT).iter().next().is_some()
    });
    (is_long && is_own && !is_for_events(model, level, pattern))
        .then(|| Sign { place: line.place(), what: "a timeout for connections that stay open" })
}

/// Segments of paths whose connections stay open and are no WebSockets.
const EVENT_WORDS: [&str; 6] = ["events", "sse", "stream", "mercure", "__webpack_hmr", "poll"];

/// Whether a location is for server-sent events or long polling, or has large files.
fn is_for_events(model: &Routing<'_>, level: LevelId, pattern: &LocationPattern) -> bool {
    let unbuffered = model.configuration.value(level, d::PROXY_BUFFERING).set();
    let is_off = |line: Setting<'_>| {
        line.directive.argument(0).is_some_and(|word| word.value().as_ref() == b"off")
    };
    unbuffered.is_some_and(is_off)
        || pattern
            .shown()
            .split(|character: char| !(character.is_alphanumeric() || character == '_'))
            .any(|word| EVENT_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// `proxy_cache_bypass $http_upgrade` or `proxy_no_cache $http_upgrade`.
fn cache_bypass(model: &Routing<'_>, level: LevelId) -> Option<Sign> {
    [d::PROXY_CACHE_BYPASS, d::PROXY_NO_CACHE].into_iter().find_map(|id| {
        let Effective::Set(lines) = model.configuration.effective(level, id) else {
            return None;
        };
        let mut lines = lines.iter();
        let line = lines.find(|line| {
            let mut words = line.directive.arguments();
            words.any(|word| uses_upgrade(model, &word.value(), 4))
        })?;
        Some(Sign { place: line.place(), what: "handshakes are kept from the cache" })
    })
}

/// What a comment on the line of a location, or right above it, says about WebSockets.
fn comment(model: &Routing<'_>, head: Setting<'_>) -> Option<Sign> {
    let file = head.reference.file;
    let tree = &model.configuration.loaded.sources.get(file).tree;
    let start = head.directive.words_span().start;
    let next = tree.comments().partition_point(|comment| comment.start < start);
    let behind =
        tree.comments().get(next).filter(|comment| is_one_line(tree, start, comment.start));
    let above = Above { tree, before: next, until: start };
    let says = |span: &Span| {
        let text = String::from_utf8_lossy(tree.slice(*span)).to_ascii_lowercase();
        ["websocket", "ws://", "wss://", "socket.io"].iter().any(|word| text.contains(word))
    };
    let found = behind.copied().into_iter().chain(above.take(MOST_COMMENTS)).find(says)?;
    Some(Sign { place: Place { file, span: found }, what: "a comment speaks of WebSockets" })
}

/// How many lines of comment above a location are read.
const MOST_COMMENTS: usize = 20;

fn is_one_line(tree: &Tree, from: u32, to: u32) -> bool {
    !tree.slice(Span::new(from, to)).contains(&b'\n')
}

/// The comments right above a place, from below.
struct Above<'t> {
    tree: &'t Tree,
    /// The comments before this number are not given yet.
    before: usize,
    /// The start of what was given last.
    until: u32,
}

impl Iterator for Above<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let number = self.before.checked_sub(1)?;
        let comment = self.tree.comments()[number];
        let between = self.tree.slice(Span::new(comment.end, self.until));
        // An empty line ends what belongs to the location.
        let lines = memchr::memchr_iter(b'\n', between).count();
        (lines < 2 && between.iter().all(u8::is_ascii_whitespace)).then(|| {
            (self.before, self.until) = (number, comment.start);
            comment
        })
    }
}
