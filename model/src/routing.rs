//! Which server and which location a request comes to, and where nginx goes on with it by itself.

pub mod find_location;
pub mod onward;
pub mod sample;
pub mod sub_requests;
pub mod subrequest;
pub mod virtual_server;
