//! The variables that nginx and its modules provide.

use super::{Availability, Version};

include!(concat!(env!("OUT_DIR"), "/variables.rs"));

/// Where a variable is known. `http` and `stream` have tables of their own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protocol {
    /// In `http`.
    Http,
    /// In `stream`.
    Stream,
}

/// A variable, or a family of variables whose names begin alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Variable {
    /// The name without the dollar sign; of a family, what its names begin with.
    pub name: &'static str,
    /// Whether this is a family, such as `http_`.
    pub prefix: bool,
    /// Where it is known.
    pub protocol: Protocol,
    /// The module that provides it.
    pub module: &'static str,
    /// Which builds of nginx have it.
    pub availability: Availability,
    /// The first version with it; `None` if 1.0.0 had it already.
    pub since: Option<Version>,
    /// The first version without it.
    pub until: Option<Version>,
    /// Whether a configuration may define it anew, with `set` or `map` for instance.
    pub changeable: bool,
}

/// The built-in variable of this name, or the family that it belongs to. nginx compares names without
/// regard to case; this expects them in lower case.
///
/// Captures (`$1`) are not variables of the table.
#[must_use]
pub fn is_builtin(name: &[u8], protocol: Protocol) -> Option<&'static Variable> {
    let whole = VARIABLES.binary_search_by_key(&(protocol, name), |variable| {
        (variable.protocol, variable.name.as_bytes())
    });
    match whole {
        Ok(index) => Some(&VARIABLES[index]),
        // nginx, too, takes the longest prefix.
        Err(_) => PREFIXES
            .iter()
            .filter(|family| {
                family.protocol == protocol && name.starts_with(family.name.as_bytes())
            })
            .max_by_key(|family| family.name.len()),
    }
}

/// Every variable and family.
pub fn all() -> impl Iterator<Item = &'static Variable> {
    VARIABLES.iter().chain(PREFIXES)
}
