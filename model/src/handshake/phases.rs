//! What nginx does with one request, phase by phase.

pub(super) mod access;
mod answer;
pub(crate) mod cache;
pub(super) mod content;
pub(super) mod follow;
pub mod proxy;
mod sent_headers;
pub mod subrequest;
mod try_files;
pub mod upstream;
