//! The requests whose way through the configuration is computed.

/// A request as far as the configuration can ask about it: its header fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// How it is called in messages.
    pub name: &'static str,
    /// Its fields by lower-case name, with `_` for `-`, as in `$http_*`.
    fields: &'static [(&'static str, &'static str)],
}

impl Request {
    /// A handshake as Chrome sends it (RFC 6455, section 4.1).
    pub const CHROME: Request = Request {
        name: "a WebSocket handshake",
        fields: &[
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec_websocket_version", "13"),
            ("sec_websocket_key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
    };

    /// A handshake as Firefox sends it: its `Connection` has two tokens.
    pub const FIREFOX: Request = Request {
        name: "a WebSocket handshake from Firefox",
        fields: &[
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "websocket"),
            ("sec_websocket_version", "13"),
            ("sec_websocket_key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
    };

    /// A handshake of a client that spells the protocol in another way, which RFC 6455, section
    /// 4.2.1, allows.
    pub const CAPITALS: Request = Request {
        name: "a handshake with `Upgrade: WebSocket`",
        fields: &[
            ("connection", "Upgrade"),
            ("upgrade", "WebSocket"),
            ("sec_websocket_version", "13"),
            ("sec_websocket_key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
    };

    /// A request that is no handshake.
    pub const PLAIN: Request =
        Request { name: "a plain request", fields: &[("connection", "keep-alive")] };

    /// A request to go on in HTTP/2 over the same connection (RFC 7540, section 3.2): an upgrade
    /// that is no WebSocket. What else a handshake has a client may send as well.
    pub const H2C: Request = Request {
        name: "a request for an upgrade to h2c",
        fields: &[
            ("connection", "Upgrade, HTTP2-Settings"),
            ("upgrade", "h2c"),
            ("http2_settings", "AAMAAABkAARAAAAAAAIAAAAA"),
            ("sec_websocket_version", "13"),
            ("sec_websocket_key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
    };

    /// As [`Request::H2C`], with WebSocket named beside it: `Upgrade` is a list (RFC 9110, section
    /// 7.8), of which a backend may choose.
    pub const H2C_IN_LIST: Request = Request {
        name: "a request for an upgrade to WebSocket or h2c",
        fields: &[
            ("connection", "Upgrade, HTTP2-Settings"),
            ("upgrade", "websocket, h2c"),
            ("http2_settings", "AAMAAABkAARAAAAAAAIAAAAA"),
            ("sec_websocket_version", "13"),
            ("sec_websocket_key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
    };

    /// A handshake from a page of somebody else (RFC 6455, section 10.2).
    pub const FROM_ELSEWHERE: Request = Request {
        name: "a WebSocket handshake from a page of another site",
        fields: &[
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec_websocket_version", "13"),
            ("sec_websocket_key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("origin", "https://elsewhere.invalid"),
        ],
    };

    /// The value of `$http_NAME`, empty for a field that the request does not have. `None` for
    /// fields whose value differs from client to client.
    pub fn field(&self, name: &str) -> Option<&'static str> {
        let found = self.fields.iter().find(|(field, _)| *field == name);
        match (found, name) {
            (Some((_, value)), _) => Some(value),
            (None, "host" | "user_agent" | "origin" | "cookie") => None,
            (None, _) => Some(""),
        }
    }
}
