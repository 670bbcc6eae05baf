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
    dead_code,
    unused_imports,
    unused_macros,
    reason = "every integration test uses a part of it"
)]

pub(crate) mod address;
pub(crate) mod backend;
pub(crate) mod client;
pub(crate) mod directive;
pub(crate) mod fixture;
pub(crate) mod folder;
pub(crate) mod fragment;
pub(crate) mod installed;
pub(crate) mod listen;
pub(crate) mod message;
pub(crate) mod nginx;
pub(crate) mod site;
pub(crate) mod websocket;

pub(crate) use self::{
    backend::{Backend, RecordedRequest, Refusal},
    client::{Browser, Handshake, Outcome, Response},
    folder::Folder,
    installed::Version,
    nginx::{Check, Nginx, check, check_beside, check_verbatim},
    site::{Observed, Site, handshake_through},
};

/// Ends the test early where nginx is not installed; see
/// [`Nginx::available_or_skip`].
macro_rules! require_nginx {
    () => {
        if !$crate::support::Nginx::available_or_skip() {
            return;
        }
    };
}

pub(crate) use require_nginx;
