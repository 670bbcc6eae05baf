//! The backend that a `proxy_pass` names (`ngx_http_proxy_pass`, `ngx_http_proxy_set_vars`).

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::declarations::proxy_pass::ProxyPassUrl;
use crate::evaluate::{Request, Value};
use crate::model::Model;
use crate::resolve::{LevelId, Setting};
use crate::text::address::split_port;
use crate::text::placeholder::may_stand_in;

/// A backend, as far as the configuration names it.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Where the `proxy_pass` sends requests.
    url: ProxyPassUrl,
    /// The `upstream` block of that name.
    pub group: Option<LevelId>,
}

impl std::ops::Deref for Backend {
    type Target = ProxyPassUrl;

    fn deref(&self) -> &ProxyPassUrl {
        &self.url
    }
}

impl Backend {
    /// The backend that the `proxy_pass` at a level names.
    pub fn named_by(model: &Model<'_>, level: LevelId, pass: Setting<'_>) -> Option<Self> {
        let text = pass.directive.argument(0)?.value();
        let evaluated;
        let text: &[u8] = if text.contains(&b'$') {
            evaluated = model.evaluate(&text, &Request::CHROME, level);
            match &evaluated.value {
                Value::Known(text) => text,
                Value::Unknown(_) => return None,
            }
        } else {
            &text
        };
        let url = ProxyPassUrl::read(std::str::from_utf8(text).ok()?)?;
        if url.authority.is_empty() || may_stand_in(url.authority.as_bytes()) {
            return None;
        }
        // A name with a port is no group's.
        let group = match url.port {
            None => model.upstream_groups().named(url.host.as_bytes(), false),
            Some(_) => None,
        };
        Some(Self { url, group })
    }

    /// The hosts behind it, without their ports: those of the group's servers, or its own. Of a
    /// group with many the first ones.
    pub fn hosts(&self, model: &Model<'_>) -> Vec<String> {
        match self.group {
            None => vec![self.host.clone()],
            Some(group) => {
                servers(model, group).map(|server| host_and_port(&server).0.to_owned()).collect()
            }
        }
    }

    /// What tells it from other backends: the name of the group, and the address of each server.
    /// Of a group with many servers the first ones are taken.
    pub fn keys(&self, model: &Model<'_>) -> Vec<String> {
        let key = |host: &str, port: &str| {
            let host = if host.eq_ignore_ascii_case("localhost") { "127.0.0.1" } else { host };
            format!("{}:{port}", host.to_ascii_lowercase())
        };
        let Some(group) = self.group else {
            let port = self.port.as_deref().unwrap_or(self.default_port());
            return vec![key(&self.host, port)];
        };
        let mut keys = vec![format!("upstream {}", self.host.to_ascii_lowercase())];
        keys.extend(servers(model, group).map(|server| {
            let (host, port) = host_and_port(&server);
            key(host, port.unwrap_or("80"))
        }));
        keys
    }

    /// `$proxy_host`, which nginx sends as `Host` when nothing else is said.
    pub fn proxy_host(&self) -> String {
        self.proxy_host_and_port().0
    }
}

/// The parts of a server's address; the path of a socket has no port.
fn host_and_port(server: &str) -> (&str, Option<&str>) {
    if server.starts_with("unix:") { (server, None) } else { split_port(server) }
}

/// The addresses of a group's servers: some of them, when there are many.
fn servers(model: &Model<'_>, group: LevelId) -> impl Iterator<Item = String> {
    const MOST: usize = 16;
    let lines = model.configuration.own(group, d::SERVER).iter().take(MOST);
    lines.filter_map(|line| {
        let text = line.directive.argument(0).map(Word::value)?;
        let text = std::str::from_utf8(&text).ok()?.to_owned();
        (!may_stand_in(text.as_bytes())).then_some(text)
    })
}

/// Whether a host is of the machine itself.
pub fn is_local(host: &str) -> bool {
    host.starts_with("unix:")
        || host.eq_ignore_ascii_case("localhost")
        || host.starts_with("127.")
        || host == "[::1]"
}

/// Whether a host is a name that looks like one of the Internet: it has a dot, and ends in
/// letters that are no ending of private networks.
pub fn is_public_name(host: &str) -> bool {
    /// RFC 6761, RFC 6762, RFC 8375, and what people use at home, in companies and in containers.
    const PRIVATE: [&str; 17] = [
        "arpa",
        "cluster",
        "consul",
        "corp",
        "docker",
        "domain",
        "home",
        "internal",
        "intern",
        "intranet",
        "lan",
        "local",
        "localdomain",
        "localhost",
        "private",
        "svc",
        "test",
    ];
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.split('.').all(is_label)
        && host.rsplit_once('.').is_some_and(|(_, ending)| {
            ending.len() > 1
                && ending.bytes().all(|byte| byte.is_ascii_alphabetic())
                && !PRIVATE.contains(&ending)
        })
}

#[cfg(test)]
mod tests {
    use super::is_public_name;

    #[test]
    fn names_of_the_internet_end_in_a_domain() {
        for name in ["example.com", "ws.example.co.uk", "Example.ORG."] {
            assert!(is_public_name(name), "{name}");
        }
        for name in [
            "localhost",
            "backend",
            "10.0.0.1",
            "[::1]",
            "app.internal",
            "app.default.svc.cluster.local",
            "my_app.example.com",
            "unix:/run/app.sock",
            "app.",
        ] {
            assert!(!is_public_name(name), "{name}");
        }
    }
}
