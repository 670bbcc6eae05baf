//! Causes that several rules would feel: each has a file that says whose finding it is.

pub mod diagnosis;
pub(crate) mod hard_coded;
pub(crate) mod lost_host;
pub(crate) mod map_fault;
pub(crate) mod mistyped_directive;
pub(crate) mod set_variable;
pub(crate) mod sub_request_leak;
pub mod swallowed;
