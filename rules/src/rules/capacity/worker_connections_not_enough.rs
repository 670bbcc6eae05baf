//! Fewer `worker_connections` than sockets that nginx listens on.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive;
use wslint_model::declarations::listens::{Listen, Protocol, SocketAddress, Transport};
use wslint_model::resolve::LevelKind;
use wslint_model::text::value::number;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::WORKER_CONNECTIONS_NOT_ENOUGH as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut lines = context.occurrences().of(configuration, directive::WORKER_CONNECTIONS);
    let (Some((_, line)), None) = (lines.next(), lines.next()) else { return };
    let Some(value) = line.value(0) else { return };
    let Some(connections) = number(&value).and_then(|number| usize::try_from(number).ok()) else {
        return;
    };
    let listens = context.listens();
    // One that is enough for every address needs no closer look.
    if connections > listens.known.len() + 1
        || listens.some_unknown
        || !context.sees_everything()
        || has_other_servers(context)
    {
        return;
    }
    // A server without `listen` takes port 80, or 8000 where nginx is not started by root.
    let sockets = [80, 8000].map(|port| count_sockets(context, port));
    if connections > sockets[0].min(sockets[1]) {
        return;
    }
    let sockets = sockets[0];
    let s = if sockets == 1 { "" } else { "s" };
    findings.push(
        Finding::new(
            &RULE,
            line.argument_place(0),
            format!(
                "{connections} worker_connections are not enough for {sockets} listening sockets"
            ),
        )
        .at_place("too few")
        .help(format!(
            "{sockets} socket{s} to listen on and one connection to the main process take at least \
             {}, clients and backends come on top; 512 is the default",
            sockets + 1
        )),
    );
}

/// Whether modules that are not part of nginx may listen, too.
fn has_other_servers(context: &Context<'_>) -> bool {
    let configuration = context.configuration;
    let mut main = configuration.levels().take(1).map(|(main, _)| main);
    main.any(|main| {
        configuration.children(main).any(|child| {
            let id = configuration.head(child).and_then(|head| head.directive.id());
            !matches!(
                id,
                Some(directive::EVENTS | directive::HTTP | directive::STREAM | directive::MAIL)
            )
        })
    })
}

/// How many sockets nginx opens (`ngx_http_init_listening`): addresses of a port on which a server
/// listens on all addresses need none of their own, unless they set options.
fn count_sockets(context: &Context<'_>, implied_port: u16) -> usize {
    let listens = context.listens();
    let implied = implied(context, implied_port);
    let mut sets_options: FxHashMap<(Protocol, Transport, &SocketAddress), bool> =
        FxHashMap::default();
    for listen in listens.known.iter().chain(&implied) {
        *sets_options.entry((listen.protocol, listen.transport, &listen.address)).or_default() |=
            listen.sets_options;
    }
    let port = |protocol, transport, address: &SocketAddress| {
        (protocol, transport, std::mem::discriminant(address), address.port())
    };
    let mut wildcards = rustc_hash::FxHashSet::default();
    for &(protocol, transport, address) in sets_options.keys() {
        if address.is_wildcard() {
            wildcards.insert(port(protocol, transport, address));
        }
    }
    let needs_one =
        |address: &SocketAddress, key| address.is_wildcard() || !wildcards.contains(&key);
    sets_options
        .iter()
        .filter(|&(&(protocol, transport, address), &sets_options)| {
            sets_options || needs_one(address, port(protocol, transport, address))
        })
        .count()
}

/// The addresses of servers of `http` without any `listen`.
fn implied(context: &Context<'_>, port: u16) -> Vec<Listen> {
    let configuration = context.configuration;
    let without = configuration.levels().filter(|&(level, own)| {
        own.kind == LevelKind::Server
            && configuration.own(level, directive::LISTEN).iter().next().is_none()
    });
    let address = SocketAddress::V4(std::net::Ipv4Addr::UNSPECIFIED, port);
    without
        .take(1)
        .map(|(server, _)| Listen {
            server,
            reference: None,
            protocol: Protocol::Http,
            transport: Transport::Stream,
            address: address.clone(),
            default_server: false,
            encrypted: false,
            sets_options: false,
        })
        .collect()
}
