//! Where the handshakes go: the upstreams and hosts behind the locations that are meant for
//! WebSockets.

use std::net::Ipv4Addr;

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{DirectiveId, Word};

use crate::declared::backend::Backend;
use crate::model::Model;
use crate::nginx_text::address;
use crate::nginx_text::network::port;
use crate::resolve::{LevelId, Setting};
use crate::source::Place;

/// The way from a location that is meant for WebSockets to its backend.
#[derive(Clone, Debug)]
pub(crate) struct Way<'c> {
    /// The number of the location in [`Model::forwarded`].
    pub(crate) forwarded: usize,
    /// The level that has the `proxy_pass`.
    pub(crate) level: LevelId,
    /// The `proxy_pass`.
    pub(crate) pass: Setting<'c>,
    /// What shows that it is meant for WebSockets.
    pub(crate) proof: Place,
    /// `https://`
    pub(crate) encrypted: bool,
    /// The name or address, as written.
    pub(crate) host: String,
    /// The port, if one is given.
    pub(crate) port: Option<u16>,
    /// A variable stands in the URL: nginx looks the host up when it is asked.
    pub(crate) has_variables: bool,
}

/// An upstream that handshakes go to.
#[derive(Clone, Debug)]
pub(crate) struct Group<'c> {
    /// Its level.
    pub(crate) level: LevelId,
    /// Its block directive.
    pub(crate) head: Setting<'c>,
    /// The ways that lead there.
    pub(crate) ways: Vec<Way<'c>>,
    /// Its servers in the order of the text; of some nothing may be known.
    pub(crate) servers: Vec<Server<'c>>,
    /// All that stands in it is seen and understood.
    pub(crate) is_seen: bool,
}

/// A server of an upstream.
#[derive(Clone, Debug)]
pub(crate) struct Server<'c> {
    /// The line.
    pub(crate) setting: Setting<'c>,
    /// The address in lower case, as written.
    pub(crate) address: String,
}

impl<'c> Server<'c> {
    /// Whether that parameter stands there.
    pub(crate) fn has(&self, parameter: &[u8]) -> bool {
        self.setting.directive.arguments().skip(1).any(|word| word.value().as_ref() == parameter)
    }

    /// The word that begins so, and what follows.
    pub(crate) fn parameter(&self, start: &[u8]) -> Option<(Word<'c>, Vec<u8>)> {
        self.setting.directive.arguments().skip(1).find_map(|word| {
            let rest = word.value().strip_prefix(start)?.to_vec();
            Some((word, rest))
        })
    }

    /// Host and port; `None` for a socket of the file system, and for what is no address.
    pub(crate) fn host_and_port(&self) -> Option<(&str, Option<u16>)> {
        let address = address::parse(&self.address)?.ok()?;
        Some((address.host, address.port))
    }

    /// Whether requests go there while all servers are well.
    pub(crate) fn is_live(&self) -> bool {
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
    pub(crate) fn name(&self) -> String {
        let name = self.head.directive.argument(0).map(Word::value).unwrap_or_default();
        String::from_utf8_lossy(&name).into_owned()
    }

    /// The place of `upstream` and its name.
    pub(crate) fn words(&self) -> Place {
        Place { file: self.head.reference.file, span: self.head.directive.words_span() }
    }

    /// The first line of that name in it.
    pub(crate) fn own(&self, model: &Model<'c>, id: DirectiveId) -> Option<Setting<'c>> {
        model.configuration.own(self.level, id).iter().next()
    }
}

/// All backends that handshakes go to, as far as they can be told.
#[derive(Debug, Default)]
pub(crate) struct Backends<'c> {
    /// The upstreams, in the order in which they are first led to.
    pub(crate) groups: Vec<Group<'c>>,
    /// The ways to hosts that are no upstream.
    pub(crate) hosts: Vec<Way<'c>>,
}

impl<'c> Backends<'c> {
    /// Looks where all locations that are meant for WebSockets lead.
    pub(crate) fn new(model: &Model<'c>) -> Self {
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
pub(crate) fn way<'c>(
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
pub(crate) fn is_name(host: &str) -> bool {
    !host.is_empty() && !host.starts_with('[') && host.parse::<Ipv4Addr>().is_err()
}

/// Whether a host is the machine itself, by name or by address.
pub(crate) fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}
