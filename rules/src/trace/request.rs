//! A request on its way through nginx.

use std::cell::{Cell, RefCell};
use std::mem::replace;
use std::net::IpAddr;

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;

use super::Question;
use super::find_location::Locations;
use super::settings;
use super::uri::{Uri, parse};
use crate::evaluate::{Captures, Evaluated, Value};
use crate::resolve::{Configuration, LevelId};

/// How often a request may be sent to another location (`NGX_HTTP_MAX_URI_CHANGES`).
const MOST_URI_CHANGES: u8 = 10;

/// A request, as far as it has come (`ngx_http_request_t`).
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of nginx's own request")]
pub(crate) struct Request<'q> {
    pub(crate) question: &'q Question,
    pub(crate) configuration: &'q Configuration,
    pub(crate) locations: &'q Locations,
    /// The client's fields: names as sent, values.
    pub(crate) fields: Vec<(String, String)>,
    /// The client's address, if it is known.
    pub(crate) address: Option<IpAddr>,
    /// Whether the configuration is a whole one, not a part of one.
    pub(crate) is_whole: bool,
    /// Whether nginx does not take its target.
    pub(crate) is_malformed: bool,
    /// The server that was chosen.
    pub(crate) server: LevelId,
    /// The level whose settings are in effect: a server, location, `if` or `limit_except`.
    pub(crate) level: LevelId,
    /// The level whose directive answers, once one was met.
    pub(crate) handler: Option<LevelId>,
    pub(crate) method: Vec<u8>,
    pub(crate) path: Vec<u8>,
    pub(crate) arguments: RefCell<Vec<u8>>,
    /// Whether captures are escaped when they become arguments.
    pub(crate) was_quoted: bool,
    /// Whether the request target may still be passed on as it came.
    pub(crate) is_unparsed: Cell<bool>,
    /// Whether the URI still begins with the location's name, for `proxy_pass` to replace.
    pub(crate) is_in_location: bool,
    pub(crate) uri_changed: bool,
    pub(crate) uri_changes_left: u8,
    pub(crate) is_internal: bool,
    /// The client's method, while nginx follows a request that it makes for that one.
    pub(crate) client_method: Option<Vec<u8>>,
    /// Whether `error_page` was followed already.
    pub(crate) had_error_page: bool,
    /// The status that `error_page` laid over whatever answers in the end.
    pub(crate) error_status: Option<u16>,
    /// `$proxy_host` and `$proxy_port`, once a `proxy_pass` was met.
    pub(crate) proxied_to: RefCell<Option<(String, String)>>,
    assigned: RefCell<FxHashMap<String, Value>>,
    captures: RefCell<Captures>,
    remembered: RefCell<FxHashMap<String, Evaluated>>,
}

/// What of a request waits while nginx follows one that it makes for it.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of nginx's own request")]
pub(crate) struct Main {
    level: LevelId,
    handler: Option<LevelId>,
    client_method: Option<Vec<u8>>,
    method: Vec<u8>,
    path: Vec<u8>,
    arguments: Vec<u8>,
    was_quoted: bool,
    is_unparsed: bool,
    is_in_location: bool,
    uri_changed: bool,
    uri_changes_left: u8,
    is_internal: bool,
    had_error_page: bool,
    error_status: Option<u16>,
    proxied_to: Option<(String, String)>,
    captures: Captures,
}

impl<'q> Request<'q> {
    /// The request that a client sends, at a server.
    pub(crate) fn new(
        question: &'q Question,
        (configuration, locations): (&'q Configuration, &'q Locations),
        server: LevelId,
        merges_slashes: bool,
    ) -> Self {
        let uri = parse(question.url.target.as_bytes(), merges_slashes);
        let is_malformed = uri.is_none();
        let Uri { path, arguments, was_quoted } = uri.unwrap_or_default();
        // nginx reads no further than a target that it does not take.
        let fields = if is_malformed { Vec::new() } else { fields(question) };
        Self {
            question,
            configuration,
            locations,
            fields: fields
                .into_iter()
                .filter(|(name, _)| is_taken(configuration, server, name))
                .collect(),
            address: question.address,
            is_whole: true,
            is_malformed,
            server,
            level: server,
            handler: None,
            method: b"GET".to_vec(),
            path,
            arguments: RefCell::new(arguments),
            was_quoted,
            is_unparsed: Cell::new(true),
            is_in_location: true,
            uri_changed: false,
            uri_changes_left: MOST_URI_CHANGES + 1,
            is_internal: false,
            client_method: None,
            had_error_page: false,
            error_status: None,
            proxied_to: RefCell::default(),
            assigned: RefCell::default(),
            captures: RefCell::default(),
            remembered: RefCell::default(),
        }
    }

    /// Whether nginx makes the request for another one.
    pub(crate) fn is_subrequest(&self) -> bool {
        self.client_method.is_some()
    }

    /// Begins a request for this one (`ngx_http_subrequest`): it shares fields and variables, and
    /// has a URI and captures of its own.
    pub(crate) fn begin_subrequest(
        &mut self,
        path: Vec<u8>,
        arguments: Vec<u8>,
        method: Vec<u8>,
    ) -> Main {
        Main {
            level: replace(&mut self.level, self.server),
            handler: self.handler.take(),
            client_method: self.client_method.replace(self.method.clone()),
            method: replace(&mut self.method, method),
            path: replace(&mut self.path, path),
            arguments: self.arguments.replace(arguments),
            was_quoted: replace(&mut self.was_quoted, false),
            is_unparsed: self.is_unparsed.replace(false),
            is_in_location: replace(&mut self.is_in_location, true),
            uri_changed: replace(&mut self.uri_changed, false),
            uri_changes_left: replace(&mut self.uri_changes_left, MOST_URI_CHANGES + 1),
            is_internal: replace(&mut self.is_internal, true),
            had_error_page: replace(&mut self.had_error_page, false),
            error_status: self.error_status.take(),
            proxied_to: self.proxied_to.take(),
            captures: self.captures.take(),
        }
    }

    /// Goes on with the request that another one was made for.
    pub(crate) fn end_subrequest(&mut self, main: Main) {
        self.level = main.level;
        self.handler = main.handler;
        self.client_method = main.client_method;
        self.method = main.method;
        self.path = main.path;
        self.arguments.replace(main.arguments);
        self.was_quoted = main.was_quoted;
        self.is_unparsed.set(main.is_unparsed);
        self.is_in_location = main.is_in_location;
        self.uri_changed = main.uri_changed;
        self.uri_changes_left = main.uri_changes_left;
        self.is_internal = main.is_internal;
        self.had_error_page = main.had_error_page;
        self.error_status = main.error_status;
        self.proxied_to.replace(main.proxied_to);
        self.captures.replace(main.captures);
    }

    /// The client's field, by its name in any case.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The host that the client asks for, in lower case and without the port.
    pub(crate) fn host(&self) -> String {
        let server_name = || String::from_utf8_lossy(&self.server_name()).into_owned();
        let host = self.field("Host").map_or_else(server_name, str::to_owned);
        let end = match host.rfind(']') {
            Some(close) => close + 1,
            None => host.find(':').unwrap_or(host.len()),
        };
        host[..end].trim_end_matches('.').to_ascii_lowercase()
    }

    /// What `set` or a named group gave.
    pub(crate) fn assigned(&self, name: &str) -> Option<Value> {
        self.assigned.borrow().get(name).cloned()
    }

    /// Gives a variable a value, as `set` does; `$args` becomes the request's own arguments.
    pub(crate) fn assign(&self, name: &str, value: Value) {
        if let ("args", Value::Known(value)) = (name, &value) {
            self.arguments.borrow_mut().clone_from(value);
            self.is_unparsed.set(false);
        }
        self.assigned.borrow_mut().insert(name.to_owned(), value);
    }

    /// Keeps what a regular expression captured; its named groups become variables.
    pub(crate) fn matched(&self, captures: &Captures) {
        for (name, value) in &captures.names {
            self.assign(name, Value::Known(value.clone()));
        }
        *self.captures.borrow_mut() = captures.clone();
    }

    /// Forgets captures: a regular expression did not match.
    pub(crate) fn clear_captures(&self) {
        *self.captures.borrow_mut() = Captures::default();
    }

    /// `$1` to `$9`.
    pub(crate) fn capture(&self, number: u8) -> Value {
        self.captures.borrow().group(number)
    }

    pub(crate) fn remembered(&self, name: &str) -> Option<Evaluated> {
        self.remembered.borrow().get(name).cloned()
    }

    pub(crate) fn remember(&self, name: &str, evaluated: &Evaluated) {
        self.remembered.borrow_mut().insert(name.to_owned(), evaluated.clone());
    }
}

/// Whether nginx takes a field's name (`ngx_http_parse_header_line`); it drops others.
fn is_taken(configuration: &Configuration, server: LevelId, name: &str) -> bool {
    let flag = |id, default| settings::flag(configuration, server, id, default);
    let is_valid = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || byte == b'-'
            || byte == b'_' && flag(d::UNDERSCORES_IN_HEADERS, false)
    };
    name.bytes().all(is_valid) || !flag(d::IGNORE_INVALID_HEADERS, true)
}

/// What a browser sends, as far as RFC 6455 asks for it, with the fields that were given.
fn fields(question: &Question) -> Vec<(String, String)> {
    let scheme = if question.url.secure { "https" } else { "http" };
    let mut fields: Vec<(String, String)> = [
        ("Host", question.url.authority()),
        ("Upgrade", "websocket".to_owned()),
        ("Connection", question.client.connection().to_owned()),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==".to_owned()),
        ("Sec-WebSocket-Version", "13".to_owned()),
        ("Origin", format!("{scheme}://{}", question.url.authority())),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let is_given =
        |name: &str| question.fields.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    fields.retain(|(name, _)| !is_given(name));
    fields.extend_from_slice(&question.fields);
    fields
}
