//! What is wrong with an nginx configuration that a WebSocket goes through, and how is it fixed?

// Files and threads have rooms of their own (clippy.toml).
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod backend_tls;
mod balancing;
pub mod cause;
pub mod check;
mod client_address;
pub mod comments;
pub mod context;
pub mod explain;
mod facts;
pub mod finding;
pub mod fix;
mod fix_writing;
mod groups;
mod handshake_predicate;
mod map_comparison;
mod refusal;
mod rewritten_uri;
pub mod rule;
pub mod rules;
mod suggest;
mod syntax_errors;
mod upstream_zone;
