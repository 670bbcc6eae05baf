//! The strict backend: what RFC 6455, section 4.2.1, asks of a handshake, and RFC 9112 of a request.

use crate::evaluate::{Unknown, Value};
use crate::handshake::{Reason, ReasonKind};
use crate::source::Place;

/// A header as a backend receives it.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedHeader {
    /// Its name, in any case.
    pub(crate) name: String,
    /// Its value; one that is empty is not sent.
    pub(crate) value: Value,
    /// The `proxy_set_header` that sets it; `None` for nginx's own and the client's.
    pub(crate) place: Option<Place>,
}

/// A request as a backend receives it.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedRequest {
    /// The method.
    pub(crate) method: Value,
    /// The `proxy_method` that sets it.
    pub(crate) method_place: Option<Place>,
    /// `1.0`, `1.1` or `2`.
    pub(crate) http_version: String,
    /// The `proxy_http_version` that sets it.
    pub(crate) http_version_place: Option<Place>,
    /// Another line may set the version, out of sight.
    pub(crate) http_version_unseen: Option<Unknown>,
    /// The headers, in the order in which they are sent.
    pub(crate) headers: Vec<ReceivedHeader>,
    /// Other lines may set any header, out of sight.
    pub(crate) headers_unseen: Option<Unknown>,
}

/// What a strict backend makes of a request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It is a handshake: 101.
    Switches,
    /// It is none, for all of these reasons.
    Rejects(Vec<Reason>),
    /// It depends on something that is unknown.
    Depends(Unknown),
}

/// What one of the tests gives.
enum Tested {
    Passes,
    Fails(Reason),
    Depends(Unknown),
}

impl ReceivedRequest {
    /// A header's values, joined as HTTP joins them (RFC 9110, section 5.3); empty for none.
    pub(crate) fn joined(&self, name: &str) -> Value {
        let mut joined = Vec::new();
        for header in self.named(name) {
            match &header.value {
                Value::Known(value) if value.is_empty() => {}
                Value::Known(value) => {
                    if !joined.is_empty() {
                        joined.extend_from_slice(b", ");
                    }
                    joined.extend_from_slice(value);
                }
                unknown @ Value::Unknown(_) => return unknown.clone(),
            }
        }
        match &self.headers_unseen {
            Some(why) => Value::Unknown(why.clone()),
            None => Value::Known(joined),
        }
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &ReceivedHeader> {
        self.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name))
    }

    /// Tests a header's value. The line that sets it is the reason's place.
    fn header(&self, name: &str, passes: impl Fn(&[u8]) -> bool, kinds: [ReasonKind; 2]) -> Tested {
        match self.joined(name) {
            Value::Known(value) if passes(&value) => Tested::Passes,
            Value::Known(value) => {
                let place = self.named(name).find_map(|header| header.place);
                let [missing, wrong] = kinds;
                // What no line sets is what nginx sends by itself, such as `Connection: close`.
                let is_missing = value.is_empty() || place.is_none();
                Tested::Fails(if is_missing { missing } else { wrong }.at(place))
            }
            Value::Unknown(why) => Tested::Depends(why),
        }
    }

    fn method(&self) -> Tested {
        match &self.method {
            Value::Known(method) if method == b"GET" => Tested::Passes,
            Value::Known(_) => Tested::Fails(ReasonKind::Method.at(self.method_place)),
            Value::Unknown(why) => Tested::Depends(why.clone()),
        }
    }

    fn http_version(&self) -> Tested {
        let kind = match (self.http_version.as_str(), &self.http_version_unseen) {
            ("1.1", None) => return Tested::Passes,
            (_, Some(why)) => return Tested::Depends(why.clone()),
            ("2", None) => ReasonKind::Http2,
            (_, None) => ReasonKind::Http10,
        };
        Tested::Fails(kind.at(self.http_version_place))
    }

    fn host(&self) -> Tested {
        let mut unknown = None;
        let mut sent = Vec::new();
        for header in self.named("Host") {
            match &header.value {
                Value::Known(value) if value.is_empty() => {}
                Value::Known(_) => sent.push(header.place),
                Value::Unknown(why) => unknown = Some(why),
            }
        }
        match (sent.as_slice(), unknown) {
            ([_, .., last], _) => Tested::Fails(ReasonKind::SeveralHosts.at(*last)),
            // A `Host` of which nothing is known is hardly ever empty or not.
            _ => Tested::Passes,
        }
    }

    /// What a strict backend answers.
    pub(crate) fn answer(&self) -> Answer {
        use ReasonKind as Kind;
        let tests = [
            self.method(),
            self.http_version(),
            self.header(
                "Upgrade",
                |value| has_token(value, b"websocket"),
                [Kind::UpgradeMissing, Kind::UpgradeValue],
            ),
            self.header(
                "Connection",
                has_upgrade_token,
                [Kind::ConnectionMissing, Kind::ConnectionValue],
            ),
            self.header(
                "Sec-WebSocket-Version",
                |value| value.trim_ascii() == b"13",
                [Kind::WebSocketHeader; 2],
            ),
            self.header(
                "Sec-WebSocket-Key",
                |value| is_key(value.trim_ascii()),
                [Kind::WebSocketHeader; 2],
            ),
            self.host(),
        ];
        let mut reasons = Vec::new();
        let mut depends = None;
        for test in tests {
            match test {
                Tested::Passes => {}
                Tested::Fails(reason) => reasons.push(reason),
                Tested::Depends(why) => {
                    depends.get_or_insert(why);
                }
            }
        }
        match (depends, reasons.is_empty()) {
            (_, false) => Answer::Rejects(reasons),
            (Some(why), true) => Answer::Depends(why),
            (None, true) => Answer::Switches,
        }
    }
}

/// Whether a list of tokens contains `token`. `Upgrade` is such a list (RFC 9110, section 7.8), and
/// RFC 6455, section 4.2.1, asks for one that contains `websocket`.
pub fn has_token(value: &[u8], token: &[u8]) -> bool {
    value.split(|&byte| byte == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(token))
}

/// Whether a `Connection` value asks for an upgrade: tokens are separated by commas and compared
/// without regard to case (RFC 9110, section 7.6.1).
pub fn has_upgrade_token(value: &[u8]) -> bool {
    has_token(value, b"upgrade")
}

/// Whether a text is base64 of 16 bytes (RFC 4648, section 4): 22 digits and `==`.
fn is_key(text: &[u8]) -> bool {
    text.strip_suffix(b"==").is_some_and(|digits| {
        digits.len() == 22
            && digits.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sixteen_bytes() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        assert!(!is_key(b""));
        assert!(!is_key(b"abc"));
        assert!(!is_key(b"dGhlIHNhbXBsZSBub25jZQ"));
    }

    #[test]
    fn a_connection_value_is_a_list_of_tokens() {
        for value in ["upgrade", "Upgrade", "keep-alive, Upgrade", "upgrade,", " UPGRADE "] {
            assert!(has_upgrade_token(value.as_bytes()), "{value}");
        }
        for value in ["", "close", "keep-alive", "websocket", "upgrade;", "\"upgrade\"", "upgraded"]
        {
            assert!(!has_upgrade_token(value.as_bytes()), "{value}");
        }
    }
}
