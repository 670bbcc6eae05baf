//! `http://` to a port with TLS, or `https://` to one without.

use std::net::{Ipv4Addr, Ipv6Addr};

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;
use wslint_model::declarations::listens::{Listen, Protocol, SocketAddress, Transport};
use wslint_model::handshake::backends::{Way, is_this_machine};
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::groups::Groups;
use crate::rules::BACKEND_SCHEME_MISMATCH as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut own = None;
    let mut groups = Groups::default();
    let backends = context.backends();
    // Who speaks TLS to ports that say nothing speaks it to others on purpose, too.
    let is_usual = |port: Option<u16>| port.is_none_or(|port| matches!(port, 443 | 8443));
    let is_plain = |port: Option<u16>| port.is_some_and(|port| PLAIN_PORTS.contains(&port));
    let speaks_tls_inside = backends
        .hosts
        .iter()
        .any(|way| way.encrypted && !is_usual(way.port) && !is_plain(way.port));
    let mut look = |way: &Way<'_>, host: &str, port: u16, place: Place, felt: Place| {
        let Some(mismatch) = mismatch(context, &mut own, way, host, port) else { return };
        if way.encrypted && speaks_tls_inside && matches!(mismatch, Mismatch::Custom) {
            return;
        }
        groups.add(place, || finding(place, port, way.encrypted, &mismatch), felt);
    };
    for way in &backends.hosts {
        let port = way.port.unwrap_or(if way.encrypted { 443 } else { 80 });
        look(way, &way.host, port, way.pass.argument_place(0), way.proof);
    }
    for group in &backends.groups {
        // All ways with one scheme have one trouble.
        for encrypted in [false, true] {
            let Some(way) = group.ways.iter().find(|way| way.encrypted == encrypted) else {
                continue;
            };
            for server in group.servers.iter().filter(|server| !server.has(b"down")) {
                let Some((host, Some(port))) = server.host_and_port() else { continue };
                let place = server.setting.argument_place(0);
                look(way, host, port, place, way.pass.place());
            }
        }
    }
    findings.extend(groups.into_findings("for the WebSockets of this location"));
}

/// Ports that mostly carry plain HTTP.
const PLAIN_PORTS: [u16; 3] = [80, 3000, 8080];

/// How sure it is that scheme and port do not go together.
enum Mismatch {
    /// This `listen` of the same configuration says what the port carries.
    Listen(Place),
    /// Ports like this one mostly carry the other.
    Custom,
}

fn mismatch<'x>(
    context: &'x Context<'_>,
    own: &mut Option<OwnPorts<'x>>,
    way: &Way<'_>,
    host: &str,
    port: u16,
) -> Option<Mismatch> {
    if is_this_machine(host) {
        let own = own.get_or_insert_with(|| OwnPorts::new(context));
        if let Some((encrypted, listen)) = own.at(context, host, port) {
            return (encrypted != way.encrypted).then_some(Mismatch::Listen(listen));
        }
    }
    let is_unusual = match way.encrypted {
        true => PLAIN_PORTS.contains(&port),
        false => matches!(port, 443 | 8443),
    };
    // A host alone has the port of its scheme.
    is_unusual.then_some(Mismatch::Custom)
}

fn finding(place: Place, port: u16, encrypted: bool, mismatch: &Mismatch) -> Finding {
    let (sent, other) =
        if encrypted { ("TLS is begun", "http://") } else { ("plain HTTP is sent", "https://") };
    match mismatch {
        Mismatch::Listen(listen) => {
            let with = if encrypted { "without" } else { "with" };
            Finding::new(
                &RULE,
                place,
                format!(
                    "handshakes fail: {sent} to port {port}, where this configuration itself \
                     listens {with} TLS"
                ),
            )
            .at_place(format!("{sent} here"))
            .label(*listen, format!("listens {with} TLS"))
            .help(format!("write `{other}`, or the port that is meant"))
        }
        Mismatch::Custom => {
            let mostly = if encrypted { "plain HTTP" } else { "TLS" };
            Finding::new(
                &RULE,
                place,
                format!("{sent} to port {port}, which mostly carries {mostly}"),
            )
            .at_place(format!("{sent} here"))
            .severity(Severity::Info)
            .effect(Effect::Advice)
            .help(format!("write `{other}` if the backend expects {mostly} there"))
        }
    }
}

/// What this configuration's own sockets carry.
struct OwnPorts<'x> {
    at: FxHashMap<&'x SocketAddress, (bool, Place)>,
    /// Whether those without `ssl` surely carry plain HTTP.
    plain_is_sure: bool,
}

impl<'x> OwnPorts<'x> {
    fn new(context: &'x Context<'_>) -> Self {
        let configuration = context.configuration;
        let listens = context.listens();
        let mut at: FxHashMap<&SocketAddress, (bool, Place)> = FxHashMap::default();
        let mut in_stream = Vec::new();
        for listen in &listens.known {
            let Listen { reference: Some(reference), .. } = listen else { continue };
            if listen.transport != Transport::Stream {
                continue;
            }
            if listen.protocol != Protocol::Http && !listen.encrypted {
                in_stream.push(&listen.address);
                continue;
            }
            let place = configuration.setting(*reference).place();
            // `ssl` at one server's `listen` is for all of that address.
            let entry = at.entry(&listen.address).or_insert((listen.encrypted, place));
            if listen.encrypted && !entry.0 {
                *entry = (true, place);
            }
        }
        // Whatever comes to them is handed on as it is.
        for address in in_stream {
            at.remove(address);
        }
        let plain_is_sure = !listens.some_unknown
            && context.sees_everything()
            && configuration.everywhere(d::SSL).next().is_none();
        Self { at, plain_is_sure }
    }

    /// Whether the socket that a host and port lead to has TLS, and its `listen`.
    fn at(&self, context: &Context<'_>, host: &str, port: u16) -> Option<(bool, Place)> {
        debug_assert!(is_this_machine(host));
        let own = match host {
            "[::1]" => [
                SocketAddress::V6(Ipv6Addr::LOCALHOST, port),
                SocketAddress::V6(Ipv6Addr::UNSPECIFIED, port),
            ],
            _ => [
                SocketAddress::V4(host.parse().unwrap_or(Ipv4Addr::LOCALHOST), port),
                SocketAddress::V4(Ipv4Addr::UNSPECIFIED, port),
            ],
        };
        let &(encrypted, place) = own.iter().find_map(|address| self.at.get(address))?;
        (!context.has_syntax_error_in(place) && (encrypted || self.plain_is_sure))
            .then_some((encrypted, place))
    }
}
