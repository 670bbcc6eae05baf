//! Addresses of servers as nginx splits them (`ngx_parse_url` in nginx, src/core/ngx_inet.c).
//!
//! Whether a name can be resolved is never asked.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use crate::text::network::{self, ipv4, ipv6};
use crate::text::value::number;

/// What an address stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// To listen on: a port alone and ranges of ports are right.
    Listen,
    /// A server.
    Server,
    /// A server with a path behind it.
    ServerWithPath,
}

/// The host of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host<'t> {
    /// `*`, or only a port: all addresses of the machine. Only to listen on.
    Any,
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address, which stands in brackets.
    V6(Ipv6Addr),
    /// The path of a socket in the file system.
    Unix(&'t [u8]),
    /// A name, which must be resolved.
    Name(&'t [u8]),
}

/// An address that nginx takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url<'t> {
    /// The host.
    pub host: Host<'t>,
    /// The port, if one is given. To listen on, it may be a range.
    pub ports: Option<RangeInclusive<u16>>,
}

impl Url<'_> {
    /// Whether nothing but a port is missing. A socket of the file system needs none.
    pub fn lacks_port(&self) -> bool {
        self.ports.is_none() && !matches!(self.host, Host::Unix(_))
    }
}

/// Splits an address.
///
/// # Errors
/// With what nginx says, when it refuses the text.
pub fn parse(text: &[u8], purpose: Use) -> Result<Url<'_>, &'static str> {
    if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"unix:")) {
        let path = &text[5..];
        let end = path.iter().position(|&byte| byte == b':' && purpose == Use::ServerWithPath);
        return match &path[..end.unwrap_or(path.len())] {
            [] => Err("no path in the unix domain socket"),
            path => Ok(Url { host: Host::Unix(path), ports: None }),
        };
    }
    match text.strip_prefix(b"[") {
        Some(rest) => parse_ipv6(rest, purpose),
        None => parse_ipv4(text, purpose),
    }
}

fn position(text: &[u8], wanted: u8) -> Option<usize> {
    memchr::memchr(wanted, text)
}

/// A port, or a range of them where `purpose` takes one.
fn read_ports(text: &[u8], purpose: Use) -> Result<RangeInclusive<u16>, &'static str> {
    let port = |text: &[u8]| network::port(text).ok_or("invalid port");
    let Some(dash) = position(text, b'-').filter(|_| purpose == Use::Listen) else {
        return port(text).map(|port| port..=port);
    };
    let last = port(&text[dash + 1..])?;
    let first = port(&text[..dash])?;
    if first > last { Err("invalid port range") } else { Ok(first..=last) }
}

/// `ngx_parse_inet_url`
fn parse_ipv4(text: &[u8], purpose: Use) -> Result<Url<'_>, &'static str> {
    let path = text.iter().position(|byte| b"/?".contains(byte));
    if path.is_some() && purpose != Use::ServerWithPath {
        return Err("invalid host");
    }
    let text = &text[..path.unwrap_or(text.len())];
    let (host, ports) = match position(text, b':') {
        Some(colon) => (&text[..colon], Some(read_ports(&text[colon + 1..], purpose)?)),
        None if purpose == Use::Listen && is_port_alone(text) => {
            return Ok(Url { host: Host::Any, ports: Some(read_ports(text, purpose)?) });
        }
        None => (text, None),
    };
    let host = match host {
        b"" => return Err("no host"),
        b"*" if purpose == Use::Listen => Host::Any,
        host => ipv4(host).map_or(Host::Name(host), Host::V4),
    };
    Ok(Url { host, ports })
}

/// Whether there is only a port, or a range of them.
fn is_port_alone(text: &[u8]) -> bool {
    let is_number = |text: &[u8]| number(text).is_some();
    match position(text, b'-') {
        Some(dash) => is_number(&text[..dash]) && is_number(&text[dash + 1..]),
        None => is_number(text),
    }
}

/// `ngx_parse_inet6_url`, behind the opening bracket
fn parse_ipv6(text: &[u8], purpose: Use) -> Result<Url<'_>, &'static str> {
    let close = position(text, b']').ok_or("invalid host")?;
    let (host, rest) = (&text[..close], &text[close + 1..]);
    let path = position(rest, b'/');
    if path.is_some() && purpose != Use::ServerWithPath {
        return Err("invalid host");
    }
    let rest = &rest[..path.unwrap_or(rest.len())];
    let ports = match rest.split_first() {
        None => None,
        Some((b':', ports)) => Some(read_ports(ports, purpose)?),
        Some(_) => return Err("invalid host"),
    };
    if host.is_empty() {
        return Err("no host");
    }
    let address = ipv6(host).ok_or("invalid IPv6 address")?;
    Ok(Url { host: Host::V6(address), ports })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(text: &str, purpose: Use) -> Option<&'static str> {
        parse(text.as_bytes(), purpose).err()
    }

    #[test]
    fn addresses_to_listen_on() {
        for text in [
            "80",
            "8000-8010",
            "*:80",
            "127.0.0.1",
            "[::]:80",
            "[::1]",
            "unix:/run/a.sock",
            "localhost:80",
            "name",
            "a-b",
            "80-x",
            "127.0.0.1:80-90",
        ] {
            assert_eq!(error(text, Use::Listen), None, "{text}");
        }
        for (text, expected) in [
            ("0", "invalid port"),
            ("65536", "invalid port"),
            ("90-80", "invalid port range"),
            ("80-70000", "invalid port"),
            ("127.0.0.1:", "invalid port"),
            ("127.0.0.1:x", "invalid port"),
            ("::1:80", "invalid port"),
            ("http://a", "invalid host"),
            ("80/tcp", "invalid host"),
            (":80", "no host"),
            ("", "no host"),
            ("[::1", "invalid host"),
            ("[::1]80", "invalid host"),
            ("[::g]:80", "invalid IPv6 address"),
            ("[]:80", "no host"),
            ("unix:", "no path in the unix domain socket"),
        ] {
            assert_eq!(error(text, Use::Listen), Some(expected), "{text}");
        }
    }

    #[test]
    fn addresses_of_servers() {
        let path = Use::ServerWithPath;
        assert_eq!(error("a/b:c", Use::Server), Some("invalid host"));
        assert_eq!(error("a/b:c", path), None);
        assert_eq!(error("a:80?b", path), None);
        assert_eq!(error("unix:/a:/b", path), None);
        assert_eq!(error("80-90", Use::Server), None);
        assert_eq!(error("a:80-90", Use::Server), Some("invalid port"));
        let read = |text: &'static str| parse(text.as_bytes(), Use::Server).unwrap();
        assert_eq!(read("a:80"), Url { host: Host::Name(b"a"), ports: Some(80..=80) });
        assert!(read("10.0.0.1").lacks_port());
        assert!(!read("unix:/run/a.sock").lacks_port());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(text: Vec<u8>) {
            for purpose in [Use::Listen, Use::Server, Use::ServerWithPath] {
                let _ = parse(&text, purpose);
            }
        }
    }
}
