//! The addresses that servers listen on (`ngx_http_core_listen`, `ngx_http_add_listen` and what
//! corresponds to them in `stream` and `mail`).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::Directive;
use wslint_grammar::catalogue::{Context as Block, directive as d};

use crate::resolve::{Configuration, LevelId, LevelKind, Occurrences, Setting};
use crate::source::DirectiveRef;
use crate::text::placeholder::may_stand_in;
use crate::text::url::{self, Host, Url, Use};

/// Which part of nginx a server belongs to. Each keeps a list of addresses of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// A server of `http`.
    Http,
    /// A server of `stream`.
    Stream,
    /// A server of `mail`.
    Mail,
}

/// What a socket carries: those of one address are two for the two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// TCP, or a socket in the file system.
    Stream,
    /// `udp` or `quic`
    Datagrams,
}

/// An address and port, or a socket in the file system.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SocketAddress {
    /// An IPv4 address, `0.0.0.0` for all.
    V4(Ipv4Addr, u16),
    /// An IPv6 address, `[::]` for all.
    V6(Ipv6Addr, u16),
    /// A socket's path.
    Unix(Vec<u8>),
}

impl fmt::Display for SocketAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SocketAddress::V4(address, port) => write!(formatter, "{address}:{port}"),
            SocketAddress::V6(address, port) => write!(formatter, "[{address}]:{port}"),
            SocketAddress::Unix(path) => {
                write!(formatter, "unix:{}", String::from_utf8_lossy(path))
            }
        }
    }
}

impl SocketAddress {
    /// Whether it stands for all addresses of the machine (`ngx_inet_wildcard`).
    pub fn is_wildcard(&self) -> bool {
        match self {
            SocketAddress::V4(address, _) => address.is_unspecified(),
            SocketAddress::V6(address, _) => address.is_unspecified(),
            SocketAddress::Unix(_) => false,
        }
    }

    /// Its port; 0 for a socket in the file system.
    pub fn port(&self) -> u16 {
        match self {
            SocketAddress::V4(_, port) | SocketAddress::V6(_, port) => *port,
            SocketAddress::Unix(_) => 0,
        }
    }
}

/// An address as one `listen` names it.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The level of the server.
    pub server: LevelId,
    /// The `listen`; `None` where nginx listens because a server of `http` has none.
    pub reference: Option<DirectiveRef>,
    /// The server's part of nginx.
    pub protocol: Protocol,
    /// What the socket carries.
    pub transport: Transport,
    /// The address.
    pub address: SocketAddress,
    /// `default_server`
    pub default_server: bool,
    /// `ssl` or `quic`
    pub encrypted: bool,
    /// Parameters of the socket itself stand there, which only one `listen` of an address may have.
    pub sets_options: bool,
}

/// All addresses of a configuration.
#[derive(Debug, Default)]
pub struct Listens {
    /// In the order in which nginx adds them.
    pub known: Vec<Listen>,
    /// Some addresses are host names, or have yet to be filled in.
    pub some_unknown: bool,
    /// The servers that those belong to.
    unknown: FxHashSet<LevelId>,
}

/// How many addresses of port ranges are looked at. Real ranges are short.
const MOST_OF_RANGES: usize = 20_000;

impl Listens {
    /// Reads every `listen`.
    pub fn new(configuration: &Configuration, occurrences: &Occurrences) -> Self {
        let mut listens = Self::default();
        let mut of_ranges = 0;
        for (server, setting) in occurrences.of(configuration, d::LISTEN) {
            let Some(protocol) = protocol_of(configuration, server) else { continue };
            match addresses(setting.directive, protocol) {
                Some(addresses) if of_ranges + addresses.len() <= MOST_OF_RANGES + 1 => {
                    of_ranges += addresses.len() - 1;
                    let first = Listen {
                        server,
                        reference: Some(setting.reference),
                        protocol,
                        transport: Transport::Stream,
                        address: addresses[0].clone(),
                        default_server: false,
                        encrypted: false,
                        sets_options: false,
                    };
                    let first = with_parameters(first, setting);
                    for address in addresses {
                        listens.known.push(Listen { address, ..first.clone() });
                    }
                }
                _ => {
                    listens.some_unknown = true;
                    listens.unknown.insert(server);
                }
            }
        }
        listens
    }

    /// The addresses of each server all of whose addresses are known and written down.
    pub fn by_server(&self) -> FxHashMap<LevelId, Vec<&Listen>> {
        let mut servers: FxHashMap<LevelId, Vec<&Listen>> = FxHashMap::default();
        for listen in &self.known {
            if !self.unknown.contains(&listen.server) {
                servers.entry(listen.server).or_default().push(listen);
            }
        }
        servers
    }
}

/// The part of nginx that a server's level belongs to.
fn protocol_of(configuration: &Configuration, server: LevelId) -> Option<Protocol> {
    let level = configuration.level(server);
    match (level.kind, level.context) {
        (LevelKind::Server, _) => Some(Protocol::Http),
        (LevelKind::StreamServer, _) => Some(Protocol::Stream),
        (_, Some(Block::MailServer)) => Some(Protocol::Mail),
        _ => None,
    }
}

fn with_parameters(mut listen: Listen, setting: Setting<'_>) -> Listen {
    const OPTIONS: [&[u8]; 7] = [
        b"setfib=",
        b"fastopen=",
        b"backlog=",
        b"rcvbuf=",
        b"sndbuf=",
        b"ipv6only=",
        b"so_keepalive=",
    ];
    for word in setting.directive.arguments().skip(1) {
        match word.value().as_ref() {
            b"default_server" => listen.default_server = true,
            b"default" if listen.protocol == Protocol::Http => listen.default_server = true,
            b"ssl" => listen.encrypted = true,
            b"quic" => {
                listen.encrypted = true;
                listen.transport = Transport::Datagrams;
            }
            b"udp" => listen.transport = Transport::Datagrams,
            b"bind" | b"deferred" | b"reuseport" | b"multipath" => listen.sets_options = true,
            other if OPTIONS.iter().any(|option| other.starts_with(option)) => {
                listen.sets_options = true;
            }
            _ => {}
        }
    }
    listen
}

/// The addresses that a `listen` names; `None` when only a resolver knows them, or nginx refuses
/// the text.
fn addresses(listen: Directive<'_>, protocol: Protocol) -> Option<Vec<SocketAddress>> {
    let value = listen.argument(0)?.value();
    if may_stand_in(&value) {
        return None;
    }
    let Url { host, ports } = url::parse(&value, Use::Listen).ok()?;
    let ports = ports.or((protocol == Protocol::Http).then_some(80..=80));
    Some(match host {
        Host::Unix(path) => vec![SocketAddress::Unix(path.to_vec())],
        Host::Any => ports?.map(|port| SocketAddress::V4(Ipv4Addr::UNSPECIFIED, port)).collect(),
        Host::V4(address) => ports?.map(|port| SocketAddress::V4(address, port)).collect(),
        Host::V6(address) => ports?.map(|port| SocketAddress::V6(address, port)).collect(),
        Host::Name(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(listen: &str, protocol: Protocol) -> Option<Vec<String>> {
        let tree = wslint_grammar::parse(format!("listen {listen};").into_bytes());
        let found = addresses(tree.top_level().next()?, protocol)?;
        Some(found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn addresses_are_read_as_nginx_reads_them() {
        for (listen, expected) in [
            ("8080", "0.0.0.0:8080"),
            ("*:8080", "0.0.0.0:8080"),
            ("0.0.0.0:8080", "0.0.0.0:8080"),
            ("127.0.0.1", "127.0.0.1:80"),
            ("*", "0.0.0.0:80"),
            ("[::]", "[::]:80"),
            ("[0:0::1]:443", "[::1]:443"),
            ("unix:/run/a.sock", "unix:/run/a.sock"),
        ] {
            assert_eq!(shown(listen, Protocol::Http).unwrap(), [expected], "{listen}");
        }
        assert_eq!(shown("81-82", Protocol::Stream).unwrap(), ["0.0.0.0:81", "0.0.0.0:82"]);
    }

    #[test]
    fn names_placeholders_and_mistakes_are_unknown() {
        for listen in ["localhost:80", "${PORT}", "$port", "80:80:80", "0", "82-81", "127.1"] {
            assert_eq!(shown(listen, Protocol::Http), None, "{listen}");
        }
        assert_eq!(shown("127.0.0.1", Protocol::Stream), None);
    }
}
