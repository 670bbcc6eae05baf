//! The backend learns the client's address, but not that the client spoke TLS.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_model::declarations::listens::Protocol;
use wslint_model::handshake::backend::Backend;
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::resolve::{LevelId, LevelKind, Setting};

use crate::client_address::is_set_by_proxy;
use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::{Edits, add_to_lists};
use crate::groups::Groups;
use crate::rules::FORWARDED_PROTO_MISSING as RULE;

/// What tells the backend.
const LINE: &str = "proxy_set_header X-Forwarded-Proto $scheme;";

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups: Groups<LevelId> = Groups::default();
    let mut servers = None;
    for (forwarded, diagnosis) in context.websocket_locations() {
        if !diagnosis.is_complete(forwarded) || !forwarded.sees_all_lines(context) {
            continue;
        }
        let Some(line) = last_forwarded_line(forwarded) else { continue };
        let servers = servers.get_or_insert_with(|| encrypted_servers(context));
        let server = context.configuration.level(forwarded.level).server;
        // A backend that is spoken to in TLS takes that for the client's.
        if server.is_some_and(|server| servers.contains(&server))
            && Backend::of(context, forwarded).is_some_and(|backend| !backend.is_encrypted)
        {
            let Some(lines) = forwarded.headers.set() else { continue };
            let felt = forwarded.pass.place();
            groups.add_with(line.place(), || finding(line), felt, lines.level);
        }
    }
    let Some(servers) = servers else { return };
    let is_behind_proxy = is_behind_proxy(context);
    findings.extend(groups.into_mended("this backend", |owners| {
        let fix = fix(context, owners, &servers)?;
        fix.ask_unless(!is_behind_proxy).into_fix(format!("add `{LINE}`"))
    }));
}

/// The line beside the others, at the levels that have these.
fn fix(context: &Context<'_>, owners: &[LevelId], encrypted: &FxHashSet<LevelId>) -> Option<Edits> {
    let configuration = context.configuration;
    let is_sure = |owner: &LevelId| match configuration.level(*owner).server {
        Some(_) => true,
        // For all servers: in one without TLS a proxy in front may be what speaks it.
        None => configuration
            .levels()
            .all(|(level, own)| own.kind != LevelKind::Server || encrypted.contains(&level)),
    };
    let arguments = ["X-Forwarded-Proto", "$scheme"];
    let edits = add_to_lists(context, owners.iter().copied(), d::PROXY_SET_HEADER, &arguments)?;
    Some(edits.ask_unless(owners.iter().all(is_sure)))
}

/// Whether something shows a proxy in front of nginx: what the client spoke may be known to that
/// one alone, and arrive in the header already.
fn is_behind_proxy(context: &Context<'_>) -> bool {
    let configuration = context.configuration;
    configuration.everywhere(d::SET_REAL_IP_FROM).next().is_some()
        || context
            .header_lines()
            .iter()
            .any(|line| line.directive.argument(1).is_some_and(is_set_by_proxy))
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
        let name = line.value(0).unwrap_or_default();
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
    .help(format!("add `{LINE}` beside it"))
}
