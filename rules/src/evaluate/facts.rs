//! What is known of a request when its variables are asked for.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::regex::Captures;
use super::variable::{Environment, is_builtin};
use super::{Evaluated, Request, Value};
use crate::source::Place;

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
    fn remembered(&self, _name: &str) -> Option<Evaluated> {
        None
    }

    /// Keeps the value of a map's variable for the rest of the request.
    fn remember(&self, _name: &str, _evaluated: &Evaluated) {}
}

/// A request that has arrived somewhere, by a way of which only the variables are known.
pub(super) struct Still<'r> {
    request: &'r Request,
    /// What may have been set on the way, with the places.
    before: Option<&'r FxHashMap<String, Place>>,
    environment: RefCell<Environment>,
    captures: RefCell<Option<Captures>>,
}

impl<'r> Still<'r> {
    pub(super) fn new(request: &'r Request, environment: Environment) -> Self {
        let environment = RefCell::new(environment);
        Self { request, before: None, environment, captures: RefCell::default() }
    }

    /// The same after locations that may have set these variables.
    pub(super) fn after(self, before: Option<&'r FxHashMap<String, Place>>) -> Self {
        Self { before, ..self }
    }

    /// What was set, to be kept.
    pub(super) fn into_environment(self) -> Environment {
        self.environment.into_inner()
    }

    pub(super) fn assign(&self, name: String, value: Value) {
        self.environment.borrow_mut().insert(name, value);
    }
}

impl Facts for Still<'_> {
    fn assigned(&self, name: &str) -> Option<Value> {
        let known = self.environment.borrow().get(name).cloned();
        known.or_else(|| {
            let place = self.before?.get(name)?;
            Some(Value::unknown("the location that leads here", Some(*place)))
        })
    }

    fn builtin(&self, name: &str) -> Value {
        if let Some(field) = name.strip_prefix("http_") {
            return match self.request.field(field) {
                Some(value) => Value::known(value),
                None => Value::unknown(format!("the client's `${name}`"), None),
            };
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
            self.assign(name.clone(), Value::Known(value.clone()));
        }
        *self.captures.borrow_mut() = Some(captures.clone());
    }
}
