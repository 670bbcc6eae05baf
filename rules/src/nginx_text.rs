//! What nginx reads out of a text: one file a question that directives of many kinds ask about a
//! word of theirs. Nothing here knows the configuration around it.

pub(crate) mod address;
pub(crate) mod host_name;
pub(crate) mod location;
pub(crate) mod mistaken_time;
pub(crate) mod network;
pub(crate) mod pattern;
pub(crate) mod percent;
pub(crate) mod placeholder;
pub(crate) mod regex_syntax;
pub(crate) mod request_uri;
pub(crate) mod script;
pub(crate) mod template;
pub(crate) mod url;
pub mod value;
pub(crate) mod websocket_url;
