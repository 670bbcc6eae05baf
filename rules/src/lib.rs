//! What does an nginx configuration mean for a WebSocket, and what is wrong with it?

pub mod added_directive;
pub mod assumptions;
pub mod cause;
pub mod check;
pub mod comments;
pub mod context;
mod declared;
pub mod directive_check;
pub mod evaluate;
pub mod finding;
pub mod fix;
mod fix_writing;
mod groups;
pub mod handshake;
pub mod load;
pub mod model;
pub mod nginx_text;
pub mod resolve;
mod rewrite;
pub mod rule;
pub mod rules;
pub mod source;
mod suggest;
pub mod trace;
