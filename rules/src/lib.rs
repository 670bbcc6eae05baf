//! What does an nginx configuration mean for a WebSocket, and what is wrong with it?

pub mod context;
pub mod evaluate;
pub mod finding;
pub mod load;
pub mod resolve;
pub mod rule;
pub mod source;
