//! What a configuration declares in one place and uses in another: each kind is looked for once, for
//! all rules.

pub mod kept_connections;
pub mod listens;
pub mod proxy_pass;
pub mod upstream_groups;
pub mod upstream_server;
pub mod variable_uses;
pub mod zones;

use std::ops::Deref;
use std::sync::OnceLock;

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive;
use wslint_grammar::catalogue::variable::Protocol;

use crate::declarations::listens::Listens;
use crate::declarations::upstream_groups::UpstreamGroups;
use crate::declarations::upstream_server::{Misshapen, misshapen_servers};
use crate::declarations::zones::Zones;
use crate::evaluate::Variables;
use crate::given::Given;
use crate::resolve::{LevelId, Setting};

/// What a configuration declares, each kind computed when it is first asked for.
#[derive(Debug)]
pub struct Declarations<'c> {
    given: Given<'c>,
    /// Variables and maps of `http`.
    pub variables: Variables<'c>,
    stream_variables: OnceLock<Variables<'c>>,
    header_lines: OnceLock<Vec<Setting<'c>>>,
    listens: OnceLock<Listens>,
    zones: OnceLock<Zones>,
    upstream_groups: OnceLock<UpstreamGroups>,
    upstream_servers: OnceLock<Vec<(LevelId, Setting<'c>)>>,
    misshapen_servers: OnceLock<Vec<Misshapen>>,
}

impl<'c> Deref for Declarations<'c> {
    type Target = Given<'c>;

    fn deref(&self) -> &Given<'c> {
        &self.given
    }
}

impl<'c> Declarations<'c> {
    /// Prepares to look for declarations.
    pub(crate) fn new(given: Given<'c>) -> Self {
        Self {
            variables: Variables::new(given.configuration, Protocol::Http),
            given,
            stream_variables: OnceLock::new(),
            header_lines: OnceLock::new(),
            listens: OnceLock::new(),
            zones: OnceLock::new(),
            upstream_groups: OnceLock::new(),
            upstream_servers: OnceLock::new(),
            misshapen_servers: OnceLock::new(),
        }
    }

    /// Variables and maps of `stream`.
    pub fn stream_variables(&self) -> &Variables<'c> {
        self.stream_variables.get_or_init(|| Variables::new(self.configuration, Protocol::Stream))
    }

    /// The lines of `proxy_set_header`, each once: most of what a handshake is made of.
    pub fn header_lines(&self) -> &[Setting<'c>] {
        self.header_lines.get_or_init(|| {
            let lines = self.configuration.everywhere(directive::PROXY_SET_HEADER);
            lines.map(|(_, line)| line).collect()
        })
    }

    /// The addresses that servers listen on.
    pub fn listens(&self) -> &Listens {
        self.listens.get_or_init(|| Listens::new(self.configuration, self.occurrences()))
    }

    /// The shared memory zones.
    pub fn zones(&self) -> &Zones {
        self.zones.get_or_init(|| Zones::new(self.configuration, self.occurrences()))
    }

    /// The `upstream` blocks.
    pub fn upstream_groups(&self) -> &UpstreamGroups {
        self.upstream_groups.get_or_init(|| UpstreamGroups::new(self.configuration))
    }

    /// The servers of all upstreams, each once, with the first level that it stands at.
    pub fn upstream_servers(&self) -> &[(LevelId, Setting<'c>)] {
        self.upstream_servers.get_or_init(|| {
            let configuration = self.configuration;
            let mut servers = Vec::new();
            for &level in &self.upstream_groups().levels {
                let own = configuration.own(level, directive::SERVER);
                servers.extend(own.iter().map(|server| (level, server)));
            }
            // One file that is included twice gives two levels with the same lines.
            if configuration.repeats_files {
                let mut seen = FxHashSet::default();
                servers.retain(|(_, server)| seen.insert(server.reference));
            }
            servers
        })
    }

    /// The servers of upstreams whose address is none.
    pub fn misshapen_servers(&self) -> &[Misshapen] {
        self.misshapen_servers.get_or_init(|| misshapen_servers(self))
    }
}
