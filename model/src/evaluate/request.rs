//! The requests whose way through the configuration is computed.

use super::Value;

/// A request as far as the configuration can ask about it: its header fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// How it is called in messages.
    pub name: &'static str,
    /// Its headers: names as sent, values.
    fields: &'static [(&'static str, &'static str)],
}

impl Request {
    /// A handshake as Chrome sends it (RFC 6455, section 4.1).
    pub const CHROME: Request = Request {
        name: "a WebSocket handshake",
        fields: &[
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
    };

    /// A handshake as Firefox sends it: its `Connection` has two tokens.
    pub const FIREFOX: Request = Request {
        name: "a WebSocket handshake from Firefox",
        fields: &[
            ("Connection", "keep-alive, Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
    };

    /// A handshake of a client that spells the protocol in another way, which RFC 6455, section
    /// 4.2.1, allows.
    pub const CAPITALS: Request = Request {
        name: "a handshake with `Upgrade: WebSocket`",
        fields: &[
            ("Connection", "Upgrade"),
            ("Upgrade", "WebSocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
    };

    /// A request that is no handshake.
    pub const PLAIN: Request =
        Request { name: "a plain request", fields: &[("Connection", "keep-alive")] };

    /// A request to go on in HTTP/2 over the same connection (RFC 7540, section 3.2): an upgrade
    /// that is no WebSocket. What else a handshake has a client may send as well.
    pub const H2C: Request = Request {
        name: "a request for an upgrade to h2c",
        fields: &[
            ("Connection", "Upgrade, HTTP2-Settings"),
            ("Upgrade", "h2c"),
            ("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
    };

    /// As [`Request::H2C`], with WebSocket named beside it: `Upgrade` is a list (RFC 9110, section
    /// 7.8), of which a backend may choose.
    pub const H2C_IN_LIST: Request = Request {
        name: "a request for an upgrade to WebSocket or h2c",
        fields: &[
            ("Connection", "Upgrade, HTTP2-Settings"),
            ("Upgrade", "websocket, h2c"),
            ("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
    };

    /// A handshake from a page of somebody else (RFC 6455, section 10.2).
    pub const FROM_ELSEWHERE: Request = Request {
        name: "a WebSocket handshake from a page of another site",
        fields: &[
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Origin", "https://elsewhere.invalid"),
        ],
    };

    /// Its headers: names as sent, values.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.fields.iter().copied()
    }

    /// The header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&'static str> {
        let mut found = self.headers().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }

    /// `$http_NAME`, by its name in lower case.
    pub(crate) fn header_variable(&self, name: &str) -> Value {
        header_variable(self.headers(), name, &OPEN_HEADERS, false)
    }
}

/// Headers that differ from browser to browser and user to user, by their names in `$http_NAME`.
pub(crate) const OPEN_HEADERS: [&str; 6] =
    ["host", "user_agent", "origin", "cookie", "accept_language", "accept_encoding"];

/// `$http_NAME` (`ngx_http_variable_unknown_header`): the header with `-` for `_`. Several headers of
/// that name are joined, or the first counts.
pub(crate) fn header_variable<'h>(
    headers: impl Iterator<Item = (&'h str, &'h str)>,
    name: &str,
    open: &[&str],
    first_counts: bool,
) -> Value {
    let is_meant = |header: &str| {
        header.len() == name.len()
            && header.bytes().zip(name.bytes()).all(|(header, name)| {
                header.to_ascii_lowercase() == name || header == b'-' && name == b'_'
            })
    };
    let mut found: Vec<&str> =
        headers.filter(|(header, _)| is_meant(header)).map(|(_, value)| value).collect();
    if first_counts && !matches!(name, "cookie" | "x_forwarded_for") {
        found.truncate(1);
    }
    if !found.is_empty() {
        return Value::known(found.join(", ").into_bytes());
    }
    match open.contains(&name) {
        true => Value::unknown(format!("the client's `$http_{name}`"), None),
        false => Value::known(""),
    }
}
