//! The strict backend: what RFC 6455, section 4.2.1, asks of a handshake.

use super::UpstreamRequest;
use crate::handshake::has_token;

/// Why a backend does not take a request for a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not a `GET`.
    Method,
    /// It comes as HTTP/1.0 or HTTP/2.
    HttpVersion,
    /// `Upgrade` does not name `websocket`.
    Upgrade,
    /// `Connection` has no token `upgrade`.
    Connection,
    /// `Sec-WebSocket-Version` is not 13.
    Version,
    /// `Sec-WebSocket-Key` is missing or no base64 of 16 bytes.
    Key,
}

/// All that is wrong with a request, the first thing first.
pub(crate) fn faults(request: &UpstreamRequest) -> Vec<Fault> {
    let mut faults = Vec::new();
    let value = |name: &str| joined(request, name);
    if request.method != "GET" {
        faults.push(Fault::Method);
    }
    if request.http_version != "1.1" {
        faults.push(Fault::HttpVersion);
    }
    if !has_token(value("Upgrade").as_bytes(), b"websocket") {
        faults.push(Fault::Upgrade);
    }
    if !has_token(value("Connection").as_bytes(), b"upgrade") {
        faults.push(Fault::Connection);
    }
    if value("Sec-WebSocket-Version").trim() != "13" {
        faults.push(Fault::Version);
    }
    if !is_key(value("Sec-WebSocket-Key").trim()) {
        faults.push(Fault::Key);
    }
    faults
}

/// The value of a field, several lines joined as HTTP joins them (RFC 9110, section 5.3).
pub(crate) fn joined(request: &UpstreamRequest, name: &str) -> String {
    let lines = request.fields.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
    lines.map(|field| field.value.as_str()).collect::<Vec<_>>().join(", ")
}

/// Whether a text is base64 of 16 bytes (RFC 4648, section 4): 22 digits and `==`.
fn is_key(text: &str) -> bool {
    text.strip_suffix("==").is_some_and(|digits| {
        digits.len() == 22
            && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
    })
}

impl Fault {
    /// The field that is at fault.
    pub(crate) fn field(self) -> Option<&'static str> {
        match self {
            Fault::Method | Fault::HttpVersion => None,
            Fault::Upgrade => Some("Upgrade"),
            Fault::Connection => Some("Connection"),
            Fault::Version => Some("Sec-WebSocket-Version"),
            Fault::Key => Some("Sec-WebSocket-Key"),
        }
    }

    /// The fault in words, as the end of "the backend gets …".
    pub(crate) fn shown(self, request: &UpstreamRequest) -> String {
        let value = |name: &str| match joined(request, name) {
            value if value.is_empty() => format!("no {name}"),
            value => format!("{name}: {value}"),
        };
        match self {
            Fault::Method => format!("the method {}", request.method),
            Fault::HttpVersion => format!("HTTP/{}", request.http_version),
            Fault::Upgrade => value("Upgrade"),
            Fault::Connection => value("Connection"),
            Fault::Version => value("Sec-WebSocket-Version"),
            Fault::Key => value("Sec-WebSocket-Key"),
        }
    }

    /// The rules that are about this fault.
    pub(crate) fn rules(self, request: &UpstreamRequest) -> &'static [&'static str] {
        let is_missing = |name: &str| joined(request, name).is_empty();
        match self {
            Fault::Method => &["proxy-method-override"],
            Fault::HttpVersion if request.http_version == "2" => &["proxy-http-version-2"],
            Fault::HttpVersion => &["proxy-http-version-1-0"],
            Fault::Upgrade if is_missing("Upgrade") => &["upgrade-not-forwarded"],
            Fault::Upgrade => &["upgrade-value-wrong"],
            Fault::Connection if is_missing("Connection") => &["connection-not-forwarded"],
            Fault::Connection => &["connection-value-not-upgrade"],
            Fault::Version | Fault::Key => &["sec-websocket-header-overridden"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_key;

    #[test]
    fn keys_are_sixteen_bytes() {
        assert!(is_key("dGhlIHNhbXBsZSBub25jZQ=="));
        assert!(!is_key(""));
        assert!(!is_key("abc"));
        assert!(!is_key("dGhlIHNhbXBsZSBub25jZQ"));
    }
}
