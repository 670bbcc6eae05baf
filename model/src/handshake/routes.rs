//! Every proxied location, with what is in effect there and how a handshake ends.

use std::net::{IpAddr, Ipv4Addr};

use wslint_grammar::catalogue::{Version, directive as d};

use crate::handshake::proxied_request::{Field, Forwarded};
use crate::handshake::{
    Client, Kind, Question, Trace, Tracer, UpstreamRequest, Url, VersionedTrace, evidence,
};
use crate::intent;
use crate::model::Model;
use crate::resolve::{LevelId, Unseen, settings};
use crate::source::Place;
use crate::text::location::LocationPattern;
use crate::versions::HTTP_1_1_BY_DEFAULT;

/// Whether a location is meant for WebSockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Its settings show it.
    WebSocket,
    /// Nothing speaks for it.
    Plain,
    /// A word of its path speaks for it, and nothing else.
    Unclear,
}

impl Intent {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Intent::WebSocket => "websocket",
            Intent::Plain => "plain",
            Intent::Unclear => "unclear",
        }
    }
}

/// A setting in effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveSetting {
    /// Its value; for a field what the backend reads for a handshake from Chrome, `None` when it
    /// is not sent or cannot be told.
    pub value: Option<String>,
    /// The directive that it comes from; `None` for nginx's default.
    pub place: Option<Place>,
}

/// A proxied location.
#[derive(Clone, Debug)]
pub struct Route {
    /// The server.
    pub server: Option<LevelId>,
    /// The level that has the `proxy_pass`: a location, or an `if` or `limit_except` in one.
    pub level: LevelId,
    /// The server's names, as they are written.
    pub names: Vec<String>,
    /// The port, and whether it speaks TLS; `None` when the server is not seen.
    pub port: Option<(u16, bool)>,
    /// The location's pattern, as it is written.
    pub pattern: String,
    /// A URL that leads there; `None` when none was found, as for named locations.
    pub url: Option<Url>,
    /// Whether it is meant for WebSockets.
    pub intent: Intent,
    /// The argument of `proxy_pass`.
    pub upstream: String,
    /// The `proxy_pass`.
    pub pass: Place,
    /// `proxy_http_version`; its default differs from version to version.
    pub http_version: EffectiveSetting,
    /// `Upgrade`, as the backend reads it.
    pub upgrade: EffectiveSetting,
    /// `Connection`, as the backend reads it.
    pub connection: EffectiveSetting,
    /// `proxy_read_timeout`
    pub read_timeout: EffectiveSetting,
    /// How a handshake ends there.
    pub traces: Vec<VersionedTrace>,
}

impl Tracer<'_, '_> {
    /// Every proxied location, in the order of the configuration.
    pub fn routes(&self, version: Option<Version>) -> Vec<Route> {
        self.routes_of(version, Client::Chrome)
    }

    /// As [`Tracer::routes`], with the handshakes of another browser.
    pub fn routes_of(&self, version: Option<Version>, client: Client) -> Vec<Route> {
        let forwarded = self.model.forwarded();
        forwarded.iter().map(|forwarded| self.route(forwarded, version, client)).collect()
    }

    /// Follows a handshake that comes to a location: through its server, if this target leads
    /// there.
    pub fn arrived(&self, location: LevelId, target: &str) -> Trace {
        let server = self.model.configuration.level(location).server;
        let through = server.and_then(|server| self.through(server, target));
        if let Some(trace) = through.filter(|trace| trace.location == Some(location)) {
            return trace;
        }
        let mut url = any_url(server.and_then(|server| self.port(server)));
        target.clone_into(&mut url.target);
        self.trace_from(&self.usual(url), location)
    }

    /// Follows a handshake with this request target through a server; `None` when no address
    /// leads there.
    pub fn through(&self, server: LevelId, target: &str) -> Option<Trace> {
        let url = self.url(target.to_owned(), &self.names(server), self.port(server))?;
        Some(self.trace(&self.usual(url)))
    }

    /// Handshakes of both browsers that come to a level: to its location, or led there by nginx.
    pub fn sample_handshakes(&self, level: LevelId) -> Vec<SampleHandshake> {
        let configuration = self.model.configuration;
        let location = settings::location(configuration, level);
        let Some(server) = configuration.level(level).server else { return Vec::new() };
        let (names, port) = (self.names(server), self.port(server));
        let mut targets = self.model.targets(level);
        for target in self.model.leading_targets(level) {
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        // Other names of the server may make another value of `$host`.
        let other_names = (1..names.len().min(MOST_NAMES)).filter_map(|first| {
            let target = targets.first()?.clone();
            Some((self.url(target.clone(), &names[first..], port)?, target))
        });
        let urls = targets
            .iter()
            .map_while(|target| Some((self.url(target.clone(), &names, port)?, target.clone())));
        let mut found = Vec::new();
        for (url, target) in urls.chain(other_names) {
            for client in [Client::Chrome, Client::Firefox] {
                let mut question = self.usual(url.clone());
                question.client = client;
                let mut trace = self.trace(&question);
                let depends_on_client = trace.outcome.kind == Kind::Unknown;
                if depends_on_client {
                    question.address = Some(SOME_CLIENT);
                    trace = self.trace(&question);
                }
                if trace.location == location
                    && trace.proxied_by.is_none_or(|proxied_by| proxied_by == level)
                {
                    found.push(SampleHandshake {
                        target: target.clone(),
                        trace,
                        depends_on_client,
                    });
                }
            }
        }
        found
    }

    fn usual(&self, url: Url) -> Question {
        let nginx_version = self.model.nginx_version.unwrap_or(HTTP_1_1_BY_DEFAULT);
        Question { nginx_version, ..question(url, Client::Chrome) }
    }

    fn route(&self, forwarded: &Forwarded<'_>, version: Option<Version>, client: Client) -> Route {
        let configuration = self.model.configuration;
        let level = forwarded.level;
        let location = settings::location(configuration, level);
        let pattern = location.and_then(|location| self.locations.pattern(location));
        let server = configuration.level(level).server;
        let names = server.map(|server| self.names(server)).unwrap_or_default();
        let port = server.and_then(|server| self.port(server));
        let is_here = |trace: &Trace| trace.location == location;
        let mut arriving: Option<(Url, Vec<VersionedTrace>)> = None;
        let mut first_url = None;
        for target in self.model.targets(level) {
            let Some(to) = self.url(target, &names, port) else { break };
            let traces = self.trace_versions(&question(to.clone(), client), version);
            let arrives = traces.iter().all(|versioned| is_here(&versioned.trace));
            // A handshake that another `if` of the location answers is better than none.
            let is_proxied_here = traces.iter().all(|it| it.trace.proxied_by == Some(level));
            if is_proxied_here || arrives && arriving.is_none() {
                arriving = Some((to.clone(), traces));
            }
            first_url.get_or_insert(to);
            if is_proxied_here {
                break;
            }
        }
        // Another location answers the URL, or none could be made: the handshake is followed from
        // the location on.
        let (url, traces) = match arriving {
            Some((url, traces)) => (Some(url), traces),
            None => {
                let start = question(first_url.unwrap_or_else(|| any_url(port)), client);
                let location = location.unwrap_or(level);
                (None, self.trace_versions_from(&start, version, location))
            }
        };
        let sent = traces.last().map(|versioned| &versioned.trace);
        let sent = sent.filter(|trace| trace.proxied_by == Some(level));
        let sent = sent.and_then(|trace| trace.upstream_request.as_ref());
        Route {
            server,
            level,
            names,
            port,
            pattern: pattern.map(LocationPattern::shown).unwrap_or_default(),
            url,
            intent: intent_of(self.model, forwarded, pattern),
            upstream: text(&forwarded.pass),
            pass: forwarded.pass.place(),
            http_version: self.setting(level, d::PROXY_HTTP_VERSION, || match version {
                Some(version) if version >= HTTP_1_1_BY_DEFAULT => Some("1.1".to_owned()),
                Some(_) => Some("1.0".to_owned()),
                None => None,
            }),
            upgrade: header("Upgrade", &forwarded.upgrade, sent),
            connection: header("Connection", &forwarded.connection, sent),
            read_timeout: self.setting(level, d::PROXY_READ_TIMEOUT, || Some("60s".to_owned())),
            traces,
        }
    }

    fn setting(
        &self,
        level: LevelId,
        id: wslint_grammar::DirectiveId,
        default: impl FnOnce() -> Option<String>,
    ) -> EffectiveSetting {
        match settings::value(self.model.configuration, level, id) {
            Some(line) => EffectiveSetting { value: Some(text(&line)), place: Some(line.place()) },
            None => EffectiveSetting { value: default(), place: None },
        }
    }

    /// The names of a server, as they are written.
    fn names(&self, server: LevelId) -> Vec<String> {
        let lines = self.model.configuration.own(server, d::SERVER_NAME);
        let words = lines.iter().flat_map(|line| line.directive.arguments());
        words.map(|word| String::from_utf8_lossy(&word.value()).into_owned()).collect()
    }

    /// The first port of a server, one with TLS before the others.
    fn port(&self, server: LevelId) -> Option<(u16, bool)> {
        let ports = self.sockets.of(server);
        ports.iter().find(|(_, ssl)| *ssl).or(ports.first()).copied()
    }

    fn url(&self, target: String, names: &[String], port: Option<(u16, bool)>) -> Option<Url> {
        let host =
            names.iter().find_map(|name| host_for(name)).unwrap_or_else(|| "localhost".to_owned());
        let (port, secure) = match port {
            Some(port) => port,
            None if self.implied_server.is_some() => (80, false),
            None => return None,
        };
        Some(Url { secure, host, port, has_port: port != if secure { 443 } else { 80 }, target })
    }
}

/// A handshake that comes to a location.
#[derive(Clone, Debug)]
pub struct SampleHandshake {
    /// Its request target.
    pub target: String,
    /// The way that it takes.
    pub trace: Trace,
    /// It ends so for some clients: others may have an address for which it ends otherwise.
    pub depends_on_client: bool,
}

/// An address that nobody has (RFC 5737): that of a client about which the configuration says
/// nothing special.
const SOME_CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// How many names of a server are tried.
const MOST_NAMES: usize = 4;

/// A host that a server's name fits; `None` for names that are no host names.
fn host_for(name: &str) -> Option<String> {
    if name.is_empty() || name == "_" || name.starts_with('~') || name.contains('$') {
        return None;
    }
    if let Some(rest) = name.strip_prefix('.') {
        return Some(rest.to_owned());
    }
    if let Some(rest) = name.strip_prefix("*.") {
        return Some(format!("www.{rest}"));
    }
    match name.strip_suffix('*') {
        Some(start) => Some(format!("{start}test")),
        None => Some(name.to_owned()),
    }
}

fn question(url: Url, client: Client) -> Question {
    Question {
        url,
        client,
        fields: Vec::new(),
        address: None,
        proxy_protocol: true,
        nginx_version: HTTP_1_1_BY_DEFAULT,
    }
}

/// A URL for a location that no URL leads to: the path is as good as any.
fn any_url(port: Option<(u16, bool)>) -> Url {
    let (port, secure) = port.unwrap_or((80, false));
    let has_port = port != if secure { 443 } else { 80 };
    Url { secure, host: "localhost".to_owned(), port, has_port, target: "/".to_owned() }
}

fn text(line: &crate::resolve::Setting<'_>) -> String {
    let word = line.directive.argument(0).map(|word| word.value().into_owned());
    String::from_utf8_lossy(&word.unwrap_or_default()).into_owned()
}

/// A header as the backend of a route gets it; where no handshake was followed there, as far as the
/// configuration tells.
fn header(name: &str, header: &Field<'_>, sent: Option<&UpstreamRequest>) -> EffectiveSetting {
    let place = header.lines.first().map(|line| line.setting.place());
    let as_written = || {
        header.lines.first().and_then(|line| {
            let word = line.setting.directive.argument(1)?;
            Some(String::from_utf8_lossy(&word.value()).into_owned())
        })
    };
    let value = match (header.unseen, sent) {
        (Some(Unseen::Include(_)), _) => None,
        (_, Some(sent)) => {
            let values: Vec<&str> = sent.values(name).collect();
            (!values.is_empty()).then(|| values.join(", "))
        }
        (_, None) => match header.chrome() {
            Ok(value) if value.is_empty() => None,
            Ok(value) => Some(String::from_utf8_lossy(&value).into_owned()),
            Err(_) => as_written(),
        },
    };
    EffectiveSetting { value, place }
}

fn intent_of(
    model: &Model<'_>,
    forwarded: &Forwarded<'_>,
    pattern: Option<&LocationPattern>,
) -> Intent {
    if evidence::proof(model, forwarded).is_some() {
        Intent::WebSocket
    } else if intent::is_denied(model, forwarded.level) {
        Intent::Plain
    } else if pattern.is_some_and(intent::has_path_word) && !evidence::declines(forwarded) {
        Intent::Unclear
    } else {
        Intent::Plain
    }
}
