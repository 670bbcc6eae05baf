//! What is wrong with an nginx configuration that a WebSocket goes through, and how is it fixed?

pub mod cause;
pub mod check;
pub mod comments;
pub mod context;
pub mod explain;
mod facts;
pub mod finding;
pub mod fix;
mod fix_writing;
mod groups;
mod refusal;
mod rewritten_uri;
pub mod rule;
pub mod rules;
mod suggest;
mod syntax_errors;
