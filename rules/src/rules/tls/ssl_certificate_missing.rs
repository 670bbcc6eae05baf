//! TLS without a certificate, or a certificate without its key.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;
use wslint_model::declarations::listens::{Listen, Protocol, SocketAddress, Transport};
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::text::placeholder::may_stand_in;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::SSL_CERTIFICATE_MISSING as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let certificates = context.occurrences().of(configuration, d::SSL_CERTIFICATE);
    let encrypted = context.listens().known.iter().any(|listen| listen.encrypted);
    if context.structure_is_damaged()
        || configuration.loaded.some_folder_is_absent()
        || !encrypted && certificates.count() == 0
    {
        return;
    }
    let without_key = without_key(context, findings);
    if encrypted {
        without_certificate(context, &without_key, findings);
    }
}

/// What is in effect for a server: its own lines, or those of the block around it
/// (`ngx_http_ssl_merge_srv_conf`).
fn effective<'c>(context: &Context<'c>, server: LevelId, id: DirectiveId) -> Vec<Setting<'c>> {
    let configuration = context.configuration;
    let own: Vec<_> = configuration.own(server, id).iter().collect();
    match configuration.level(server).parent {
        Some(parent) if own.is_empty() => configuration.own(parent, id).iter().collect(),
        _ => own,
    }
}

/// Whether something that a server would have is not seen, or not known by that name.
fn is_doubtful(context: &Context<'_>, server: LevelId) -> bool {
    context.configuration.ancestors(server).any(|level| {
        context.configuration.level(level).unseen.is_some() || context.has_unknown_directive(level)
    })
}

/// Certificates that have no key: the last one is named.
fn without_key(context: &Context<'_>, findings: &mut Vec<Finding>) -> FxHashSet<LevelId> {
    let configuration = context.configuration;
    let is_server = |level: LevelId| {
        matches!(configuration.level(level).kind, LevelKind::Server | LevelKind::StreamServer)
    };
    let with_own = context.occurrences().of(configuration, d::SSL_CERTIFICATE);
    let mut servers: Vec<LevelId> = with_own.map(|(level, _)| level).collect();
    if servers.iter().any(|&level| !is_server(level)) {
        servers = configuration.levels().map(|(level, _)| level).collect();
    }
    servers.retain(|&level| is_server(level));
    servers.dedup();
    let mut reported = FxHashSet::default();
    let mut faulty = FxHashSet::default();
    for server in servers {
        if is_doubtful(context, server) {
            continue;
        }
        let certificates = effective(context, server, d::SSL_CERTIFICATE);
        let keys = effective(context, server, d::SSL_CERTIFICATE_KEY);
        let Some(last) = certificates.last().filter(|_| keys.len() < certificates.len()) else {
            continue;
        };
        faulty.insert(server);
        let value = last.value(0).unwrap_or_default();
        if may_stand_in(&value)
            || context.has_syntax_error_in(last.place())
            || !reported.insert(last.reference)
        {
            continue;
        }
        let value = String::from_utf8_lossy(&value);
        findings.push(
            Finding::new(
                &RULE,
                last.place(),
                format!("no \"ssl_certificate_key\" is defined for certificate \"{value}\""),
            )
            .at_place("has no key")
            .help("add `ssl_certificate_key PATH;` beside it: one key for each certificate"),
        );
    }
    faulty
}

/// Addresses whose default server has no certificate (`ngx_http_ssl_init`).
fn without_certificate(
    context: &Context<'_>,
    faulty: &FxHashSet<LevelId>,
    findings: &mut Vec<Finding>,
) {
    let mut addresses: FxHashMap<(Protocol, Transport, &SocketAddress), usize> =
        FxHashMap::default();
    let mut groups: Vec<Vec<&Listen>> = Vec::new();
    for listen in &context.listens().known {
        // `mail` has a way of its own.
        if listen.protocol == Protocol::Mail {
            continue;
        }
        let key = (listen.protocol, listen.transport, &listen.address);
        let number = *addresses.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[number].push(listen);
    }
    let mut reported = FxHashSet::default();
    for listens in groups.iter().filter(|listens| listens.iter().any(|it| it.encrypted)) {
        let default = listens.iter().find(|it| it.default_server).unwrap_or(&listens[0]);
        let has_certificate = |server| !effective(context, server, d::SSL_CERTIFICATE).is_empty();
        if has_certificate(default.server) || is_doubtful(context, default.server) {
            continue;
        }
        let naked = if rejects(context, default.server) {
            listens.iter().find(|it| {
                !has_certificate(it.server)
                    && !rejects(context, it.server)
                    && !is_doubtful(context, it.server)
            })
        } else {
            Some(default)
        };
        if let Some(naked) = naked.filter(|naked| !faulty.contains(&naked.server))
            && reported.insert(naked.server)
        {
            findings.extend(finding(context, naked, listens));
        }
    }
}

fn rejects(context: &Context<'_>, server: LevelId) -> bool {
    let lines = effective(context, server, d::SSL_REJECT_HANDSHAKE);
    let value = lines.last().and_then(|line| line.value(0));
    // Anything but a plain `off` may be `on`.
    value.is_some_and(|value| !value.eq_ignore_ascii_case(b"off"))
}

fn finding(context: &Context<'_>, naked: &Listen, listens: &[&Listen]) -> Option<Finding> {
    let configuration = context.configuration;
    let own = configuration.setting(naked.reference?);
    let word = if naked.transport == Transport::Datagrams && naked.protocol == Protocol::Http {
        "quic"
    } else {
        "ssl"
    };
    let place = own.place();
    if context.has_syntax_error_in(place) {
        return None;
    }
    let mut finding = Finding::new(
        &RULE,
        place,
        format!("no \"ssl_certificate\" is defined for the \"listen ... {word}\" directive"),
    )
    .help(
        "add `ssl_certificate` and `ssl_certificate_key` to this server or around it, or \
         `ssl_reject_handshake on;` when it is to turn everybody away",
    );
    if naked.encrypted {
        finding = finding.at_place("this server has no certificate");
    } else {
        finding = finding.at_place("this server answers there, too, without a certificate");
        let other = listens.iter().find(|listen| listen.encrypted)?.reference?;
        finding = finding.label(configuration.setting(other).place(), "TLS is switched on here");
    }
    if let Some(head) = configuration.head(naked.server) {
        let words = head.words_place();
        finding = finding.label(words, "nginx names this line");
    }
    Some(finding)
}
