//! What nginx reads out of a text: one file a question that directives of many kinds ask about a
//! word of theirs. Nothing here knows the configuration around it.

pub mod address;
mod compiled_regex;
pub mod glob;
pub(crate) mod host_name;
pub mod location;
pub mod mistaken_time;
pub mod network;
pub mod pattern;
pub mod percent;
pub mod placeholder;
pub(crate) mod regex_syntax;
pub mod request_uri;
pub mod script;
pub mod template;
pub mod url;
pub mod value;
pub mod websocket_url;
