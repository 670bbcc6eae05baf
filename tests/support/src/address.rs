//! Puts the backend's address in place of the addresses a fixture proxies to.

use std::collections::BTreeSet;
use std::net::SocketAddr;

/// Schemes nginx proxies to; `ws://` is not among them, to nginx's users' surprise.
const SCHEMES: [&str; 4] = ["http://", "https://", "grpc://", "grpcs://"];

/// The substitution for one fixture. Everything malformed is left to nginx.
#[derive(Debug)]
pub(crate) struct Addresses {
    backend: String,
    /// Names of declared upstreams, in lower case.
    upstreams: BTreeSet<String>,
}

impl Addresses {
    /// Substitutes `backend` for everything but the names in `upstreams`.
    pub(crate) fn new(backend: SocketAddr, upstreams: impl IntoIterator<Item = String>) -> Self {
        Self { backend: backend.to_string(), upstreams: upstreams.into_iter().collect() }
    }

    /// The backend's address.
    pub(crate) fn backend(&self) -> &str {
        &self.backend
    }

    /// For `server` inside `upstream`: `host`, `host:port` or `unix:path`.
    pub(crate) fn in_server(&self, written: &str) -> Option<String> {
        (written.starts_with("unix:") || split(written).is_some()).then(|| self.backend.clone())
    }

    /// For `proxy_pass` and its kin: an address, mostly with a scheme, maybe with a URI.
    pub(crate) fn in_pass(&self, written: &str) -> Option<String> {
        let (scheme, rest) = split_scheme(written);
        let uri = if let Some(path) = rest.strip_prefix("unix:") {
            // unix:PATH:URI
            path.split_once(':').map_or("", |(_, uri)| uri)
        } else {
            let (address, uri) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
            let (host, _) = split(address)?;
            if self.upstreams.contains(&host.to_ascii_lowercase()) {
                return None;
            }
            uri
        };
        // The backend does not speak TLS.
        let scheme = scheme.replace("s://", "://");
        Some(format!("{scheme}{}{uri}", self.backend))
    }

    /// For a value that may or may not be an address: only what has a scheme
    /// or a port is taken for one.
    pub(crate) fn in_value(&self, written: &str) -> Option<String> {
        let (scheme, rest) = split_scheme(written);
        let has_port = split(rest).is_some_and(|(_, port)| port.is_some());
        (has_port || !scheme.is_empty()).then(|| self.in_pass(written)).flatten()
    }
}

/// Splits `text` after its scheme, empty when it has none nginx knows.
fn split_scheme(text: &str) -> (&str, &str) {
    let lower = text.to_ascii_lowercase();
    let length =
        SCHEMES.iter().find(|scheme| lower.starts_with(**scheme)).map_or(0, |scheme| scheme.len());
    text.split_at(length)
}

/// Splits a well-formed address into host and port.
fn split(address: &str) -> Option<(&str, Option<u16>)> {
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let host_length = match address.find(']') {
        Some(end) if address.starts_with('[') => end + 1,
        _ => address.find(':').unwrap_or(address.len()),
    };
    let (host, port) = address.split_at(host_length);
    let is_host = !host.is_empty() && (host.starts_with('[') || host.bytes().all(is_name_byte));
    let port = match port.strip_prefix(':') {
        Some(port) => Some(port.parse().ok().filter(|&port| port != 0)?),
        None if port.is_empty() => None,
        None => return None,
    };
    is_host.then_some((host, port))
}
