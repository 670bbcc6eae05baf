//! A redirect in the way of handshakes, which follow none.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::Pattern;
use wslint_model::resolve::{LevelId, RewriteStep, Setting};

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Groups;
use crate::rules::REDIRECT_ON_HANDSHAKE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut by_server: FxHashMap<LevelId, Option<Setting<'_>>> = FxHashMap::default();
    let mut groups = Groups::default();
    for (forwarded, _) in context.marked_locations() {
        let Some(server) = configuration.level(forwarded.level).server else { continue };
        let redirect = *by_server.entry(server).or_insert_with(|| redirect_of(context, server));
        if let Some(line) = redirect {
            groups.add(line.place(), || of_all(line), forwarded.pass.place());
        }
    }
    findings.extend(groups.into_findings("no handshake comes to this backend"));
    let mut seen = FxHashSet::default();
    for (id, number) in [(d::RETURN, None), (d::REWRITE, Some(1))] {
        for (_, line) in context.occurrences().of(configuration, id) {
            let word = match number {
                Some(number) => line.directive.argument(number),
                None => line.directive.arguments().last(),
            };
            if word.is_some_and(is_websocket_url)
                && is_redirect(line)
                && seen.insert(line.reference)
            {
                findings.push(to_websocket(line));
            }
        }
    }
}

/// The redirect of a server that every request gets.
fn redirect_of<'c>(context: &Context<'c>, server: LevelId) -> Option<Setting<'c>> {
    let configuration = context.configuration;
    for step in configuration.rewrite_steps(server) {
        let RewriteStep::Directive(reference) = step else { continue };
        let line = configuration.setting(*reference);
        match line.directive.id() {
            Some(d::RETURN) => return is_redirect(line).then_some(line),
            Some(d::REWRITE) if is_redirect(line) && takes_everything(line) => return Some(line),
            Some(d::BREAK) => return None,
            _ => {}
        }
    }
    None
}

/// Whether a `return` or `rewrite` redirects whom it takes.
fn is_redirect(line: Setting<'_>) -> bool {
    let argument = |number| line.value(number).unwrap_or_default();
    let is_url = |text: &[u8]| {
        [&b"http://"[..], b"https://", b"$scheme"].iter().any(|start| text.starts_with(start))
    };
    if line.directive.id() == Some(d::REWRITE) {
        return is_url(&argument(1)) || matches!(argument(2).as_ref(), b"redirect" | b"permanent");
    }
    match line.directive.argument_count() {
        1 => is_url(&argument(0)) || line.directive.argument(0).is_some_and(is_websocket_url),
        2 => matches!(argument(0).as_ref(), b"301" | b"302" | b"303" | b"307" | b"308"),
        _ => false,
    }
}

/// Whether the pattern of a `rewrite` matches whatever is asked for.
fn takes_everything(line: Setting<'_>) -> bool {
    let text = line.value(0).unwrap_or_default();
    let pattern = Pattern::new(String::from_utf8_lossy(&text).into_owned(), false);
    ["/", "/ws", "/wslint/1"].iter().all(|path| pattern.is_match(path.as_bytes()) == Some(true))
}

fn is_websocket_url(word: Word<'_>) -> bool {
    let text = word.value();
    [&b"ws://"[..], b"wss://"].iter().any(|scheme| {
        text.len() >= scheme.len() && text[..scheme.len()].eq_ignore_ascii_case(scheme)
    })
}

fn of_all(line: Setting<'_>) -> Finding {
    Finding::new(
        &RULE,
        line.place(),
        "the server redirects every request before it looks for a location, and browsers follow no \
         redirect of a handshake",
    )
    .at_place("answers every request of this server")
    .help("put the redirect into a location, or into a server of its own for the other port")
}

fn to_websocket(line: Setting<'_>) -> Finding {
    Finding::new(
        &RULE,
        line.place(),
        "a redirect to `ws://` or `wss://` is of no use: WebSocket clients need not follow one, and \
         browsers open no page there",
    )
    .at_place("nobody follows this")
    .help("let clients ask for that address themselves")
}
