//! What a real nginx does with the handshakes of a configuration.

use std::net::SocketAddr;

use wslint_test_support::backend::REFUSED;
use wslint_test_support::{Backend, Check, Folder, Handshake, Nginx, RecordedRequest, client};

use crate::generator::Route;

/// The `Sec-WebSocket-Key` of every handshake (RFC 6455, section 1.2).
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// A running nginx with a strict backend behind it.
#[derive(Debug)]
pub(crate) struct Running {
    /// The server. Ends before its backend does.
    nginx: Nginx,
    /// What it proxies to.
    backend: Backend,
    /// The ports that it listens on.
    ports: [u16; 2],
    /// Its files, with the ports in them.
    pub(crate) folder: Folder,
}

/// What became of a handshake.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The status that the client got, if it got an answer.
    pub(crate) status: Option<u16>,
    /// Whether a WebSocket stands.
    pub(crate) switched: bool,
    /// Whether the answer is the backend's own.
    pub(crate) answered_by_backend: bool,
    /// The requests that reached the backend.
    pub(crate) upstream: Vec<RecordedRequest>,
}

impl Running {
    /// Starts nginx on a configuration, with a backend that also accepts a handshake without `Host`.
    ///
    /// # Errors
    ///
    /// What nginx says, when it does not accept the configuration.
    pub(crate) fn start(folder: &Folder) -> Result<Self, Check> {
        let backend = Backend::start_taking_no_host().expect("a free port");
        let address = backend.address().port().to_string();
        let make = |[listen, other]: [u16; 2]| {
            folder.map(|text| {
                let text = text.replace("@LISTEN@", &listen.to_string());
                text.replace("@OTHER@", &other.to_string()).replace("@BACKEND@", &address)
            })
        };
        let chosen = std::cell::Cell::new([0; 2]);
        let nginx = Nginx::start_verbatim(|ports| {
            chosen.set(ports);
            make(ports)
        })?;
        let ports = chosen.get();
        Ok(Self { nginx, backend, ports, folder: make(ports) })
    }

    /// Where the main file lies.
    pub(crate) fn main_file(&self) -> std::path::PathBuf {
        self.nginx.main_file(&self.folder)
    }

    /// The port that `@LISTEN@` stands for.
    pub(crate) fn port(&self) -> u16 {
        self.ports[0]
    }

    /// The host with its port, as a client asks for it.
    pub(crate) fn authority(&self, route: &Route) -> String {
        format!("{}:{}", route.host, self.ports[usize::from(route.other_port)])
    }

    /// Sends a handshake.
    pub(crate) fn send(&self, route: &Route) -> Seen {
        let port = self.ports[usize::from(route.other_port)];
        let address = SocketAddr::from((route.address, port));
        let host = self.authority(route);
        if route.primed {
            // Only what a cache keeps of it is of interest.
            let _ = client::get(address, &host, &route.target, &[]);
        }
        let mut handshake = Handshake::new(&host, &route.target, route.browser);
        handshake.key = Some(KEY.to_owned());
        handshake.extra_headers.clone_from(&route.fields);
        let marker = self.backend.marker();
        let outcome = handshake.send(address).ok();
        Seen {
            status: outcome.as_ref().map(|outcome| outcome.status),
            switched: outcome.as_ref().is_some_and(|outcome| outcome.switched),
            answered_by_backend: outcome
                .as_ref()
                .is_some_and(|outcome| outcome.head.values(REFUSED).next().is_some()),
            upstream: self.backend.since(marker),
        }
    }
}
