//! Which free address stands for which `listen` of a fixture.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// The port nginx listens on by default, when root runs it.
const DEFAULT_PORT: u16 = 80;

/// The address part of a `listen` that takes connections to any address.
const WILDCARD: &str = "*";

/// Free loopback addresses, one per address and port a fixture listens on.
///
/// Every port gets one free port, every address one address of the loopback
/// network, the wildcard 127.0.0.1: two directives that share an address, a
/// port or both keep doing so, and never more.
#[derive(Debug, Default)]
pub(crate) struct Listens {
    hosts: Vec<String>,
    ports: BTreeMap<u16, u16>,
    sockets: Vec<(String, u16, SocketAddr)>,
}

impl Listens {
    /// The address to listen on instead of the `listen` argument `written`.
    ///
    /// `None` leaves the argument alone: it names a UNIX socket or a variable,
    /// or it is one of the mistakes nginx has to report itself.
    pub(crate) fn stand_in(&mut self, written: &str) -> io::Result<Option<SocketAddr>> {
        match parse(written) {
            Some((host, port)) => self.socket(host, port).map(Some),
            None => Ok(None),
        }
    }

    /// The address for a server that has no `listen`.
    pub(crate) fn default_socket(&mut self) -> io::Result<SocketAddr> {
        self.socket(WILDCARD, DEFAULT_PORT)
    }

    /// The first address nginx listens on, in the order of the files.
    pub(crate) fn first(&self) -> Option<SocketAddr> {
        self.sockets.first().map(|&(_, _, socket)| socket)
    }

    /// The address that stands for `port`, preferably on the wildcard.
    pub(crate) fn for_port(&self, port: u16) -> Option<SocketAddr> {
        let on_port = |host: Option<&str>| {
            let mut sockets = self.sockets.iter();
            sockets.find(|(h, p, _)| *p == port && host.is_none_or(|host| host == h))
        };
        let found = on_port(Some(WILDCARD)).or_else(|| on_port(None));
        found.map(|&(_, _, socket)| socket)
    }

    fn socket(&mut self, host: &str, port: u16) -> io::Result<SocketAddr> {
        let known = self.sockets.iter().find(|(h, p, _)| h == host && *p == port);
        if let Some(&(_, _, socket)) = known {
            return Ok(socket);
        }
        let last_octet = self.last_octet(host)?;
        let free_port = match self.ports.get(&port) {
            Some(&free_port) => free_port,
            None => self.free_port()?,
        };
        self.ports.insert(port, free_port);
        let socket = (Ipv4Addr::new(127, 0, 0, last_octet), free_port).into();
        self.sockets.push((host.to_owned(), port, socket));
        Ok(socket)
    }

    /// The last octet of the loopback address that stands for `host`.
    fn last_octet(&mut self, host: &str) -> io::Result<u8> {
        if host == WILDCARD {
            return Ok(1);
        }
        let known = self.hosts.iter().position(|known| known == host);
        if known.is_none() {
            self.hosts.push(host.to_owned());
        }
        let index = known.unwrap_or(self.hosts.len() - 1);
        u8::try_from(index + 2).map_err(io::Error::other)
    }

    /// A port nobody listens on right now, and that stands for no other.
    ///
    /// Another process may take it before nginx does, which is why starting
    /// nginx is retried.
    fn free_port(&self) -> io::Result<u16> {
        loop {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let port = listener.local_addr()?.port();
            if !self.ports.values().any(|&taken| taken == port) {
                return Ok(port);
            }
        }
    }
}

/// Splits the argument of `listen` into its address and its port.
fn parse(written: &str) -> Option<(&str, u16)> {
    if written.starts_with("unix:") || written.contains(['$', '@', '/']) {
        return None;
    }
    let (host, port) = if let Some(end) = written.find(']') {
        match written[end + 1..].strip_prefix(':') {
            Some(port) => (&written[..=end], parse_port(port)?),
            None if written.len() == end + 1 => (written, DEFAULT_PORT),
            None => return None,
        }
    } else if let Some((host, port)) = written.split_once(':') {
        (host, parse_port(port)?)
    } else if written.bytes().all(|byte| byte.is_ascii_digit()) {
        (WILDCARD, parse_port(written)?)
    } else {
        (written, DEFAULT_PORT)
    };
    match host {
        "" => None,
        "0.0.0.0" => Some((WILDCARD, port)),
        _ => Some((host, port)),
    }
}

fn parse_port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|&port| port != 0)
}
