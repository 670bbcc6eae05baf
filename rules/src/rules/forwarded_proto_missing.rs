//! `forwarded-proto-missing`

use rustc_hash::FxHashSet;
use wslint_grammar::Word;

use crate::context::Context;
use crate::declared::backend::Backend;
use crate::declared::listens::Protocol;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::Forwarded;
use crate::resolve::{LevelId, Setting};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "forwarded-proto-missing",
    category: Category::Security,
    severity: Severity::Info,
    effect: Effect::Advice,
    summary: "the backend learns the client's address, but not that the client spoke TLS",
    page: include_str!("../../../docs/rules/forwarded-proto-missing.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.wants_advice() {
        return;
    }
    let mut groups = Groups::default();
    let mut servers = None;
    for (forwarded, diagnosis) in context.websocket_locations() {
        if !forwarded.is_complete(diagnosis) || !forwarded.sees_all_lines(context) {
            continue;
        }
        let Some(line) = last_forwarded_line(forwarded) else { continue };
        let servers = servers.get_or_insert_with(|| encrypted_servers(context));
        let server = context.configuration.level(forwarded.level).server;
        // A backend that is spoken to in TLS takes that for the client's.
        if server.is_some_and(|server| servers.contains(&server))
            && Backend::of(context, forwarded).is_some_and(|backend| !backend.is_encrypted)
        {
            groups.add(line.place(), || finding(line), forwarded.pass.place());
        }
    }
    findings.extend(groups.into_findings("this backend"));
}

/// The last `X-Forwarded-…` line in effect, when none of the lines tells the scheme.
fn last_forwarded_line<'c>(forwarded: &Forwarded<'c>) -> Option<Setting<'c>> {
    /// What backends read the scheme from.
    const SCHEME: [&[u8]; 11] = [
        b"x-forwarded-proto",
        b"x-forwarded-protocol",
        b"x-forwarded-scheme",
        b"x-forwarded-ssl",
        b"x-forwarded-https",
        b"x-scheme",
        b"x-url-scheme",
        b"x-real-proto",
        b"x-https",
        b"front-end-https",
        b"forwarded",
    ];
    let mut last = None;
    for line in forwarded.lines() {
        let name = line.directive.argument(0).map(Word::value).unwrap_or_default();
        let name = name.to_ascii_lowercase();
        if SCHEME.iter().any(|known| name.starts_with(known)) {
            return None;
        }
        let is_sent = line.directive.argument(1).is_some_and(|word| !word.value().is_empty());
        if name.starts_with(b"x-forwarded-") && is_sent {
            last = Some(line);
        }
    }
    last
}

/// The servers all of whose clients speak TLS.
fn encrypted_servers(context: &Context<'_>) -> FxHashSet<LevelId> {
    let servers = context.listens().by_server();
    servers
        .into_iter()
        .filter(|(_, listens)| {
            listens.iter().all(|listen| listen.encrypted && listen.protocol == Protocol::Http)
        })
        .map(|(server, _)| server)
        .collect()
}

fn finding(line: Setting<'_>) -> Finding {
    Finding::new(
        &RULE,
        line.place(),
        "the backend is told who the client is, but not that it spoke TLS: one that compares the \
         scheme of `Origin` with its own takes `https` for another site",
    )
    .at_place("no `X-Forwarded-Proto` beside it")
    .help("add `proxy_set_header X-Forwarded-Proto $scheme;` beside it")
}
