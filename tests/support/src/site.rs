//! An nginx with its backend, and what both sides see of a request.

use std::sync::atomic::{AtomicU32, Ordering};
use std::{io, process};

use super::backend::{Backend, PROBE_ID, RecordedRequest, Refusal};
use super::client::{self, Browser, Handshake, Outcome, Response};
use super::folder::Folder;
use super::nginx::{Check, Nginx};

/// A running nginx and the backend it proxies to.
#[derive(Debug)]
pub struct Site {
    /// The server under observation. Ends before its backend does.
    pub nginx: Nginx,
    /// The server every address in the configuration was replaced with.
    pub backend: Backend,
}

/// One handshake, seen from both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The status the client got; `None` when nginx closed without a response.
    pub status: Option<u16>,
    /// Whether a WebSocket connection stands between client and backend.
    pub switched: bool,
    /// Why the backend refused, when it did.
    pub reason: Option<Refusal>,
    /// The request that reached the backend, if any did.
    pub upstream: Option<RecordedRequest>,
    /// The answer the client got.
    pub outcome: Option<Outcome>,
}

impl Site {
    /// Starts a backend, and nginx in front of it.
    ///
    /// # Errors
    ///
    /// What nginx says, when it does not accept the configuration.
    ///
    /// # Panics
    ///
    /// When either does not start for another reason.
    pub fn start(folder: &Folder) -> Result<Self, Check> {
        let backend = Backend::start().expect("a free port");
        let nginx = Nginx::start(folder, backend.address())?;
        Ok(Self { nginx, backend })
    }

    /// Sends `handshake` to the first address nginx listens on.
    pub fn handshake(&self, handshake: Handshake) -> Observed {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let id = format!("{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let marker = self.backend.marker();
        let outcome = handshake.header(PROBE_ID, &id).send(self.nginx.address()).ok();
        // The configuration may keep the client's headers from the backend; the
        // latest request is then this one, unless handshakes run side by side.
        let upstream = self.backend.by_probe_id(&id).or_else(|| self.backend.since(marker).pop());
        Observed {
            status: outcome.as_ref().map(|outcome| outcome.status),
            switched: outcome.as_ref().is_some_and(|outcome| outcome.switched),
            reason: upstream.as_ref().and_then(|request| request.refusal),
            upstream,
            outcome,
        }
    }

    /// Sends a plain `GET` to the first address nginx listens on.
    pub fn get(&self, host: &str, uri: &str) -> io::Result<Response> {
        client::get(self.nginx.address(), host, uri, &[])
    }
}

/// Runs `files` and sends one handshake through.
///
/// # Panics
///
/// When nginx does not accept the configuration.
pub fn handshake_through(
    files: impl Into<Folder>,
    host: &str,
    uri: &str,
    browser: Browser,
) -> Observed {
    match Site::start(&files.into()) {
        Ok(site) => site.handshake(Handshake::new(host, uri, browser)),
        Err(check) => panic!("nginx does not accept the configuration: {check:?}"),
    }
}
