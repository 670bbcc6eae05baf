//! A request on its way through nginx (`ngx_http_request_t`).

use std::cell::{Cell, RefCell};
use std::mem::replace;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;

use super::client::ClientRequest;
use crate::evaluate::{Evaluated, Facts, Value, group_names};
use crate::resolve::{Configuration, LevelId, settings};
use crate::source::Place;
use crate::text::pattern::Captures;
use crate::text::request_uri::{Uri, parse};

/// How often a request may be sent to another location (`NGX_HTTP_MAX_URI_CHANGES`).
const MOST_URI_CHANGES: u8 = 10;

/// A request, as far as it has come.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of nginx's own request")]
pub(crate) struct Request<'c> {
    pub(crate) configuration: &'c Configuration,
    /// What the client sent.
    pub(crate) client: Arc<ClientRequest>,
    /// Whether the configuration is a whole one, not a part of one.
    pub(crate) is_whole: bool,
    /// Whether nginx rejects its target.
    pub(crate) is_malformed: bool,
    /// The server that was chosen.
    pub(crate) server: LevelId,
    /// The level whose settings are in effect: a server, location, `if` or `limit_except`.
    pub(crate) level: LevelId,
    /// The level whose directive answers, once one was met.
    pub(crate) handler: Option<LevelId>,
    pub(crate) method: Vec<u8>,
    /// The path; `None` for any.
    pub(crate) path: Option<Vec<u8>>,
    /// The query arguments; `None` for any.
    pub(crate) arguments: RefCell<Option<Vec<u8>>>,
    /// Whether captures are escaped when they become arguments.
    pub(crate) was_quoted: bool,
    /// Whether captures are escaped in `set` and `if`: until a `rewrite` was taken (`quote` in
    /// `ngx_http_script_engine_t`).
    ///
    /// Before 1.31.1 they are also escaped after a rewrite with arguments, in too small a buffer,
    /// unless a distribution patched that.
    pub(crate) escapes_captures: bool,
    /// Whether the request target may still be sent as it came.
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
    /// The status that `error_page` sets for whatever answers in the end.
    pub(crate) error_status: Option<u16>,
    /// The `error_page` that set it.
    pub(crate) error_page: Option<Place>,
    /// `$proxy_host` and `$proxy_port`, once a `proxy_pass` was met.
    pub(crate) proxied_to: RefCell<Option<(String, String)>>,
    assigned: RefCell<FxHashMap<String, Value>>,
    /// What the last regular expression captured; `None` when that is unknown.
    captures: RefCell<Option<Captures>>,
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
    path: Option<Vec<u8>>,
    arguments: Option<Vec<u8>>,
    was_quoted: bool,
    is_unparsed: bool,
    is_in_location: bool,
    uri_changed: bool,
    uri_changes_left: u8,
    is_internal: bool,
    had_error_page: bool,
    error_status: Option<u16>,
    proxied_to: Option<(String, String)>,
    captures: Option<Captures>,
}

impl<'c> Request<'c> {
    /// The request of a client at a server.
    pub(crate) fn new(
        client: Arc<ClientRequest>,
        configuration: &'c Configuration,
        server: LevelId,
    ) -> Self {
        let is_known = client.target.is_some();
        Self {
            configuration,
            client,
            is_whole: configuration.is_whole(),
            is_malformed: false,
            server,
            level: server,
            handler: None,
            method: b"GET".to_vec(),
            path: None,
            arguments: RefCell::default(),
            was_quoted: false,
            escapes_captures: true,
            is_unparsed: Cell::new(true),
            is_in_location: true,
            uri_changed: false,
            uri_changes_left: MOST_URI_CHANGES + 1,
            is_internal: false,
            client_method: None,
            had_error_page: false,
            error_status: None,
            error_page: None,
            proxied_to: RefCell::default(),
            assigned: RefCell::default(),
            captures: RefCell::new(is_known.then(Captures::default)),
            remembered: RefCell::default(),
        }
    }

    /// Reads the request target, if it is known.
    pub(crate) fn read_target(&mut self, merges_slashes: bool) {
        let Some(target) = &self.client.target else { return };
        let uri = parse(target.as_bytes(), merges_slashes);
        self.is_malformed = uri.is_none();
        let Uri { path, arguments, was_quoted } = uri.unwrap_or_default();
        self.path = Some(path);
        *self.arguments.get_mut() =
            (self.client.is_closed || !arguments.is_empty()).then_some(arguments);
        self.was_quoted = was_quoted;
    }

    /// Whether nginx makes the request for another one.
    pub(crate) fn is_subrequest(&self) -> bool {
        self.client_method.is_some()
    }

    /// The path; empty where it is unknown. What follows the rewrites of a location runs with known
    /// paths only.
    pub(crate) fn known_path(&self) -> &[u8] {
        self.path.as_deref().unwrap_or_default()
    }

    /// Begins a request for this one (`ngx_http_subrequest`): it shares headers and variables, and
    /// has a URI and captures of its own.
    pub(crate) fn begin_subrequest(
        &mut self,
        path: Vec<u8>,
        arguments: Option<Vec<u8>>,
        method: Vec<u8>,
    ) -> Main {
        Main {
            level: replace(&mut self.level, self.server),
            handler: self.handler.take(),
            client_method: self.client_method.replace(self.method.clone()),
            method: replace(&mut self.method, method),
            path: self.path.replace(path),
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
            captures: self.captures.replace(Some(Captures::default())),
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

    /// The headers that nginx takes from the client: names as sent, values.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        // nginx reads no further than a target that it rejects.
        let all = self.client.headers.iter().filter(|_| !self.is_malformed);
        all.map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| self.takes(name))
    }

    /// Whether nginx takes a header of that name from the client.
    pub(super) fn takes(&self, name: &str) -> bool {
        is_taken(self.configuration, self.server, name)
    }

    /// The client's header, by its name in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }

    /// The host that the client asks for, in lower case and without the port; `None` for any.
    pub(crate) fn host(&self) -> Option<String> {
        let host = match self.header("Host") {
            Some(host) => host.to_owned(),
            None if self.client.url.is_none() => return None,
            None => String::from_utf8_lossy(&self.server_name()).into_owned(),
        };
        let end = match host.rfind(']') {
            Some(close) => close + 1,
            None => host.find(':').unwrap_or(host.len()),
        };
        Some(host[..end].trim_end_matches('.').to_ascii_lowercase())
    }

    /// What `set` or a named group assigned.
    pub(super) fn assigned_value(&self, name: &str) -> Option<Value> {
        self.assigned.borrow().get(name).cloned()
    }

    /// Assigns a value to a variable, as `set` does; `$args` becomes the request's own arguments.
    pub(crate) fn assign(&self, name: &str, value: Value) {
        if name == "args" {
            self.is_unparsed.set(false);
            *self.arguments.borrow_mut() = match &value {
                Value::Known(value) => Some(value.clone()),
                Value::Unknown(_) => None,
            };
        }
        self.assigned.borrow_mut().insert(name.to_owned(), value);
    }

    /// Keeps what a regular expression captured; its named groups become variables.
    pub(crate) fn set_captures(&self, captures: &Captures) {
        for (name, value) in &captures.names {
            self.assign(name, Value::Known(value.clone()));
        }
        *self.captures.borrow_mut() = Some(captures.clone());
    }

    /// A regular expression matched, of which it is unknown what it captured.
    pub(crate) fn forget_captures(&self, pattern: &str, why: &crate::evaluate::Unknown) {
        for name in group_names(pattern.as_bytes()) {
            self.assign(&name.to_ascii_lowercase(), Value::Unknown(why.clone()));
        }
        *self.captures.borrow_mut() = None;
    }

    /// Clears captures: a regular expression did not match.
    pub(crate) fn clear_captures(&self) {
        *self.captures.borrow_mut() = Some(Captures::default());
    }

    /// `$1` to `$9`.
    pub(crate) fn capture_value(&self, number: u8) -> Value {
        match &*self.captures.borrow() {
            Some(captures) => captures.group(number),
            None => Value::unknown(format!("what `${number}` captured"), None),
        }
    }

    pub(super) fn remembered_value(&self, name: &str) -> Option<Evaluated> {
        self.remembered.borrow().get(name).cloned()
    }

    pub(super) fn remember_value(&self, name: &str, evaluated: &Evaluated) {
        self.remembered.borrow_mut().insert(name.to_owned(), evaluated.clone());
    }

    /// Whether two requests that have come to the same place go on alike.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        (self.level, self.handler, self.error_status, self.uri_changed, self.is_in_location)
            == (
                other.level,
                other.handler,
                other.error_status,
                other.uri_changed,
                other.is_in_location,
            )
            && (self.is_internal, self.was_quoted, self.is_unparsed.get())
                == (other.is_internal, other.was_quoted, other.is_unparsed.get())
            && self.method == other.method
            && self.path == other.path
            && self.arguments == other.arguments
            && self.captures == other.captures
            && self.assigned == other.assigned
            && self.remembered == other.remembered
    }

    /// Makes of two requests one of which only that is known in which both agree.
    pub(crate) fn join(&mut self, other: &Self) {
        let differs = || Value::unknown("the way that the request takes", None);
        if self.path != other.path {
            self.path = None;
        }
        if self.arguments != other.arguments {
            *self.arguments.get_mut() = None;
        }
        if self.captures != other.captures {
            *self.captures.get_mut() = None;
        }
        let other_assigned = other.assigned.borrow();
        let assigned = self.assigned.get_mut();
        for (name, value) in assigned.iter_mut() {
            match other_assigned.get(name) {
                Some(same) if same == value => {}
                Some(Value::Unknown(why)) => *value = Value::Unknown(why.clone()),
                _ if matches!(value, Value::Unknown(_)) => {}
                _ => *value = differs(),
            }
        }
        for name in other_assigned.keys() {
            assigned.entry(name.clone()).or_insert_with(differs);
        }
        let other_remembered = other.remembered.borrow();
        let remembered = self.remembered.get_mut();
        for (name, known) in remembered.iter_mut() {
            if other_remembered.get(name) != Some(known) {
                *known = Evaluated::plain(differs());
            }
        }
        for name in other_remembered.keys() {
            remembered.entry(name.clone()).or_insert_with(|| Evaluated::plain(differs()));
        }
        self.is_unparsed.set(self.is_unparsed.get() && other.is_unparsed.get());
        self.is_in_location &= other.is_in_location;
        self.is_internal |= other.is_internal;
    }
}

/// Whether nginx takes a header of that name (`ngx_http_parse_header_line`); it drops others.
fn is_taken(configuration: &Configuration, server: LevelId, name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if name.bytes().all(is_plain) {
        return true;
    }
    let flag = |id, default| settings::flag(configuration, server, id, default);
    let is_valid =
        |byte: u8| is_plain(byte) || byte == b'_' && flag(d::UNDERSCORES_IN_HEADERS, false);
    name.bytes().all(is_valid) || !flag(d::IGNORE_INVALID_HEADERS, true)
}

impl Facts for Request<'_> {
    fn assigned(&self, name: &str) -> Option<Value> {
        // `set $args` changes the arguments, and a rewrite may change them again afterwards.
        if matches!(name, "args" | "query_string") { None } else { self.assigned_value(name) }
    }

    fn builtin(&self, name: &str) -> Value {
        self.builtin_value(name)
    }

    fn written(&self, name: &str) -> Option<(Vec<u8>, Vec<u8>)> {
        self.written_value(name)
    }

    fn uncaptured(&self, name: &str) -> Value {
        match self.client.target {
            Some(_) => Value::known(""),
            None => Value::unknown(format!("what `${name}` captured"), None),
        }
    }

    fn capture(&self, number: u8) -> Value {
        self.capture_value(number)
    }

    fn matched(&self, captures: &Captures) {
        self.set_captures(captures);
    }

    fn remembered(&self, name: &str) -> Option<Evaluated> {
        self.remembered_value(name)
    }

    fn remember(&self, name: &str, evaluated: &Evaluated) {
        self.remember_value(name, evaluated);
    }
}
