//! What nginx makes of one configuration: facts, each computed when it is first asked for.
//!
//! The facts of each floor are kept together, and dereference to those of the floor below:
//! [`Model`], [`Routing`], [`Declarations`],
//! [`Given`].

use std::ops::Deref;
use std::sync::OnceLock;

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive;

use crate::assumptions::Assumptions;
use crate::declarations::Declarations;
use crate::evaluate::{Map, MapKey};
use crate::given::Given;
pub use crate::given::Marks;
use crate::handshake::Tracer;
use crate::handshake::arrivals::ArrivalsMemo;
use crate::handshake::backends::{self, Backends, Way};
use crate::handshake::evidence;
use crate::handshake::phases::upstream::{Addresses, Upstreams};
use crate::handshake::proxied_request::{Forwarded, SentValues};
use crate::intent::Proof;
use crate::parallel::{self, FEW};
use crate::resolve::{Configuration, LevelId, LevelKind};
use crate::rewrite::program::Programs;
use crate::routing::{Routing, sample};
use crate::validate::{self, Problem};

/// A configuration with the facts about it.
#[derive(Debug)]
pub struct Model<'c> {
    routing: Routing<'c>,
    problems: OnceLock<Vec<Problem>>,
    proxied_addresses: OnceLock<Addresses>,
    forwarded: OnceLock<Vec<Forwarded<'c>>>,
    /// The steps of the rewrite module.
    programs: Programs,
    arrivals: ArrivalsMemo<'c>,
    servers_with_sets: OnceLock<FxHashSet<LevelId>>,
    paths_of_maps: OnceLock<Vec<String>>,
    /// Numbers of the forwarded ones that are meant for WebSockets, with what shows it.
    meant: OnceLock<Vec<(usize, Proof)>>,
    backends: OnceLock<Backends<'c>>,
}

impl<'c> Deref for Model<'c> {
    type Target = Routing<'c>;

    fn deref(&self) -> &Routing<'c> {
        &self.routing
    }
}

impl<'c> Model<'c> {
    /// Prepares a configuration for questions about it.
    pub fn new(
        configuration: &'c Configuration,
        assumptions: &'c Assumptions,
        marks: Marks,
    ) -> Self {
        let given = Given::new(configuration, assumptions, marks);
        Self {
            routing: Routing::new(Declarations::new(given)),
            problems: OnceLock::new(),
            proxied_addresses: OnceLock::new(),
            forwarded: OnceLock::new(),
            programs: Programs::default(),
            arrivals: ArrivalsMemo::default(),
            servers_with_sets: OnceLock::new(),
            paths_of_maps: OnceLock::new(),
            meant: OnceLock::new(),
            backends: OnceLock::new(),
        }
    }

    /// The steps of the rewrite module, each block's read once.
    pub(crate) fn programs(&self) -> &Programs {
        &self.programs
    }

    pub(crate) fn arrivals_memo(&self) -> &ArrivalsMemo<'c> {
        &self.arrivals
    }

    /// Some paths that maps of the URI ask for.
    pub(crate) fn paths_of_maps(&self) -> &[String] {
        const MOST: usize = 16;
        self.paths_of_maps.get_or_init(|| {
            let of_uri = |map: &&Map| {
                matches!(map.source.as_slice(), b"$uri" | b"$document_uri" | b"$request_uri")
            };
            let maps = self.variables.maps().iter().filter(of_uri);
            let keys = maps.flat_map(|map| &map.entries).filter_map(|entry| entry.key.as_ref());
            let paths = keys.filter_map(|key| match key {
                MapKey::Text(text) => String::from_utf8(text.clone()).ok(),
                MapKey::Regex(pattern) => sample::text_of(&pattern.text),
            });
            let paths = paths.map(|path| sample::request_target(&path));
            paths.filter(|path| path.starts_with('/')).take(MOST).collect()
        })
    }

    /// The servers that have a location with a `set`.
    pub(crate) fn servers_with_sets(&self) -> &FxHashSet<LevelId> {
        self.servers_with_sets.get_or_init(|| {
            let configuration = self.configuration;
            let sets = configuration.variable_definers().filter(|(level, setting)| {
                setting.directive.id() == Some(directive::SET)
                    && configuration.enclosing(*level, LevelKind::Location).is_some()
            });
            sets.filter_map(|(level, _)| configuration.level(level).server).collect()
        })
    }

    /// What is wrong with single directives, whatever they are about.
    pub fn problems(&self) -> &[Problem] {
        self.problems.get_or_init(|| validate::problems(self))
    }

    /// Follows handshakes through the configuration: for few questions, which cheaper ones have
    /// shown to matter.
    pub fn tracer(&self) -> Tracer<'_, 'c> {
        Tracer::new(self)
    }

    /// The addresses that every `proxy_pass` without variables names.
    pub(crate) fn proxied_addresses(&self) -> &Addresses {
        self.proxied_addresses.get_or_init(|| Upstreams::addresses(self))
    }

    /// What reaches the backend from every level that has a `proxy_pass`, computed once.
    pub fn forwarded(&self) -> &[Forwarded<'c>] {
        self.forwarded.get_or_init(|| {
            let proxied: Vec<_> = self.configuration.proxied().collect();
            let follow = |values: &mut SentValues<'c>, (level, pass)| {
                Forwarded::new(self, level, pass, values)
            };
            parallel::map_init(proxied, FEW, SentValues::default, follow)
        })
    }

    /// The levels whose settings show that they are meant for WebSockets: their numbers in
    /// [`Model::forwarded`], with what shows it.
    pub fn meant(&self) -> &[(usize, Proof)] {
        self.meant.get_or_init(|| {
            let proved = |(index, forwarded)| Some((index, evidence::proof(self, forwarded)?));
            let forwarded = self.forwarded().iter().enumerate().collect();
            parallel::filter_map_init(forwarded, FEW, || (), |(), it| proved(it))
        })
    }

    /// Where the handshakes of those levels go, as far as it can be told.
    pub(crate) fn websocket_ways(&self) -> impl Iterator<Item = Way<'c>> {
        self.meant().iter().filter_map(|(index, proof)| {
            let forwarded = &self.forwarded()[*index];
            backends::way(self, *index, forwarded.level, forwarded.pass, proof.place)
        })
    }

    /// The upstreams and hosts that handshakes go to.
    pub fn backends(&self) -> &Backends<'c> {
        self.backends.get_or_init(|| Backends::new(self))
    }
}
