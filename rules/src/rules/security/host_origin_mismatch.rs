//! The backend gets another `Host` than the one in the browser's `Origin`.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix};
use wslint_model::declarations::listens::{Listen, SocketAddress};
use wslint_model::evaluate::{Part, parts};
use wslint_model::handshake::backend::{Backend, is_local};
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::resolve::{LevelId, Setting};
use wslint_model::source::Place;

use crate::cause::lost_host::{OwnHost, Wanted, own_host, wanted};
use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::fix_writing::pass_clients_host;
use crate::groups::Groups;
use crate::rules::HOST_ORIGIN_MISMATCH as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut missing = Groups::default();
    let mut without_port = Groups::default();
    let mut servers = None;
    for (forwarded, diagnosis) in context.websocket_locations() {
        if let Some(own) = own_host(context, forwarded, diagnosis) {
            // The name of a group is a matter of its own.
            if own.line.is_none()
                && !own.is_name_of_backend()
                && let Some(wanted) = wanted(context, forwarded)
            {
                let cause = match forwarded.headers.set().and_then(|lines| lines.iter().next()) {
                    Some(first) => first.place(),
                    None => forwarded.pass.place(),
                };
                let place = forwarded.pass.place();
                let part = (forwarded, own.line);
                missing.add_with(cause, || missing_host(forwarded, &own, wanted), place, part);
            }
        } else if diagnosis.is_complete(forwarded)
            && let Some(line) = host_without_port(forwarded)
        {
            let servers = servers.get_or_insert_with(|| context.listens().by_server());
            if let Some(listen) = other_port(context, forwarded, servers) {
                let is_mapped = may_be_mapped(context, forwarded);
                without_port.add(line.place(), || no_port(line, is_mapped), listen);
            }
        }
    }
    findings.extend(missing.into_mended("this backend", |felt| pass_clients_host(context, felt)));
    findings.extend(without_port.into_findings("the port that browsers name"));
}

fn missing_host(forwarded: &Forwarded<'_>, own: &OwnHost<'_>, wanted: Wanted<'_>) -> Finding {
    let host = own.backend.proxy_host();
    let finding = Finding::new(
        &RULE,
        forwarded.pass.place(),
        format!(
            "the backend gets `Host: {host}` and not the client's: one that compares `Origin` with \
             it refuses the handshake"
        ),
    )
    .at_place("no client's `Host` here")
    .help(
        "add `proxy_set_header Host $http_host;` beside the other headers, so that the backend \
         gets the client's",
    )
    .severity(Severity::Info)
    .effect(Effect::Advice);
    match wanted {
        Wanted::Lost(line) => finding.label(
            line.place(),
            "lost there: a level that sets one header of its own inherits none",
        ),
        Wanted::OtherFields(line) => {
            finding.label(line.place(), "the backend is told this of the client")
        }
    }
}

/// The one line that sets `Host`, when it is `$host`, which has no port
/// (`ngx_http_variable_host`).
fn host_without_port<'c>(forwarded: &Forwarded<'c>) -> Option<Setting<'c>> {
    let mut lines = forwarded.lines_of("Host");
    let (line, None) = (lines.next()?, lines.next()) else { return None };
    let text = line.value(1)?;
    let mut parts = parts(&text);
    let is_host = match (parts.next(), parts.next()) {
        (Some(Part::Variable { name, .. }), None) => name.eq_ignore_ascii_case("host"),
        _ => false,
    };
    is_host.then_some(line)
}

/// A `listen` of the server, when browsers have to name a port in every URL that leads to it.
fn other_port(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    servers: &FxHashMap<LevelId, Vec<&Listen>>,
) -> Option<Place> {
    let configuration = context.configuration;
    let server = configuration.level(forwarded.level).server?;
    let is_seen = |level: LevelId| {
        let level = configuration.level(level);
        level.unseen.is_none() && !level.implied
    };
    let listens = servers.get(&server).filter(|_| is_seen(server))?;
    let has_other_port = |listen: &&&Listen| match &listen.address {
        SocketAddress::V4(address, port) => {
            !matches!(port, 80 | 443) && !is_local(&address.to_string())
        }
        SocketAddress::V6(address, port) => !matches!(port, 80 | 443) && !address.is_loopback(),
        SocketAddress::Unix(_) => false,
    };
    if listens.iter().filter(has_other_port).count() < listens.len()
        || is_behind_proxy(context, forwarded, server)
    {
        return None;
    }
    let first = listens.iter().find_map(|listen| listen.reference)?;
    Some(configuration.setting(first).place())
}

/// Whether the port may be another one outside, as in a container: the backend is on another
/// machine, or in another container.
fn may_be_mapped(context: &Context<'_>, forwarded: &Forwarded<'_>) -> bool {
    Backend::of(context, forwarded)
        .is_none_or(|backend| !backend.hosts(context).iter().all(|host| is_local(host)))
}

/// Whether something in front of nginx has the port that browsers name, as far as settings show it.
fn is_behind_proxy(context: &Context<'_>, forwarded: &Forwarded<'_>, server: LevelId) -> bool {
    let configuration = context.configuration;
    let sets =
        |id| configuration.ancestors(forwarded.level).any(|level| configuration.has_own(level, id));
    let speaks_proxy_protocol = configuration.own(server, d::LISTEN).iter().any(|listen| {
        listen.directive.arguments().any(|word| word.value().as_ref() == b"proxy_protocol")
    });
    let is_forwarded = forwarded.lines().any(|line| {
        let text = line.value(1).unwrap_or_default();
        parts(&text).any(|part| match part {
            Part::Variable { name, .. } => {
                let name = name.to_ascii_lowercase();
                name.starts_with("http_x_forwarded")
                    || context.variables.map_of(&name).is_some_and(|map| {
                        memchr::memmem::find(&map.source, b"http_x_forwarded").is_some()
                    })
            }
            _ => false,
        })
    });
    speaks_proxy_protocol || is_forwarded || sets(d::SET_REAL_IP_FROM) || sets(d::REAL_IP_HEADER)
}

fn no_port(line: Setting<'_>, is_mapped: bool) -> Finding {
    let finding = Finding::new(
        &RULE,
        line.place(),
        "`$host` has no port, but browsers name one in `Origin`, because this server listens on no \
         usual port: a backend that compares the two refuses the handshake",
    )
    .at_place("sent without the port")
    .help("write `$http_host`, which is what the client sent, with its port")
    .fix(Fix::not_safe(
        "write `$http_host`",
        vec![Edit::replace(line.argument_place(1).span, "$http_host")],
    ));
    if is_mapped { finding.severity(Severity::Info).effect(Effect::Advice) } else { finding }
}
