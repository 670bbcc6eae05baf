//! Where the handshakes go: the upstreams and hosts behind the locations that are meant for
//! WebSockets.

use std::net::Ipv4Addr;

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{DirectiveId, Word};

use crate::handshake::backend::Backend;
use crate::handshake::proxied_request::Forwarded;
use crate::model::Model;
use crate::resolve::{LevelId, Setting};
use crate::source::Place;
use crate::text::address;
use crate::text::network::port;

impl Backend {
    /// The backend of a location; `None` when a variable or a template decides.
    pub fn of(model: &Model<'_>, forwarded: &Forwarded<'_>) -> Option<Self> {
        Self::named_by(model, forwarded.level, forwarded.pass)
    }
}

/// The way from a location that is meant for WebSockets to its backend.
#[derive(Clone, Debug)]
pub struct Way<'c> {
    /// The number of the location in [`Model::forwarded`].
    pub forwarded: usize,
    /// The level that has the `proxy_pass`.
    pub level: LevelId,
    /// The `proxy_pass`.
    pub pass: Setting<'c>,
    /// What shows that it is meant for WebSockets.
    pub proof: Place,
    /// `https://`
    pub encrypted: bool,
    /// The name or address, as written.
    pub host: String,
    /// The port, if one is given.
    pub port: Option<u16>,
    /// A variable stands in the URL: nginx looks the host up when it is asked.
    pub has_variables: bool,
}

/// An upstream that handshakes go to.
#[derive(Clone, Debug)]
pub struct Group<'c> {
    /// Its level.
    pub level: LevelId,
    /// Its block directive.
    pub head: Setting<'c>,
    /// The ways that lead there.
    pub ways: Vec<Way<'c>>,
    /// Its servers in the order of the text; of some nothing may be known.
    pub servers: Vec<Server<'c>>,
    /// All that stands in it is seen and understood.
    pub is_seen: bool,
}

/// A server of an upstream.
#[derive(Clone, Debug)]
pub struct Server<'c> {
    /// The line.
    pub setting: Setting<'c>,
    /// The address in lower case, as written.
    pub address: String,
}

impl<'c> Server<'c> {
    /// Whether that parameter stands there.
    pub fn has(&self, parameter: &[u8]) -> bool {
        self.setting.directive.arguments().skip(1).any(|word| word.value().as_ref() == parameter)
    }

    /// The word that begins so, and what follows.
    pub fn parameter(&self, start: &[u8]) -> Option<(Word<'c>, Vec<u8>)> {
        self.setting.directive.arguments().skip(1).find_map(|word| {
            let rest = word.value().strip_prefix(start)?.to_vec();
            Some((word, rest))
        })
    }

    /// Host and port; `None` for a socket of the file system, and for what is no address.
    pub fn host_and_port(&self) -> Option<(&str, Option<u16>)> {
        let address = address::parse(&self.address)?.ok()?;
        Some((address.host, address.port))
    }

    /// Whether requests go there while all servers are well.
    pub fn is_live(&self) -> bool {
        !self.has(b"down") && !self.has(b"backup")
    }
}

impl<'c> Group<'c> {
    fn new(model: &Model<'c>, level: LevelId) -> Option<Self> {
        let configuration = model.configuration;
        let head = configuration.head(level)?;
        let whole = Place { file: head.reference.file, span: head.directive.span() };
        let own = configuration.own(level, d::SERVER);
        let servers = own.iter().filter_map(|setting| {
            let value = setting.directive.argument(0)?.value();
            let address = String::from_utf8_lossy(&value).to_ascii_lowercase();
            Some(Server { setting, address })
        });
        Some(Self {
            level,
            head,
            ways: Vec::new(),
            servers: servers.collect(),
            is_seen: configuration.level(level).unseen.is_none()
                && !model.has_unknown_directive(level)
                && !model.has_syntax_error_in(whole),
        })
    }

    /// The name, as written.
    pub fn name(&self) -> String {
        let name = self.head.directive.argument(0).map(Word::value).unwrap_or_default();
        String::from_utf8_lossy(&name).into_owned()
    }

    /// The place of `upstream` and its name.
    pub fn words(&self) -> Place {
        Place { file: self.head.reference.file, span: self.head.directive.words_span() }
    }

    /// The first line of that name in it.
    pub fn own(&self, model: &Model<'c>, id: DirectiveId) -> Option<Setting<'c>> {
        model.configuration.own(self.level, id).iter().next()
    }
}

/// All backends that handshakes go to, as far as they can be told.
#[derive(Debug, Default)]
pub struct Backends<'c> {
    /// The upstreams, in the order in which they are first led to.
    pub groups: Vec<Group<'c>>,
    /// The ways to hosts that are no upstream.
    pub hosts: Vec<Way<'c>>,
}

impl<'c> Backends<'c> {
    /// Looks where all locations that are meant for WebSockets lead.
    pub fn new(model: &Model<'c>) -> Self {
        let mut backends = Self::default();
        let mut numbers: FxHashMap<LevelId, usize> = FxHashMap::default();
        for way in model.websocket_ways() {
            let Some(level) = model.upstream_groups().named(way.host.as_bytes(), false) else {
                backends.hosts.push(way);
                continue;
            };
            // nginx refuses the name of an upstream with a port behind it.
            if way.port.is_some() {
                continue;
            }
            let number = match numbers.get(&level) {
                Some(&number) => number,
                None => {
                    let Some(group) = Group::new(model, level) else { continue };
                    backends.groups.push(group);
                    numbers.insert(level, backends.groups.len() - 1);
                    backends.groups.len() - 1
                }
            };
            backends.groups[number].ways.push(way);
        }
        backends
    }
}

/// The way that a `proxy_pass` leads; `None` when the request decides, or for a socket of the file
/// system.
pub fn way<'c>(
    model: &Model<'c>,
    forwarded: usize,
    level: LevelId,
    pass: Setting<'c>,
    proof: Place,
) -> Option<Way<'c>> {
    if model.has_syntax_error_in(pass.place()) {
        return None;
    }
    let backend = Backend::named_by(model, level, pass)?;
    if backend.host.starts_with("unix:") {
        return None;
    }
    let port = match &backend.port {
        Some(digits) => Some(port(digits.as_bytes())?),
        None => None,
    };
    Some(Way {
        forwarded,
        level,
        pass,
        proof,
        encrypted: backend.is_encrypted,
        host: backend.host.clone(),
        port,
        has_variables: pass.directive.argument(0)?.value().contains(&b'$'),
    })
}

/// Whether a host is a name to be looked up, and no address.
pub fn is_name(host: &str) -> bool {
    !host.is_empty() && !host.starts_with('[') && host.parse::<Ipv4Addr>().is_err()
}

/// Whether a host is the machine itself, by name or by address.
pub fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}
