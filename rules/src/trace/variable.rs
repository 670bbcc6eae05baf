//! The variables of a request (src/http/ngx_http_variables.c).

use wslint_grammar::Word;
use wslint_grammar::catalogue::{Version, directive as d};

use super::request::Request;
use super::{files, settings};
use crate::evaluate::{Captures, Evaluated, Facts, Value, is_builtin};
use crate::resolve::Setting;

/// The variable that guides define by a map of `$http_upgrade`.
pub(crate) const USUAL_MAP: &str = "connection_upgrade";

/// From this version on `$http_NAME` has all fields of that name, and not the first alone.
const FIELDS_ARE_JOINED: Version = Version::new(1, 23, 0);

impl Facts for Request<'_> {
    fn assigned(&self, name: &str) -> Option<Value> {
        // `set $args` changes the arguments, and a rewrite may change them again afterwards.
        if matches!(name, "args" | "query_string") { None } else { Request::assigned(self, name) }
    }

    fn builtin(&self, name: &str) -> Value {
        if let Some(field) = name.strip_prefix("http_") {
            return self.header(field);
        }
        if let Some(argument) = name.strip_prefix("arg_") {
            return Value::known(self.argument(argument));
        }
        if let Some(cookie) = name.strip_prefix("cookie_") {
            return Value::known(cookie_value(self.field("Cookie").unwrap_or_default(), cookie));
        }
        let text = |text: &str| Value::known(text.as_bytes());
        let secure = self.question.url.secure;
        match name {
            "uri" | "document_uri" => Value::known(self.path.clone()),
            "args" | "query_string" => Value::known(self.arguments.borrow().clone()),
            "is_args" => text(if self.arguments.borrow().is_empty() { "" } else { "?" }),
            "request_uri" if self.is_malformed => text(""),
            "request_uri" => text(&self.question.url.target),
            "request" => text(&format!("GET {} HTTP/1.1", self.question.url.target)),
            // A sub-request's is that of the client (`ngx_http_variable_request_method`).
            "request_method" => {
                Value::known(self.client_method.as_ref().unwrap_or(&self.method).clone())
            }
            "server_protocol" => text("HTTP/1.1"),
            "host" => text(&self.host()),
            "scheme" => text(if secure { "https" } else { "http" }),
            "https" => text(if secure { "on" } else { "" }),
            "server_port" => text(&self.question.url.port.to_string()),
            "request_port" if self.question.url.has_port => {
                text(&self.question.url.port.to_string())
            }
            "content_length" | "content_type" | "remote_user" | "request_body"
            | "request_body_file" | "request_port" | "http2" | "http3" | "limit_rate" => text(""),
            "remote_addr" | "realip_remote_addr" | "proxy_add_x_forwarded_for" => {
                match (self.address, self.field("X-Forwarded-For")) {
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
                None => text(""),
            },
            "server_name" => Value::known(self.server_name()),
            "invalid_referer" => self.invalid_referer(),
            "nginx_version" => {
                let Version { major, minor, patch, .. } = self.question.nginx_version;
                text(&format!("{major}.{minor}.{patch}"))
            }
            "document_root" => match files::root(self.configuration, self.level) {
                Some(root) => root.folder(),
                None => Value::unknown("the folder of the installation", None),
            },
            "request_filename" => self.file_name(),
            _ if is_builtin(name) => Value::unknown(format!("`${name}`"), None),
            // In a part of a configuration: the map is in another file, and has a well-known form.
            USUAL_MAP if !self.is_whole => {
                text(if self.field("Upgrade").is_some_and(|value| !value.is_empty()) {
                    "upgrade"
                } else {
                    "close"
                })
            }
            _ => Value::unknown(format!("`${name}`, which is defined nowhere in sight"), None),
        }
    }

    fn written(&self, name: &str) -> Option<(Vec<u8>, Vec<u8>)> {
        if !matches!(name, "document_root" | "request_filename") {
            return None;
        }
        let root = files::root(self.configuration, self.level)?;
        let text = root.text().filter(|text| text.contains(&b'$'))?;
        if name == "document_root" {
            return Some((text, Vec::new()));
        }
        if root.alias_of.is_some() && !self.is_in_location {
            return None;
        }
        let rest = root.replaced(self.locations).and_then(|replaced| self.path.get(replaced..));
        Some((text, rest.unwrap_or_default().to_vec()))
    }

    fn uncaptured(&self, _name: &str) -> Value {
        Value::known("")
    }

    fn capture(&self, number: u8) -> Value {
        Request::capture(self, number)
    }

    fn matched(&self, captures: &Captures) {
        Request::matched(self, captures);
    }

    fn remembered(&self, name: &str) -> Option<Evaluated> {
        Request::remembered(self, name)
    }

    fn remember(&self, name: &str, evaluated: &Evaluated) {
        Request::remember(self, name, evaluated);
    }
}

impl Request<'_> {
    /// `$http_NAME`: the field whose name it is, in lower case and with `_` for `-`.
    fn header(&self, name: &str) -> Value {
        let is_meant = |field: &str| {
            field.len() == name.len()
                && field.bytes().zip(name.bytes()).all(|(field, name)| {
                    field.to_ascii_lowercase() == name || field == b'-' && name == b'_'
                })
        };
        let mut found: Vec<&str> = self
            .fields
            .iter()
            .filter(|(field, _)| is_meant(field))
            .map(|(_, value)| value.as_str())
            .collect();
        let always = matches!(name, "cookie" | "x_forwarded_for");
        if !always && self.question.nginx_version < FIELDS_ARE_JOINED {
            found.truncate(1);
        }
        match name {
            _ if !found.is_empty() => Value::known(found.join(", ").into_bytes()),
            "user_agent" | "accept_language" | "accept_encoding" => {
                Value::unknown(format!("the client's `$http_{name}`"), None)
            }
            _ => Value::known(""),
        }
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
            return Value::unknown("the folder of the installation", None);
        };
        if root.alias_of.is_some() && !self.is_in_location {
            return Value::known("");
        }
        let Value::Known(mut name) = root.folder() else { return root.folder() };
        if let Some(replaced) = root.replaced(self.locations) {
            name.extend_from_slice(self.path.get(replaced..).unwrap_or_default());
        }
        Value::Known(name)
    }

    /// `$invalid_referer` (`ngx_http_referer_variable`). A handshake has no `Referer`, unless
    /// somebody says so, and is valid only when `none` is listed.
    fn invalid_referer(&self) -> Value {
        if self.field("Referer").is_some() {
            return Value::unknown("`$invalid_referer`", None);
        }
        let lines = settings::nearest(self.configuration, self.level, &[d::VALID_REFERERS]);
        Value::known(if asks_for_a_referer(&lines) { b"1".as_slice() } else { b"" })
    }

    /// `$arg_NAME`: the first argument of that name, in any case (`ngx_http_arg`).
    fn argument(&self, name: &str) -> Vec<u8> {
        let arguments = self.arguments.borrow();
        let mut pairs = arguments.split(|&byte| byte == b'&');
        let found = pairs.find_map(|pair| {
            let equals = pair.iter().position(|&byte| byte == b'=')?;
            pair[..equals]
                .eq_ignore_ascii_case(name.as_bytes())
                .then(|| pair[equals + 1..].to_vec())
        });
        found.unwrap_or_default()
    }
}

/// Whether the lines of `valid_referers` in effect make a request without `Referer` invalid: they
/// name somebody, and not `none`.
pub(crate) fn asks_for_a_referer(lines: &[Setting<'_>]) -> bool {
    let words = || lines.iter().flat_map(|line| line.directive.arguments()).map(Word::value);
    words().any(|word| !matches!(word.as_ref(), b"none" | b"blocked"))
        && !words().any(|word| word.as_ref() == b"none")
}

fn cookie_value(cookies: &str, name: &str) -> Vec<u8> {
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map_or(Vec::new(), |(_, value)| value.as_bytes().to_vec())
}
