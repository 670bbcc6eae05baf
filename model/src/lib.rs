//! What does nginx make of a configuration?
//!
//! Facts alone: what is right or wrong about them, and how it is said, is for others.

// Files and threads have rooms of their own (clippy.toml).
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod added_directive;
pub mod assumptions;
pub mod damage;
pub mod declarations;
pub mod evaluate;
pub mod given;
pub mod handshake;
pub mod intent;
pub mod load;
pub mod model;
pub mod parallel;
pub mod prose;
pub mod resolve;
pub mod rewrite;
pub mod routing;
pub mod source;
pub mod text;
pub mod validate;
pub mod versions;
