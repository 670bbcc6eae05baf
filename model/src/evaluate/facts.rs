//! What is known of a request when its variables are asked for.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::variable::is_builtin;
use super::{Evaluated, Request, Value};
use crate::text::pattern::Captures;

/// A request, and what has happened to it so far.
pub(crate) trait Facts {
    /// The value that `set` or a named group gave to a variable on the way.
    fn assigned(&self, name: &str) -> Option<Value>;

    /// A variable of nginx's own, by its name in lower case.
    fn builtin(&self, name: &str) -> Value;

    /// A variable of nginx's own that is a text of the configuration with variables in it: that
    /// text, and what stands behind it.
    fn written(&self, _name: &str) -> Option<(Vec<u8>, Vec<u8>)> {
        None
    }

    /// A variable that is only a named group's, when no such group has matched so far.
    fn uncaptured(&self, name: &str) -> Value {
        self.builtin(name)
    }

    /// `$1` to `$9`.
    fn capture(&self, number: u8) -> Value;

    /// A regular expression of a map matched: what it captured takes the place of what was
    /// captured before (`ngx_http_regex_exec`).
    fn matched(&self, captures: &Captures);

    /// The value that a map's variable had when this request asked for it first
    /// (`ngx_http_get_indexed_variable`).
    fn remembered(&self, name: &str) -> Option<Evaluated>;

    /// Keeps the value of a map's variable for the rest of the request.
    fn remember(&self, name: &str, evaluated: &Evaluated);
}

/// A request of which only the client is known: neither where it is, nor what was `set` before.
pub(super) struct Unplaced<'r> {
    request: &'r Request,
    assigned: RefCell<FxHashMap<String, Value>>,
    captures: RefCell<Option<Captures>>,
    remembered: RefCell<FxHashMap<String, Evaluated>>,
}

impl<'r> Unplaced<'r> {
    pub(super) fn new(request: &'r Request) -> Self {
        Self {
            request,
            assigned: RefCell::default(),
            captures: RefCell::default(),
            remembered: RefCell::default(),
        }
    }
}

impl Facts for Unplaced<'_> {
    fn assigned(&self, name: &str) -> Option<Value> {
        self.assigned.borrow().get(name).cloned()
    }

    fn builtin(&self, name: &str) -> Value {
        if let Some(header) = name.strip_prefix("http_") {
            return self.request.header_variable(header);
        }
        match name {
            "request_method" => Value::known("GET"),
            "server_protocol" => Value::known("HTTP/1.1"),
            _ if is_builtin(name) => Value::unknown(format!("the request's `${name}`"), None),
            _ => Value::unknown(format!("`${name}`, which is defined nowhere in sight"), None),
        }
    }

    fn capture(&self, number: u8) -> Value {
        match &*self.captures.borrow() {
            Some(captures) => captures.group(number),
            None => Value::unknown(format!("what `${number}` captured"), None),
        }
    }

    fn matched(&self, captures: &Captures) {
        for (name, value) in &captures.names {
            self.assigned.borrow_mut().insert(name.clone(), Value::Known(value.clone()));
        }
        *self.captures.borrow_mut() = Some(captures.clone());
    }

    fn remembered(&self, name: &str) -> Option<Evaluated> {
        self.remembered.borrow().get(name).cloned()
    }

    fn remember(&self, name: &str, evaluated: &Evaluated) {
        self.remembered.borrow_mut().insert(name.to_owned(), evaluated.clone());
    }
}
