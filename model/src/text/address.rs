//! The parts of an address as they are written, also of one that nginx refuses. What nginx says to
//! it, [`url`](super::url) knows.

use std::ops::Range;

use crate::text::{network, placeholder};

/// What stands behind `server` in an upstream, or in the URL of a `proxy_pass`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address<'t> {
    /// The host: a name, an IPv4 address, or an IPv6 address in brackets.
    pub host: &'t str,
    /// The port, if one is given.
    pub port: Option<u16>,
}

/// What nginx says about an address that it refuses, and where the fault is in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPort {
    /// The part that should be a port.
    pub range: Range<usize>,
    /// Colons follow each other as in an IPv6 address without brackets.
    pub looks_like_ipv6: bool,
}

/// Splits `host:port`. The text must not have a path; `None` for `unix:` and for texts with
/// variables or placeholders of templates, of which nothing can be said.
pub fn parse(text: &str) -> Option<Result<Address<'_>, InvalidPort>> {
    if text.starts_with("unix:") || placeholder::may_stand_in(text.as_bytes()) {
        return None;
    }
    if text.starts_with('[') && !text.contains(']') {
        return None;
    }
    let (host, digits) = split_port(text);
    let Some(digits) = digits else { return Some(Ok(Address { host, port: None })) };
    Some(match network::port(digits.as_bytes()) {
        Some(port) => Ok(Address { host, port: Some(port) }),
        None => {
            let looks_like_ipv6 = text.matches(':').count() > 1 && !text.starts_with('[');
            Err(InvalidPort { range: host.len() + 1..text.len(), looks_like_ipv6 })
        }
    })
}

/// The host, with the brackets of an IPv6 address, and the text behind its colon.
pub fn split_port(authority: &str) -> (&str, Option<&str>) {
    let start = if authority.starts_with('[') { authority.find(']').unwrap_or(0) } else { 0 };
    match authority[start..].find(':') {
        Some(colon) => (&authority[..start + colon], Some(&authority[start + colon + 1..])),
        None => (authority, None),
    }
}

/// The URL of a `proxy_pass`, split as nginx splits it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url<'t> {
    /// `http://` or `https://`, as written.
    pub scheme: &'t str,
    /// Where the host begins in the text.
    pub host_at: usize,
    /// `host:port`, without the path.
    pub authority: &'t str,
    /// What stands behind it: the URI, or nothing.
    pub uri: &'t str,
}

/// Splits the URL of a `proxy_pass`; `None` when it does not begin with a scheme that nginx takes
/// (`ngx_http_proxy_pass` compares without regard to case).
pub fn split_url(text: &str) -> Option<Url<'_>> {
    let scheme = ["http://", "https://"].into_iter().find(|scheme| {
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })?;
    let rest = &text[scheme.len()..];
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let end = if rest.starts_with("unix:") { rest.len() } else { end };
    let (authority, uri) = rest.split_at(end);
    Some(Url { scheme: &text[..scheme.len()], host_at: scheme.len(), authority, uri })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(text: &str) -> Option<u16> {
        parse(text).unwrap().unwrap().port
    }

    #[test]
    fn ports_are_numbers_from_1_to_65535() {
        assert_eq!(port("127.0.0.1:3000"), Some(3000));
        assert_eq!(port("[::1]:65535"), Some(65535));
        assert_eq!(port("backend"), None);
        assert_eq!(port("[::1]"), None);
        for text in ["a:0", "a:65536", "a:http", "a:", "a:+80", "::1:3000", ":80x"] {
            assert!(parse(text).unwrap().is_err(), "{text}");
        }
    }

    #[test]
    fn addresses_are_split_at_their_port() {
        assert_eq!(split_port("backend"), ("backend", None));
        assert_eq!(split_port("backend:80"), ("backend", Some("80")));
        assert_eq!(split_port("[::1]:80"), ("[::1]", Some("80")));
        assert_eq!(split_port("[::1]"), ("[::1]", None));
    }

    #[test]
    fn placeholders_and_sockets_are_not_judged() {
        for text in ["unix:/run/a.sock", "$host:80", "a:${PORT}", "a:{{ port }}", "a:%PORT%"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn urls_are_split_at_the_first_slash() {
        let url = split_url("http://backend:80/ws?x").unwrap();
        assert_eq!((url.authority, url.host_at, url.uri), ("backend:80", 7, "/ws?x"));
        assert_eq!(split_url("HTTPS://b?x").unwrap().authority, "b");
        assert_eq!(split_url("ws://b"), None);
    }
}
