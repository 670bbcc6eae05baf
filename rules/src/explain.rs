//! What a trace has found, in the words of the rules: which findings explain how a handshake ended,
//! and what to change.

mod advice;
mod findings_by_place;

pub use advice::advice;
pub use findings_by_place::{FindingsByPlace, rule_about};
