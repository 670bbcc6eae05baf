//! A real nginx between a client and a backend that know RFC 6455.
//!
//! ```text
//! client::Handshake ──▶ nginx::Nginx (a folder::Folder) ──▶ backend::Backend
//! ```
//!
//! [`Site`] ties the three together; [`handshake_through`] is the short form
//! for one handshake. Configurations are written as users write them, and
//! [`fixture`] says what is done to them to run here.
//!
//! Tests that need nginx start with `require_nginx!()`.

#![allow(
    clippy::missing_errors_doc,
    clippy::return_self_not_must_use,
    reason = "errors here end a test, which says what went wrong"
)]

mod address;
pub mod backend;
pub mod client;
pub mod directive;
mod fixture;
pub mod folder;
mod fragment;
pub mod installed;
mod listen;
pub mod message;
pub mod nginx;
pub mod random;
pub mod site;
pub mod websocket;

pub use self::{
    backend::{Backend, RecordedRequest, Refusal},
    client::{Browser, Handshake, Outcome, Response},
    folder::Folder,
    installed::Version,
    nginx::{Check, Nginx, check, check_beside, check_verbatim},
    site::{Observed, Site, handshake_through},
};

/// Ends the test early where nginx is not installed; see
/// [`Nginx::available_or_skip`].
#[macro_export]
macro_rules! require_nginx {
    () => {
        if !$crate::Nginx::available_or_skip() {
            return;
        }
    };
}
