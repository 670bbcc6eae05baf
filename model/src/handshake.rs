//! Follows one WebSocket handshake through a configuration, as nginx would.
//!
//! The phases are nginx's own (`ngx_http_core_run_phases`): the server, its rewrites, the
//! location, its rewrites, access, `try_files`, and what answers. Where the configuration alone
//! does not say how it goes on, both ways are followed: what leads to the same end is no matter.

pub mod arrivals;
pub mod backend;
pub mod backends;
pub mod cache;
pub mod evidence;
pub mod guards;
pub mod phases;
pub mod proxied_request;
mod reason;
mod routes;
pub mod signs;
pub(crate) mod strict_backend;
pub mod traffic;
mod versions;

use std::net::IpAddr;

use wslint_grammar::catalogue::{Version, directive};

use crate::model::Model;
use crate::resolve::{LevelId, LevelKind};
use crate::rewrite::USUAL_MAP;
use crate::rewrite::client::ClientRequest;
use crate::routing::{find_location, virtual_server};
use crate::source::Place;
use crate::text::template::{Part, parts};

pub use crate::text::websocket_url::{Url, UrlError};
pub use reason::{Reason, ReasonKind};
pub use routes::{EffectiveSetting, Intent, Route, SampleHandshake};
pub use versions::VersionedTrace;

/// What is asked: a URL, and what else the client and nginx are.
#[derive(Clone, Debug)]
pub struct Question {
    /// The URL.
    pub url: Url,
    /// What the client sends as `Connection`.
    pub client: Client,
    /// Fields that the client sends besides, by name; one that it sends anyway is replaced.
    pub fields: Vec<(String, String)>,
    /// The client's address, if it is known.
    pub address: Option<IpAddr>,
    /// Whether something in front of nginx speaks the PROXY protocol to it, where it asks for that
    /// (`listen ... proxy_protocol`). Clients themselves do not.
    pub proxy_protocol: bool,
    /// nginx's version.
    pub nginx_version: Version,
}

impl Question {
    /// What the client sends: what a browser does, as far as RFC 6455 asks for it, with the headers
    /// that were given.
    fn client_request(&self) -> ClientRequest {
        let scheme = if self.url.secure { "https" } else { "http" };
        let mut headers: Vec<(String, String)> = [
            ("Host", self.url.authority()),
            ("Upgrade", "websocket".to_owned()),
            ("Connection", self.client.connection().to_owned()),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==".to_owned()),
            ("Sec-WebSocket-Version", "13".to_owned()),
            ("Origin", format!("{scheme}://{}", self.url.authority())),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let is_given =
            |name: &str| self.fields.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
        headers.retain(|(name, _)| !is_given(name));
        headers.extend_from_slice(&self.fields);
        ClientRequest::one(self.url.clone(), headers, self.address, self.nginx_version)
    }
}

/// Browsers differ in what they send as `Connection`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// `Upgrade`, as Chrome and Safari send it.
    Chrome,
    /// `keep-alive, Upgrade`
    Firefox,
}

impl Client {
    /// The value of `Connection`.
    pub const fn connection(self) -> &'static str {
        match self {
            Client::Chrome => "Upgrade",
            Client::Firefox => "keep-alive, Upgrade",
        }
    }

    /// The browser's name.
    pub const fn name(self) -> &'static str {
        match self {
            Client::Chrome => "Chrome",
            Client::Firefox => "Firefox",
        }
    }
}

/// How a handshake ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A strict backend takes it, and its `101` reaches the client whole.
    Switches,
    /// It does not become a WebSocket.
    Refused,
    /// The configuration alone does not say.
    Unknown,
    /// nginx refuses the configuration.
    NotLoaded,
}

impl Kind {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Switches => "switches",
            Kind::Refused => "refused",
            Kind::Unknown => "unknown",
            Kind::NotLoaded => "not-loaded",
        }
    }
}

/// Who refuses a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// The backend, which gets something that is no handshake.
    Backend,
    /// nginx, which answers itself.
    Nginx,
    /// The client, which gets a `101` that lacks what RFC 6455 asks for.
    Client,
}

impl By {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            By::Backend => "backend",
            By::Nginx => "nginx",
            By::Client => "client",
        }
    }
}

/// How a handshake ends, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How.
    pub kind: Kind,
    /// Who refuses it.
    pub by: Option<By>,
    /// The status that the client sees, where it can be told.
    pub status: Option<u16>,
    /// The reason, in one sentence without a full stop.
    pub why: String,
    /// The directive that decided it.
    pub place: Option<Place>,
    /// What keeps it from becoming a WebSocket.
    pub reasons: Vec<Reason>,
}

/// Where nginx is in its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The choice of the server.
    Server,
    /// The choice of the location.
    Location,
    /// `set`, `if`, `rewrite`, `return`.
    Rewrite,
    /// `allow`, `auth_basic`, `limit_except` and the like.
    Access,
    /// `try_files`
    TryFiles,
    /// What answers when nothing is proxied.
    Content,
    /// The cache.
    Cache,
    /// The request to the backend.
    Proxy,
    /// The backend.
    Backend,
    /// The answer to the client, `error_page` among it.
    Response,
}

impl Phase {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Server => "server",
            Phase::Location => "location",
            Phase::Rewrite => "rewrite",
            Phase::Access => "access",
            Phase::TryFiles => "try-files",
            Phase::Content => "content",
            Phase::Cache => "cache",
            Phase::Proxy => "proxy",
            Phase::Backend => "backend",
            Phase::Response => "response",
        }
    }
}

/// A step on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where nginx is.
    pub phase: Phase,
    /// What happens.
    pub message: String,
    /// The directive that decides it, if one does.
    pub place: Option<Place>,
}

/// The request as the backend gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamRequest {
    /// The method.
    pub method: String,
    /// The request target.
    pub uri: String,
    /// `1.0`, `1.1` or `2`.
    pub http_version: String,
    /// The fields in the order in which they are sent. Variables that cannot be told stand as
    /// they are written.
    pub fields: Vec<SentField>,
    /// Where it goes: scheme, host and port.
    pub to: String,
}

impl UpstreamRequest {
    /// Whether it has a header of that name.
    pub(crate) fn sends(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// The values of the headers of that name.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
        named.map(|field| field.value.as_str())
    }
}

/// A field of the request to the backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentField {
    /// Its name, as it is sent.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The `proxy_set_header` that sets it; `None` for nginx's own and the client's.
    pub place: Option<Place>,
}

/// The way of a handshake, and its end.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The end.
    pub outcome: Outcome,
    /// The server, the last one when there are several.
    pub server: Option<LevelId>,
    /// The location that answers.
    pub location: Option<LevelId>,
    /// The level whose `proxy_pass` hands it to a backend.
    pub proxied_by: Option<LevelId>,
    /// The way.
    pub steps: Vec<Step>,
    /// What the backend gets, when it gets anything.
    pub upstream_request: Option<UpstreamRequest>,
}

/// How near a URL comes to a server of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nothing listens on its port.
    Nowhere,
    /// A server listens on its port that has another name.
    Port,
    /// A server listens on its port that has its name.
    Name,
}

/// Follows handshakes through one configuration.
#[derive(Debug)]
pub struct Tracer<'x, 'c> {
    model: &'x Model<'c>,
    sockets: &'x virtual_server::Sockets,
    locations: &'x find_location::Locations,
    upstreams: phases::upstream::Upstreams<'x>,
    /// The server around a fragment, which is in a file that is not seen.
    implied_server: Option<LevelId>,
    /// The location around a fragment, which every handshake is taken to have come to.
    implied_location: Option<LevelId>,
}

impl<'x, 'c> Tracer<'x, 'c> {
    /// Looks at the servers and locations, once for all handshakes.
    pub fn new(model: &'x Model<'c>) -> Self {
        let configuration = model.configuration;
        // The levels around a fragment are the first ones.
        let implied = |kind| {
            let mut first = configuration.levels().take(4);
            first.find(|(_, level)| level.implied && level.kind == kind).map(|(level, _)| level)
        };
        Self {
            upstreams: phases::upstream::Upstreams::new(model),
            implied_server: implied(LevelKind::Server),
            implied_location: implied(LevelKind::Location),
            model,
            sockets: model.sockets(),
            locations: model.locations(),
        }
    }

    /// Follows one handshake.
    pub fn trace(&self, question: &Question) -> Trace {
        phases::follow::follow(self, question, self.implied_location)
    }

    /// Follows a handshake that has come to a location, however it came there.
    fn trace_from(&self, question: &Question, location: LevelId) -> Trace {
        phases::follow::follow(self, question, Some(location))
    }

    /// How near a URL comes to a server of the configuration.
    pub fn reach(&self, url: &Url) -> Reach {
        phases::follow::reach(self, url)
    }

    /// Whether `$connection_upgrade` is used in a part of a configuration that does not define it,
    /// so that it is taken for the usual map.
    pub fn assumes_usual_map(&self) -> bool {
        let configuration = self.model.configuration;
        let uses = |text: &[u8]| {
            parts(text).any(|part| match part {
                Part::Variable { name, .. } => name.eq_ignore_ascii_case(USUAL_MAP),
                _ => false,
            })
        };
        !configuration.is_whole()
            && self.model.variables.definitions(USUAL_MAP).is_empty()
            && configuration
                .everywhere(directive::PROXY_SET_HEADER)
                .any(|(_, line)| line.directive.argument(1).is_some_and(|word| uses(&word.value())))
    }

    /// The ports that servers of `http` listen on, sorted.
    pub fn ports(&self) -> Vec<u16> {
        self.sockets.ports()
    }
}
