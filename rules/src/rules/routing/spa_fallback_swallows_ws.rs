//! Pages of the server open WebSockets, and nothing but its start page answers them.

use rustc_hash::FxHashSet;
use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;
use wslint_model::intent;
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::text::location::LocationPattern;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::SPA_FALLBACK_SWALLOWS_WS as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut with_websockets: Option<FxHashSet<LevelId>> = None;
    let mut seen = FxHashSet::default();
    for (level, line) in context.occurrences().of(configuration, d::TRY_FILES) {
        let own = configuration.level(level);
        let Some(server) = own.server else { continue };
        let Some(policy) = policy(context, server, level) else { continue };
        let servers = with_websockets.get_or_insert_with(|| {
            let meant = context.websocket_locations();
            meant.filter_map(|(forwarded, _)| configuration.level(forwarded.level).server).collect()
        });
        if leads_to_page(line)
            && !servers.contains(&server)
            && proxies_something_else(context, server)
            && takes_handshakes(context, server, line)
            && seen.insert(line.reference)
        {
            findings.push(finding(line, policy));
        }
    }
}

/// Whether what is no file gets a page: the last argument is the path of one.
fn leads_to_page(line: Setting<'_>) -> bool {
    line.directive.arguments().last().is_some_and(|word| {
        let word = word.value();
        let path = word.split(|&byte| byte == b'?').next().unwrap_or_default();
        path.starts_with(b"/") && path.ends_with(b".html")
    })
}

/// The line that allows the pages of a level to open WebSockets at their own server.
fn policy<'c>(context: &Context<'c>, server: LevelId, level: LevelId) -> Option<Setting<'c>> {
    let configuration = context.configuration;
    let lines = configuration.effective(level, d::ADD_HEADER).set()?;
    let names: Vec<Vec<u8>> = configuration
        .own(server, d::SERVER_NAME)
        .iter()
        .flat_map(|line| line.directive.arguments())
        .map(|word| word.value().into_owned())
        .collect();
    lines.iter().find(|line| {
        let name = line.value(0).unwrap_or_default();
        let text = line.value(1).unwrap_or_default();
        name.eq_ignore_ascii_case(b"Content-Security-Policy") && allows(&text, &names)
    })
}

/// Whether a policy has a `connect-src` with a source for WebSockets of this server: its own name,
/// or that of the request. A scheme alone says nothing of where they go.
fn allows(policy: &[u8], names: &[Vec<u8>]) -> bool {
    policy.split(|&byte| byte == b';').any(|directive| {
        let mut words = directive.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        words.next() == Some(b"connect-src")
            && words.any(|source| {
                let host = source.strip_prefix(b"ws://").or(source.strip_prefix(b"wss://"));
                let Some(host) = host else { return false };
                let end = host.iter().position(|byte| b":/".contains(byte));
                let host = &host[..end.unwrap_or(host.len())];
                matches!(host, b"$host" | b"$http_host" | b"$server_name")
                    || names.iter().any(|name| name.eq_ignore_ascii_case(host))
            })
    })
}

/// Whether the server hands anything to a backend, and all that it hands on is seen: a WebSocket
/// may be behind a path that nothing says anything about.
fn proxies_something_else(context: &Context<'_>, server: LevelId) -> bool {
    let configuration = context.configuration;
    if configuration.level(server).has_unread_include {
        return false;
    }
    let mut proxies = false;
    for level in configuration.children(server) {
        let own = configuration.level(level);
        if own.kind != LevelKind::Location {
            continue;
        }
        let pattern =
            configuration.head(level).and_then(|head| LocationPattern::read(head.directive));
        if own.unseen.is_some() || pattern.is_none_or(|pattern| intent::has_path_word(&pattern)) {
            return false;
        }
        proxies |= configuration.has_own(level, d::PROXY_PASS);
    }
    proxies
}

/// Whether a handshake for the usual path comes to the line.
fn takes_handshakes(context: &Context<'_>, server: LevelId, line: Setting<'_>) -> bool {
    let place = Some(line.place());
    let trace = context.tracer().through(server, "/ws");
    trace.is_some_and(|trace| trace.steps.iter().any(|step| step.place == place))
}

fn finding(line: Setting<'_>, policy: Setting<'_>) -> Finding {
    let page = line.directive.arguments().last().map(Word::value).unwrap_or_default();
    Finding::new(
        &RULE,
        line.place(),
        format!(
            "pages may open WebSockets at this server, and it answers them with `{}`: no location \
             passes a handshake on",
            String::from_utf8_lossy(&page)
        ),
    )
    .at_place("answers what no other location takes")
    .label(policy.place(), "allows WebSockets of this server")
    .help("give the WebSocket a location with `proxy_pass` and its headers")
}
