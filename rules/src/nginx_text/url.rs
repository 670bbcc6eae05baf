//! Addresses of servers as nginx splits them (`ngx_parse_url` in nginx, src/core/ngx_inet.c).
//!
//! Whether a name can be resolved is never asked.

use crate::nginx_text::network::{ipv4, is_ipv6};
use crate::nginx_text::value::number;

/// What an address stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// To listen on: a port alone and ranges of ports are right.
    Listen,
    /// A server.
    Server,
    /// A server with a path behind it.
    ServerWithPath,
}

/// What is known of an address that nginx takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    /// Whether a port is given. A socket of the file system needs none.
    pub(crate) port: bool,
    /// Whether the host is neither an address nor a socket, so that it must be resolved.
    pub(crate) is_name: bool,
}

/// Splits an address. The error is nginx's word for what is wrong.
pub(crate) fn parse(text: &[u8], purpose: Use) -> Result<Url, &'static str> {
    if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"unix:")) {
        let path = &text[5..];
        let end = path.iter().position(|&byte| byte == b':' && purpose == Use::ServerWithPath);
        return match end.unwrap_or(path.len()) {
            0 => Err("no path in the unix domain socket"),
            _ => Ok(Url { port: true, is_name: false }),
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

/// A number that may be a port, or a range of them.
fn check_port(text: &[u8], purpose: Use) -> Result<(), &'static str> {
    let is_port = |port: &i64| (1..=65535).contains(port);
    let (first, last) = match position(text, b'-').filter(|_| purpose == Use::Listen) {
        Some(dash) => {
            let last = number(&text[dash + 1..]).filter(is_port).ok_or("invalid port")?;
            (&text[..dash], Some(last))
        }
        None => (text, None),
    };
    let first = number(first).filter(is_port).ok_or("invalid port")?;
    match last {
        Some(last) if first > last => Err("invalid port range"),
        _ => Ok(()),
    }
}

/// `ngx_parse_inet_url`
fn parse_ipv4(text: &[u8], purpose: Use) -> Result<Url, &'static str> {
    let path = text.iter().position(|byte| b"/?".contains(byte));
    if path.is_some() && purpose != Use::ServerWithPath {
        return Err("invalid host");
    }
    let text = &text[..path.unwrap_or(text.len())];
    let colon = position(text, b':');
    let host = match colon {
        Some(colon) => {
            check_port(&text[colon + 1..], purpose)?;
            &text[..colon]
        }
        None => {
            if purpose == Use::Listen && is_port_alone(text)? {
                return Ok(Url { port: true, is_name: false });
            }
            text
        }
    };
    if host.is_empty() {
        return Err("no host");
    }
    let is_name = ipv4(host).is_none() && (purpose != Use::Listen || host != b"*");
    Ok(Url { port: colon.is_some(), is_name })
}

/// Whether there is only a port, or a range of them.
fn is_port_alone(text: &[u8]) -> Result<bool, &'static str> {
    let (first, last) = match position(text, b'-') {
        Some(dash) => (&text[..dash], Some(&text[dash + 1..])),
        None => (text, None),
    };
    if number(first).is_none() || last.is_some_and(|last| number(last).is_none()) {
        return Ok(false);
    }
    check_port(text, Use::Listen).map(|()| true)
}

/// `ngx_parse_inet6_url`, behind the opening bracket
fn parse_ipv6(text: &[u8], purpose: Use) -> Result<Url, &'static str> {
    let close = position(text, b']').ok_or("invalid host")?;
    let (host, rest) = (&text[..close], &text[close + 1..]);
    let path = position(rest, b'/');
    if path.is_some() && purpose != Use::ServerWithPath {
        return Err("invalid host");
    }
    let rest = &rest[..path.unwrap_or(rest.len())];
    let port = match rest.split_first() {
        None => false,
        Some((b':', port)) => {
            check_port(port, purpose)?;
            true
        }
        Some(_) => return Err("invalid host"),
    };
    if host.is_empty() {
        return Err("no host");
    }
    if !is_ipv6(host) {
        return Err("invalid IPv6 address");
    }
    Ok(Url { port, is_name: false })
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
        assert_eq!(parse(b"a:80", Use::Server), Ok(Url { port: true, is_name: true }));
        assert_eq!(parse(b"10.0.0.1", Use::Server), Ok(Url { port: false, is_name: false }));
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
