//! The variables of a request (src/http/ngx_http_variables.c).

use wslint_grammar::Word;
use wslint_grammar::catalogue::{Version, directive as d};

use super::document_root as files;
use super::request::Request;
use crate::evaluate::{Value, is_builtin};
use crate::resolve::{Setting, settings};

/// The variable that guides define by a map of `$http_upgrade`.
pub const USUAL_MAP: &str = "connection_upgrade";

impl Request<'_> {
    /// A variable of nginx's own, by its name in lower case.
    pub(super) fn builtin_value(&self, name: &str) -> Value {
        if let Some(header) = name.strip_prefix("http_") {
            return self.header_variable(header);
        }
        let unknown = || Value::unknown(format!("the request's `${name}`"), None);
        let bytes = |known: Option<Vec<u8>>| known.map_or_else(unknown, Value::Known);
        let text = |text: &str| Value::known(text.as_bytes());
        if let Some(argument) = name.strip_prefix("arg_") {
            return bytes(self.argument(argument));
        }
        if let Some(cookie) = name.strip_prefix("cookie_") {
            return match self.header("Cookie") {
                None if !self.client.is_closed => unknown(),
                cookies => Value::known(cookie_value(cookies.unwrap_or_default(), cookie)),
            };
        }
        let url = self.client.url.as_ref();
        let of_url = |read: &dyn Fn(&crate::text::websocket_url::Url) -> String| {
            url.map_or_else(unknown, |url| Value::known(read(url).into_bytes()))
        };
        match name {
            "uri" | "document_uri" => bytes(self.path.clone()),
            "args" | "query_string" => bytes(self.arguments.borrow().clone()),
            "is_args" => match &*self.arguments.borrow() {
                Some(arguments) => text(if arguments.is_empty() { "" } else { "?" }),
                None => unknown(),
            },
            "request_uri" if self.is_malformed => text(""),
            "request_uri" => bytes(self.client.target.clone().map(String::into_bytes)),
            "request" => of_url(&|url| format!("GET {} HTTP/1.1", url.target)),
            // A subrequest's is that of the client (`ngx_http_variable_request_method`).
            "request_method" => {
                Value::known(self.client_method.as_ref().unwrap_or(&self.method).clone())
            }
            "server_protocol" => text("HTTP/1.1"),
            "host" => bytes(self.host().map(String::into_bytes)),
            "scheme" => of_url(&|url| if url.secure { "https" } else { "http" }.to_owned()),
            "https" => of_url(&|url| if url.secure { "on" } else { "" }.to_owned()),
            "server_port" => of_url(&|url| url.port.to_string()),
            "request_port" => {
                of_url(&|url| if url.has_port { url.port.to_string() } else { String::new() })
            }
            "content_length" | "content_type" | "remote_user" | "request_body"
            | "request_body_file" | "http2" | "http3" | "limit_rate"
                if self.client.is_closed =>
            {
                text("")
            }
            "remote_addr" | "realip_remote_addr" | "proxy_add_x_forwarded_for" => {
                match (self.client.address, self.header("X-Forwarded-For")) {
                    (Some(address), Some(earlier)) if name == "proxy_add_x_forwarded_for" => {
                        text(&format!("{earlier}, {address}"))
                    }
                    (Some(address), _) => text(&address.to_string()),
                    (None, _) => Value::unknown("the client's address", None),
                }
            }
            "proxy_host" | "proxy_port" => match &*self.proxied_to.borrow() {
                Some((host, _)) if name == "proxy_host" => text(host),
                Some((_, port)) => text(port),
                None if self.client.is_closed => text(""),
                None => unknown(),
            },
            "server_name" if self.configuration.level(self.server).implied => unknown(),
            "server_name" => Value::known(self.server_name()),
            "invalid_referer" => self.invalid_referer(),
            "nginx_version" => match self.client.nginx_version {
                Some(Version { major, minor, patch, .. }) => {
                    text(&format!("{major}.{minor}.{patch}"))
                }
                None => unknown(),
            },
            "document_root" => match files::root(self.configuration, self.level) {
                Some(root) => root.directory(),
                None => Value::unknown("the directory of the installation", None),
            },
            "request_filename" => self.file_name(),
            _ if is_builtin(name) && self.client.is_closed => {
                Value::unknown(format!("`${name}`"), None)
            }
            _ if is_builtin(name) => unknown(),
            // In a part of a configuration: the map is in another file, and has a well-known form.
            USUAL_MAP if !self.is_whole && self.client.is_closed => {
                text(if self.header("Upgrade").is_some_and(|value| !value.is_empty()) {
                    "upgrade"
                } else {
                    "close"
                })
            }
            _ => Value::unknown(format!("`${name}`, which is defined nowhere in sight"), None),
        }
    }

    /// A variable of nginx's own that is a text of the configuration with variables in it: that
    /// text, and what follows it.
    pub(super) fn written_value(&self, name: &str) -> Option<(Vec<u8>, Vec<u8>)> {
        if !matches!(name, "document_root" | "request_filename") {
            return None;
        }
        let root = files::root(self.configuration, self.level)?;
        let text = root.text().filter(|text| text.contains(&b'$'))?;
        if name == "document_root" {
            return Some((text, Vec::new()));
        }
        let path = self.path.as_ref()?;
        if root.alias_of.is_some() && !self.is_in_location {
            return None;
        }
        let rest = root.replaced(self.configuration).and_then(|replaced| path.get(replaced..));
        Some((text, rest.unwrap_or_default().to_vec()))
    }

    /// `$http_NAME`: the header of that name, in lower case and with `_` for `-`.
    fn header_variable(&self, name: &str) -> Value {
        if self.is_malformed {
            return Value::known("");
        }
        self.client.header_variable(name, |header| self.takes(header))
    }

    /// `$server_name`: the first name, without the dot at its start
    /// (`ngx_http_core_merge_srv_conf`).
    pub(crate) fn server_name(&self) -> Vec<u8> {
        let names = self.configuration.own(self.server, d::SERVER_NAME).iter().next();
        let Some(first) = names.and_then(|names| names.directive.argument(0)) else {
            return Vec::new();
        };
        let name = first.value();
        match name.strip_prefix(b".") {
            Some(name) => name.to_ascii_lowercase(),
            None if name.starts_with(b"~") => name.into_owned(),
            None => name.to_ascii_lowercase(),
        }
    }

    /// `$request_filename`
    fn file_name(&self) -> Value {
        let Some(root) = files::root(self.configuration, self.level) else {
            return Value::unknown("the directory of the installation", None);
        };
        if root.alias_of.is_some() && !self.is_in_location {
            return Value::known("");
        }
        let directory = root.directory();
        let (Value::Known(mut name), Some(path)) = (directory.clone(), &self.path) else {
            return match directory {
                Value::Known(_) => Value::unknown("the request's `$request_filename`", None),
                unknown @ Value::Unknown(_) => unknown,
            };
        };
        if let Some(replaced) = root.replaced(self.configuration) {
            name.extend_from_slice(path.get(replaced..).unwrap_or_default());
        }
        Value::Known(name)
    }

    /// `$invalid_referer` (`ngx_http_referer_variable`). A handshake has no `Referer`, unless
    /// somebody says so, and is valid only when `none` is listed.
    fn invalid_referer(&self) -> Value {
        if self.header("Referer").is_some() || !self.client.is_closed {
            return Value::unknown("`$invalid_referer`", None);
        }
        let lines = settings::nearest(self.configuration, self.level, &[d::VALID_REFERERS]);
        Value::known(if asks_for_a_referer(&lines) { b"1".as_slice() } else { b"" })
    }

    /// `$arg_NAME`: the first argument of that name, in any case (`ngx_http_arg`); `None` for any.
    fn argument(&self, name: &str) -> Option<Vec<u8>> {
        let arguments = self.arguments.borrow();
        let arguments = arguments.as_deref()?;
        let mut pairs = arguments.split(|&byte| byte == b'&');
        let found = pairs.find_map(|pair| {
            let equals = pair.iter().position(|&byte| byte == b'=')?;
            pair[..equals]
                .eq_ignore_ascii_case(name.as_bytes())
                .then(|| pair[equals + 1..].to_vec())
        });
        Some(found.unwrap_or_default())
    }
}

/// Whether the lines of `valid_referers` in effect make a request without `Referer` invalid: they
/// name somebody, and not `none`.
pub fn asks_for_a_referer(lines: &[Setting<'_>]) -> bool {
    let words = || lines.iter().flat_map(|line| line.directive.arguments()).map(Word::value);
    words().any(|word| !matches!(word.as_ref(), b"none" | b"blocked"))
        && !words().any(|word| word.as_ref() == b"none")
}

fn cookie_value(cookies: &str, name: &str) -> Vec<u8> {
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map_or(Vec::new(), |(_, value)| value.as_bytes().to_vec())
}
