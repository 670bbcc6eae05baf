//! Causes that several rules would feel: each has a file that says whose finding it is.

pub(crate) mod map_fault;
pub(crate) mod mistyped_directive;
pub mod swallowed;
pub mod template_language;
pub mod text_damage;
