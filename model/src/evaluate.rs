//! What variables and maps become for a given request.
//!
//! Values are three-valued: known, or unknown with the reason. No rule lives here.

mod condition;
mod facts;
mod geo;
mod map;
mod request;
mod split_clients;
mod variable;

pub use condition::{Condition, Truth};
pub(crate) use facts::Facts;
pub use map::{Map, MapEntry, MapKey, Matched};
pub use request::Request;
pub(crate) use request::{OPEN_HEADERS, header_variable};
pub use variable::is_builtin;
pub use variable::{Definition, Variables, place_in_word};
pub use variable::{group_names, levels_in_stream};

pub use crate::damage::mistyped;
use crate::source::Place;
pub use crate::text::pattern::{Captures, Pattern};
pub use crate::text::template::{Part, Parts, parts};

/// What a variable or a text with variables becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// These bytes; empty for a variable that is not there.
    Known(Vec<u8>),
    /// It cannot be told from the configuration alone.
    Unknown(Unknown),
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The reason, as the end of the sentence "it depends on …".
    pub depends_on: String,
    /// What it depends on, when that is in the configuration.
    pub place: Option<Place>,
}

impl Value {
    /// A known value.
    pub fn known(bytes: impl Into<Vec<u8>>) -> Self {
        Value::Known(bytes.into())
    }

    /// An unknown value.
    pub fn unknown(depends_on: impl Into<String>, place: Option<Place>) -> Self {
        Value::Unknown(Unknown { depends_on: depends_on.into(), place })
    }

    /// The bytes, if they are known.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Known(bytes) => Some(bytes),
            Value::Unknown(_) => None,
        }
    }

    /// The value, or that it can't be told where it has become too large.
    pub(crate) fn bounded(self) -> Self {
        match self {
            Value::Known(bytes) if bytes.len() > LARGEST => {
                Value::unknown("a value of more than 64 KiB", None)
            }
            value => value,
        }
    }

    /// The value for a message: lossy text in quotes, or `empty`.
    pub fn shown(&self) -> String {
        match self {
            Value::Known(bytes) if bytes.is_empty() => "empty".to_owned(),
            Value::Known(bytes) => format!("\"{}\"", String::from_utf8_lossy(bytes)),
            Value::Unknown(unknown) => format!("something that depends on {}", unknown.depends_on),
        }
    }
}

/// How long a value may become that is computed, in bytes. `set $a $a$a` doubles one line after
/// line; nginx itself takes no request line or header that is longer than a few of its buffers.
pub(crate) const LARGEST: usize = 64 << 10;

/// A value with the map entries that decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// The value.
    pub value: Value,
    /// The maps that were asked, the one nearest to the use first.
    pub maps: Vec<Matched>,
}

impl Evaluated {
    pub(crate) fn plain(value: Value) -> Self {
        Self { value, maps: Vec::new() }
    }

    /// Adds maps that were asked, each once.
    pub(crate) fn add_maps(maps: &mut Vec<Matched>, more: Vec<Matched>) {
        for matched in more {
            if !maps.contains(&matched) {
                maps.push(matched);
            }
        }
    }
}

impl Captures {
    /// The group with that number, empty when there is none.
    pub fn group(&self, number: u8) -> Value {
        Value::Known(self.groups.get(usize::from(number)).cloned().unwrap_or_default())
    }
}
