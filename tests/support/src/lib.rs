//! A real nginx between a client and a backend that know RFC 6455.
//!
//! ```text
//! client::Handshake ──▶ nginx::Nginx (a folder::Folder) ──▶ backend::Backend
//! ```
//!
//! [`Site`] ties the three together; [`handshake_through`] is the short form
//! for one handshake. Configurations are written as users write them, and
//! `fixture` says what is done to them to run here.
//!
//! Tests that need nginx start with `require_nginx!()`, and those that must hold for every version
//! with `on_every_nginx!(name_of_the_test)`.

#![allow(
    clippy::missing_errors_doc,
    clippy::return_self_not_must_use,
    reason = "errors here end a test, which says what went wrong"
)]

mod address;
pub mod backend;
pub mod client;
pub mod directive;
pub mod files;
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

/// Runs the test that calls it, whose name it takes, once for every nginx; ends it early where
/// there is none. See [`installed::run_on_every`].
#[macro_export]
macro_rules! on_every_nginx {
    ($test:ident) => {
        if $crate::installed::run_on_every($test) {
            return;
        }
    };
}

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
