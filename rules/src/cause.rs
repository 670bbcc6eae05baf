//! Causes that several rules would feel: each has a file that says whose finding it is.

pub mod diagnosis;
pub(crate) mod hard_coded;
pub(crate) mod lost_host;
pub(crate) mod map_fault;
pub(crate) mod misplaced;
pub(crate) mod mistyped_directive;
pub(crate) mod refused_value;
pub(crate) mod set_variable;
pub(crate) mod stripped_path;
pub(crate) mod sub_request_leak;
pub mod swallowed;
pub(crate) mod upstream_line;
pub(crate) mod upstream_name;
