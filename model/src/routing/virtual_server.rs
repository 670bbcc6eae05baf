//! Which server a request is for (`ngx_http_add_listen`, `ngx_http_find_virtual_server`).

use std::net::{IpAddr, Ipv4Addr};

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;

use crate::resolve::{LevelId, LevelKind, Setting};
use crate::routing::Routing;
use crate::text::host_name::HostName;
use crate::text::pattern::{Captures, Pattern};
use crate::text::url::{self, Host, Url, Use};

/// An address that nginx listens on, with the servers behind it.
#[derive(Debug)]
pub struct Socket {
    /// The address; `None` for all (`*`, `0.0.0.0`, `[::]`).
    pub address: Option<IpAddr>,
    /// As written: `127.0.0.1`, `*`, `[::1]`.
    pub shown: String,
    /// Whether clients speak TLS to it.
    pub ssl: bool,
    /// Whether clients must speak the PROXY protocol first.
    pub proxy_protocol: bool,
    /// The server for requests that no name fits.
    pub default: LevelId,
    has_default: bool,
    names: FxHashMap<Vec<u8>, LevelId>,
    /// `*.example.org` by `.example.org`.
    leading: FxHashMap<Vec<u8>, LevelId>,
    /// `chat.*` by `chat.`.
    trailing: FxHashMap<Vec<u8>, LevelId>,
    patterns: Vec<(Pattern, LevelId)>,
}

/// How a server was found.
#[derive(Debug)]
pub enum ServerMatch {
    /// By its name.
    Name,
    /// By a name that is a regular expression.
    Pattern(Option<Captures>),
    /// No name fits.
    Default,
}

/// All sockets of `http`, by port.
#[derive(Debug, Default)]
pub struct Sockets {
    by_port: FxHashMap<u16, Vec<Socket>>,
    by_server: FxHashMap<LevelId, Vec<(u16, bool)>>,
    /// Ports that a server of `stream` listens on.
    stream: FxHashMap<u16, LevelId>,
}

struct Listen {
    address: Option<IpAddr>,
    shown: String,
    ports: std::ops::RangeInclusive<u16>,
    ssl: bool,
    proxy_protocol: bool,
    is_default: bool,
}

impl Sockets {
    pub(crate) fn new(model: &Routing<'_>) -> Self {
        let configuration = model.configuration;
        let mut sockets = Sockets::default();
        for (level, own) in configuration.levels() {
            match own.kind {
                LevelKind::Server => {
                    let names = names(model, level);
                    let lines: Vec<Listen> =
                        configuration.own(level, d::LISTEN).iter().filter_map(listen).collect();
                    let has_lines = configuration.own(level, d::LISTEN).iter().next().is_some();
                    if !has_lines {
                        sockets.add(level, &Listen::implied(), &names);
                    }
                    for line in lines {
                        sockets.add(level, &line, &names);
                    }
                }
                LevelKind::StreamServer => {
                    for line in configuration.own(level, d::LISTEN).iter().filter_map(listen) {
                        for port in line.ports {
                            sockets.stream.entry(port).or_insert(level);
                        }
                    }
                }
                _ => {}
            }
        }
        sockets
    }

    fn add(&mut self, level: LevelId, line: &Listen, names: &[Name]) {
        for port in line.ports.clone() {
            self.by_server.entry(level).or_default().push((port, line.ssl));
            let sockets = self.by_port.entry(port).or_default();
            let found = sockets.iter().position(|socket| socket.shown == line.shown);
            let number = found.unwrap_or_else(|| {
                sockets.push(Socket {
                    address: line.address,
                    shown: line.shown.clone(),
                    ssl: false,
                    proxy_protocol: false,
                    default: level,
                    has_default: false,
                    names: FxHashMap::default(),
                    leading: FxHashMap::default(),
                    trailing: FxHashMap::default(),
                    patterns: Vec::new(),
                });
                sockets.len() - 1
            });
            let socket = &mut sockets[number];
            socket.ssl |= line.ssl;
            socket.proxy_protocol |= line.proxy_protocol;
            if line.is_default && !socket.has_default {
                socket.default = level;
                socket.has_default = true;
            }
            for name in names {
                match name {
                    Name::Host(HostName::Exact(name)) => {
                        socket.names.entry(name.clone()).or_insert(level);
                    }
                    Name::Host(HostName::Leading(rest)) => {
                        socket.leading.entry(rest.clone()).or_insert(level);
                    }
                    Name::Host(HostName::Trailing(start)) => {
                        socket.trailing.entry(start.clone()).or_insert(level);
                    }
                    Name::Pattern(pattern) => socket.patterns.push((pattern.clone(), level)),
                }
            }
        }
    }

    /// The sockets on a port.
    pub fn on(&self, port: u16) -> &[Socket] {
        self.by_port.get(&port).map_or(&[], Vec::as_slice)
    }

    /// The ports of a server, each with whether clients speak TLS to it.
    pub fn of(&self, server: LevelId) -> &[(u16, bool)] {
        self.by_server.get(&server).map_or(&[], Vec::as_slice)
    }

    /// The server of `stream` on a port.
    pub fn stream(&self, port: u16) -> Option<LevelId> {
        self.stream.get(&port).copied()
    }

    /// The ports of `http`, sorted.
    pub fn ports(&self) -> Vec<u16> {
        let mut ports: Vec<u16> = self.by_port.keys().copied().collect();
        ports.sort_unstable();
        ports
    }
}

impl Socket {
    /// The server for a host, which is in lower case and without port.
    pub fn server(&self, host: &[u8]) -> (LevelId, ServerMatch) {
        if let Some(&level) = self.names.get(host) {
            return (level, ServerMatch::Name);
        }
        // Of several wildcards the longest counts; of one written twice the first.
        let dots = || host.iter().enumerate().filter(|(_, byte)| **byte == b'.').map(|(at, _)| at);
        let leading = || dots().find_map(|dot| self.leading.get(&host[dot..]));
        let trailing = || {
            let mut starts: Vec<usize> = dots().filter(|dot| dot + 1 < host.len()).collect();
            starts.reverse();
            starts.into_iter().find_map(|dot| self.trailing.get(&host[..=dot]))
        };
        if let Some(&level) = leading().or_else(trailing) {
            return (level, ServerMatch::Name);
        }
        for (pattern, level) in &self.patterns {
            if let Some(Some(captures)) = pattern.captures(host) {
                return (*level, ServerMatch::Pattern(Some(captures)));
            }
        }
        (self.default, ServerMatch::Default)
    }
}

#[derive(Clone, Debug)]
enum Name {
    Host(HostName),
    Pattern(Pattern),
}

/// The names of a server; one without `server_name` has the empty name.
fn names(model: &Routing<'_>, level: LevelId) -> Vec<Name> {
    let lines = model.configuration.own(level, d::SERVER_NAME);
    let mut names = Vec::new();
    for line in lines.iter() {
        for word in line.directive.arguments() {
            let name = word.value();
            match name.strip_prefix(b"~") {
                Some(pattern) => {
                    let pattern = String::from_utf8_lossy(pattern).into_owned();
                    names.push(Name::Pattern(Pattern::new(pattern, true)));
                }
                None => names.extend(HostName::read(&name).into_iter().map(Name::Host)),
            }
        }
    }
    if names.is_empty() {
        names.push(Name::Host(HostName::Exact(Vec::new())));
    }
    names
}

impl Listen {
    /// A server without `listen` is on `*:80` (and on `*:8000` when nginx is not run by root).
    fn implied() -> Self {
        Listen {
            address: None,
            shown: "*".to_owned(),
            ports: 80..=80,
            ssl: false,
            proxy_protocol: false,
            is_default: false,
        }
    }
}

/// Reads a `listen` (`ngx_http_core_listen`); `None` for unix sockets, QUIC, and what nginx
/// refuses.
fn listen(setting: Setting<'_>) -> Option<Listen> {
    let value = setting.directive.argument(0)?.value();
    let Url { host, ports } = url::parse(&value, Use::Listen).ok()?;
    let (address, shown): (Option<IpAddr>, _) = match host {
        Host::Unix(_) => return None,
        Host::Any => (None, "*".to_owned()),
        Host::V4(address) if address.is_unspecified() => (None, "*".to_owned()),
        Host::V4(address) => (Some(address.into()), address.to_string()),
        Host::V6(address) => (Some(address.into()), format!("[{address}]")),
        Host::Name(b"localhost") => (Some(Ipv4Addr::LOCALHOST.into()), "127.0.0.1".to_owned()),
        Host::Name(name) => (None, String::from_utf8_lossy(name).to_ascii_lowercase()),
    };
    let address = address.filter(|address| !address.is_unspecified());
    let ports = ports.unwrap_or(80..=80);
    let mut ssl = false;
    let mut proxy_protocol = false;
    let mut is_default = false;
    for word in setting.directive.arguments().skip(1) {
        match word.value().as_ref() {
            b"ssl" => ssl = true,
            b"proxy_protocol" => proxy_protocol = true,
            b"default_server" | b"default" => is_default = true,
            b"quic" | b"udp" => return None,
            _ => {}
        }
    }
    Some(Listen { address, shown, ports, ssl, proxy_protocol, is_default })
}
