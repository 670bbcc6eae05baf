//! The requests that nginx makes for others: by `auth_request` and `mirror`.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::directive as d;

use crate::resolve::{Configuration, LevelId, LevelKind};
use crate::routing::onward::{Onward, locations_of};
use crate::routing::{Routing, subrequest};

/// Where sub-requests lead to.
#[derive(Debug, Default)]
pub struct SubRequests {
    /// Locations by the server and the URI of a sub-request.
    targets: FxHashMap<(LevelId, Vec<u8>), LevelId>,
    /// Those of them that are there for sub-requests alone.
    own: FxHashSet<LevelId>,
    /// Those whose name is the URI of a sub-request, so that no more than that comes there.
    named: FxHashSet<LevelId>,
    /// All those that nginx goes on to from other locations of the same server.
    led_to: FxHashSet<LevelId>,
}

impl SubRequests {
    /// Looks for all of them.
    pub fn new(model: &Routing<'_>) -> Self {
        let configuration = model.configuration;
        let mut sub_requests = Self::default();
        for id in [d::AUTH_REQUEST, d::MIRROR] {
            for (level, line) in model.occurrences().of(configuration, id) {
                let Some(uri) = subrequest::uri_of(line) else { continue };
                match configuration.level(level).server {
                    Some(server) => sub_requests.add(model, server, uri),
                    // For all servers.
                    None => {
                        for (server, own) in configuration.levels() {
                            if own.kind == LevelKind::Server {
                                sub_requests.add(model, server, uri.clone());
                            }
                        }
                    }
                }
            }
        }
        sub_requests.follow_redirects(model);
        sub_requests
    }

    /// Looks where requests go on to in the servers that have sub-requests.
    fn follow_redirects(&mut self, model: &Routing<'_>) {
        let servers: FxHashSet<LevelId> = self.targets.keys().map(|(server, _)| *server).collect();
        for server in servers {
            let locations = locations_of(model, server);
            for level in locations.iter().copied().chain([server]) {
                let onward = Onward::from(model, level);
                self.led_to.extend(onward.levels);
                if onward.anywhere {
                    self.led_to.extend(locations.iter().copied());
                    break;
                }
            }
        }
    }

    fn add(&mut self, model: &Routing<'_>, server: LevelId, uri: Vec<u8>) {
        let key = (server, uri);
        if self.targets.contains_key(&key) {
            return;
        }
        let (configuration, locations) = (model.configuration, model.locations());
        let Some(location) = subrequest::location(configuration, locations, server, &key.1) else {
            return;
        };
        let is_internal = configuration.own(location, d::INTERNAL).iter().next().is_some();
        let is_named = subrequest::is_named(locations, location, &key.1);
        if is_internal || is_named {
            self.own.insert(location);
        }
        if is_named {
            self.named.insert(location);
        }
        self.targets.insert(key, location);
    }

    /// The location that answers a sub-request.
    pub fn target(&self, server: LevelId, uri: &[u8]) -> Option<LevelId> {
        self.targets.get(&(server, uri.to_vec())).copied()
    }

    /// The locations that answer sub-requests, whether others come there or not.
    pub fn targets(&self) -> impl Iterator<Item = LevelId> {
        self.targets.values().copied()
    }

    /// Whether nothing else than sub-requests comes to a location. To an internal one with another
    /// name, a backend may lead clients by `X-Accel-Redirect`.
    pub fn is_hidden(&self, configuration: &Configuration, location: LevelId) -> bool {
        self.named.contains(&location)
            && !self.is_led_to(location)
            && configuration.own(location, d::INTERNAL).iter().next().is_some()
    }

    /// Whether requests come to a location, one of a server with sub-requests, by `rewrite`,
    /// `try_files` or `error_page`.
    pub fn is_led_to(&self, location: LevelId) -> bool {
        self.led_to.contains(&location)
    }

    /// Whether some location is there for sub-requests alone.
    pub fn has_own(&self) -> bool {
        !self.own.is_empty()
    }

    /// Whether a location is there for sub-requests alone: no client opens a WebSocket there.
    pub fn is_own(&self, location: LevelId) -> bool {
        self.own.contains(&location)
    }
}
