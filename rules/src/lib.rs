//! What does an nginx configuration mean for a WebSocket, and what is wrong with it?

pub mod address;
pub mod check;
pub mod context;
pub mod diagnosis;
pub mod directive_check;
pub mod evaluate;
pub mod finding;
mod groups;
pub mod handshake;
pub mod host_name;
pub mod intent;
pub mod load;
pub mod location;
mod map_fault;
mod parameter;
pub mod resolve;
pub mod rule;
pub mod rules;
pub mod source;
mod suggest;
mod swallowed;
mod template_language;
pub mod trace;
pub mod value;
