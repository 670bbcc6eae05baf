//! The URL of a `proxy_pass` (`ngx_http_proxy_pass`, `ngx_http_proxy_eval`,
//! `ngx_http_proxy_set_vars`): what every question about where a request goes is asked of.

use crate::text::address::{split_port, split_url};

/// Where a `proxy_pass` sends requests, once its variables are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyPassUrl {
    /// `https://`
    pub is_encrypted: bool,
    /// Host and port as written, or the path of a socket with its `unix:`.
    pub authority: String,
    /// The host without its port; the path of a socket with its `unix:`.
    pub host: String,
    /// The text after the host's colon.
    pub port: Option<String>,
    /// The URI that takes the place of the location's name; empty for none.
    pub uri: String,
}

impl ProxyPassUrl {
    /// Reads the URL; `None` for one without a prefix that nginx knows.
    pub fn read(text: &str) -> Option<Self> {
        let url = split_url(text)?;
        let is_encrypted = url.scheme.eq_ignore_ascii_case("https://");
        // `unix:/path:/uri`
        if let Some(path) = url.authority.strip_prefix("unix:") {
            let (path, uri) = path.split_once(':').unwrap_or((path, ""));
            let authority = format!("unix:{path}");
            let host = authority.clone();
            return Some(Self { is_encrypted, authority, host, port: None, uri: uri.to_owned() });
        }
        let (host, port) = split_port(url.authority);
        Some(Self {
            is_encrypted,
            authority: url.authority.to_owned(),
            host: host.to_owned(),
            port: port.map(str::to_owned),
            uri: url.uri.to_owned(),
        })
    }

    /// `http://` or `https://`.
    pub fn scheme(&self) -> &'static str {
        if self.is_encrypted { "https://" } else { "http://" }
    }

    /// The port that is meant where none is written.
    pub fn default_port(&self) -> &'static str {
        if self.is_encrypted { "443" } else { "80" }
    }

    /// Whether it is a socket of the file system.
    pub fn is_socket(&self) -> bool {
        self.authority.starts_with("unix:")
    }

    /// `$proxy_host` and `$proxy_port`; the former is what nginx sends as `Host` by itself.
    pub fn proxy_host_and_port(&self) -> (String, String) {
        if self.is_socket() {
            return ("localhost".to_owned(), String::new());
        }
        match &self.port {
            Some(port) if port != self.default_port() => (self.authority.clone(), port.clone()),
            _ => (self.host.clone(), self.default_port().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ProxyPassUrl;

    fn proxy_host(text: &str) -> String {
        ProxyPassUrl::read(text).unwrap().proxy_host_and_port().0
    }

    #[test]
    fn the_port_is_part_of_the_host_unless_it_is_the_usual_one() {
        assert_eq!(proxy_host("http://backend"), "backend");
        assert_eq!(proxy_host("http://backend:80/ws"), "backend");
        assert_eq!(proxy_host("http://backend:443"), "backend:443");
        assert_eq!(proxy_host("HTTPS://[::1]:443"), "[::1]");
        assert_eq!(proxy_host("http://unix:/run/app.sock:/ws"), "localhost");
    }

    #[test]
    fn the_uri_of_a_socket_follows_a_colon() {
        let url = ProxyPassUrl::read("http://unix:/run/app.sock:/ws").unwrap();
        assert_eq!((url.host.as_str(), url.uri.as_str()), ("unix:/run/app.sock", "/ws"));
        assert_eq!(ProxyPassUrl::read("http://a?x").unwrap().uri, "?x");
        assert_eq!(ProxyPassUrl::read("ws://a"), None);
    }
}
