//! The URL that a handshake is made for (RFC 6455, section 3).

use thiserror::Error;

/// A `ws` or `wss` URL. `http` and `https` are taken for the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// Whether the client speaks TLS.
    pub secure: bool,
    /// The host, as written; an IPv6 address in brackets.
    pub host: String,
    /// The port, given or implied: 80 for `ws`, 443 for `wss`.
    pub port: u16,
    /// Whether the port is written, so that it is in the `Host` field too.
    pub has_port: bool,
    /// The path and the query, as they stand in the request line.
    pub target: String,
}

/// Why a text is no URL for a handshake.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UrlError {
    /// It begins with something else.
    #[error("the URL must begin with ws:// or wss://, as in ws://chat.example.org/ws")]
    Scheme,
    /// There is no host in it.
    #[error("the URL has no host, as in ws://chat.example.org/ws")]
    Host,
    /// What stands for the port is no number from 1 to 65535.
    #[error("\"{0}\" is no port: it must be a number from 1 to 65535")]
    Port(String),
    /// There are blanks or control characters in it.
    #[error("the URL has a blank or a control character in it: write it as %20")]
    Blank,
    /// RFC 6455 forbids fragments.
    #[error("the URL has a fragment (\"#\"), which a handshake cannot have: write %23")]
    Fragment,
}

impl std::str::FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let schemes = [("ws://", false), ("wss://", true), ("http://", false), ("https://", true)];
        let (rest, secure) = schemes
            .into_iter()
            .find_map(|(scheme, secure)| {
                let start = text.get(..scheme.len())?;
                let rest = text.get(scheme.len()..)?;
                start.eq_ignore_ascii_case(scheme).then_some((rest, secure))
            })
            .ok_or(UrlError::Scheme)?;
        if text.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return Err(UrlError::Blank);
        }
        if text.contains('#') {
            return Err(UrlError::Fragment);
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let colon = match authority.rfind(']') {
            Some(close) => authority[close..].find(':').map(|colon| close + colon),
            None => authority.find(':'),
        };
        let (host, port) = match colon {
            Some(colon) => (&authority[..colon], Some(&authority[colon + 1..])),
            None => (authority, None),
        };
        if host.is_empty() {
            return Err(UrlError::Host);
        }
        let default = if secure { 443 } else { 80 };
        let number = match port {
            None | Some("") => default,
            Some(port) => port
                .parse()
                .ok()
                .filter(|&number| number > 0)
                .ok_or_else(|| UrlError::Port(port.to_owned()))?,
        };
        let target = match target {
            "" => "/".to_owned(),
            query if query.starts_with('?') => format!("/{query}"),
            target => target.to_owned(),
        };
        Ok(Url { secure, host: host.to_owned(), port: number, has_port: number != default, target })
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.secure { "wss" } else { "ws" };
        write!(formatter, "{scheme}://{}{}", self.authority(), self.target)
    }
}

impl Url {
    /// What a client sends as `Host`.
    pub fn authority(&self) -> String {
        if self.has_port { format!("{}:{}", self.host, self.port) } else { self.host.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (bool, String, u16, String) {
        let url: Url = text.parse().unwrap();
        (url.secure, url.authority(), url.port, url.target)
    }

    #[test]
    fn ports_are_implied_by_the_scheme() {
        assert_eq!(parts("ws://a.test/x?y"), (false, "a.test".into(), 80, "/x?y".into()));
        assert_eq!(parts("wss://a.test"), (true, "a.test".into(), 443, "/".into()));
        assert_eq!(parts("WS://a.test:80/"), (false, "a.test".into(), 80, "/".into()));
        assert_eq!(parts("wss://[::1]:8443?q"), (true, "[::1]:8443".into(), 8443, "/?q".into()));
    }

    #[test]
    fn what_is_no_url_is_told() {
        for (text, error) in [
            ("chat.test/ws", UrlError::Scheme),
            ("ftp://a", UrlError::Scheme),
            ("ws:///x", UrlError::Host),
            ("ws://a:0/", UrlError::Port("0".into())),
            ("ws://a:99999/", UrlError::Port("99999".into())),
            ("ws://a/b c", UrlError::Blank),
            ("ws://a/#b", UrlError::Fragment),
        ] {
            assert_eq!(text.parse::<Url>(), Err(error));
        }
    }
}
