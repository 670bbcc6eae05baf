//! What nginx makes of one configuration: facts, each computed when it is first asked for.

use std::sync::OnceLock;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use wslint_grammar::Directive;
use wslint_grammar::Span;
use wslint_grammar::SyntaxError;
use wslint_grammar::SyntaxErrorKind;
use wslint_grammar::catalogue::Version;
use wslint_grammar::catalogue::directive;
use wslint_grammar::catalogue::variable::Protocol;

use crate::assumptions::Assumptions;
use crate::damage::template_language::is_for_envsubst;
use crate::damage::template_language::mark;
use crate::declarations::listens::Listens;
use crate::declarations::upstream_groups::UpstreamGroups;
use crate::declarations::upstream_server::Misshapen;
use crate::declarations::upstream_server::misshapen_servers;
use crate::declarations::zones::Zones;
use crate::evaluate::{Map, MapKey, Variables};
use crate::handshake::Tracer;
use crate::handshake::arrivals::ArrivalsMemo;
use crate::handshake::backends;
use crate::handshake::backends::Backends;
use crate::handshake::backends::Way;
use crate::handshake::phases::upstream::Addresses;
use crate::handshake::phases::upstream::Upstreams;
use crate::handshake::proxied_request::Forwarded;
use crate::handshake::proxied_request::SentValues;
use crate::intent;
use crate::intent::Proof;
use crate::parallel::FEW;
use crate::resolve::Configuration;
use crate::resolve::LevelId;
use crate::resolve::LevelKind;
use crate::resolve::Occurrences;
use crate::resolve::Setting;
use crate::rewrite::program::Programs;
use crate::routing::find_location::Locations;
use crate::routing::sample;
use crate::routing::sub_requests::SubRequests;
use crate::routing::virtual_server::Sockets;
use crate::source::DirectiveRef;
use crate::source::FileId;
use crate::source::Place;
use crate::text::location::LocationPattern;
use crate::text::placeholder;
use crate::validate::{self, Problem};

/// The blocks that are marked as WebSocket (`true`) or as none (`false`), by their heads.
pub type Marks = FxHashMap<DirectiveRef, bool>;

/// A configuration with the facts about it.
#[derive(Debug)]
pub struct Model<'c> {
    /// Files, levels and what is in effect.
    pub configuration: &'c Configuration,
    /// Variables and maps of `http`.
    pub variables: Variables<'c>,
    stream_variables: OnceLock<Variables<'c>>,
    /// The version of nginx that the configuration is for, if that was said.
    pub nginx_version: Option<Version>,
    /// What else was said about it.
    pub assumptions: &'c Assumptions,
    /// The blocks that somebody marked as WebSocket, or as none.
    pub marks: Marks,
    templates: Vec<(FileId, Span)>,
    /// By the number of the file: whether envsubst makes a configuration of it.
    for_envsubst: OnceLock<Vec<bool>>,
    problems: OnceLock<Vec<Problem>>,
    header_lines: OnceLock<Vec<Setting<'c>>>,
    listens: OnceLock<Listens>,
    zones: OnceLock<Zones>,
    upstream_groups: OnceLock<UpstreamGroups>,
    upstream_servers: OnceLock<Vec<(LevelId, Setting<'c>)>>,
    misshapen_servers: OnceLock<Vec<Misshapen>>,
    sees_everything: OnceLock<bool>,
    with_unknown: OnceLock<FxHashSet<LevelId>>,
    sub_requests: OnceLock<SubRequests>,
    sockets: OnceLock<Sockets>,
    locations: OnceLock<Locations>,
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

impl<'c> Model<'c> {
    /// Prepares a configuration for questions about it.
    pub fn new(
        configuration: &'c Configuration,
        assumptions: &'c Assumptions,
        marks: Marks,
    ) -> Self {
        let sources = configuration.loaded.sources.iter();
        let marked = sources.filter_map(|(file, source)| Some((file, mark(&source.tree)?)));
        Self {
            templates: marked.collect(),
            configuration,
            variables: Variables::new(configuration, Protocol::Http),
            stream_variables: OnceLock::new(),
            nginx_version: assumptions.nginx_version,
            assumptions,
            marks,
            for_envsubst: OnceLock::new(),
            problems: OnceLock::new(),
            header_lines: OnceLock::new(),
            listens: OnceLock::new(),
            zones: OnceLock::new(),
            upstream_groups: OnceLock::new(),
            upstream_servers: OnceLock::new(),
            misshapen_servers: OnceLock::new(),
            sees_everything: OnceLock::new(),
            with_unknown: OnceLock::new(),
            sub_requests: OnceLock::new(),
            sockets: OnceLock::new(),
            locations: OnceLock::new(),
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

    /// The files that are templates of another language, with the first mark of each.
    pub fn templates(&self) -> &[(FileId, Span)] {
        &self.templates
    }

    /// Whether a word of a file has a `$NAME` that envsubst replaces before nginx reads it.
    pub fn is_placeholder(&self, file: FileId, word: &[u8]) -> bool {
        self.is_for_envsubst(file) && placeholder::has_environment_variable(word)
    }

    /// Whether envsubst makes a configuration of a file.
    pub(crate) fn is_for_envsubst(&self, file: FileId) -> bool {
        self.for_envsubst.get_or_init(|| {
            let sources = self.configuration.loaded.sources.iter();
            sources.map(|(_, source)| is_for_envsubst(source)).collect()
        })[file.index()]
    }

    /// What is wrong with single directives, whatever they are about.
    pub fn problems(&self) -> &[Problem] {
        self.problems.get_or_init(|| validate::problems(self))
    }

    /// Variables and maps of `stream`.
    pub fn stream_variables(&self) -> &Variables<'c> {
        self.stream_variables.get_or_init(|| Variables::new(self.configuration, Protocol::Stream))
    }

    /// Where each directive stands.
    pub fn occurrences(&self) -> &Occurrences {
        &self.configuration.occurrences
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

    /// Whether a directive that is in no catalogue stands at that level itself.
    pub fn has_unknown_directive(&self, level: LevelId) -> bool {
        let with_unknown = self.with_unknown.get_or_init(|| {
            self.configuration.unknown_directives().map(|(level, _)| level).collect()
        });
        with_unknown.contains(&level)
    }

    /// Whether all of a whole configuration is seen and understood: nothing that is missing here
    /// can be declared in a file that is not seen, in a damaged text, in a template or by a
    /// mistyped directive.
    pub fn sees_everything(&self) -> bool {
        *self.sees_everything.get_or_init(|| {
            let configuration = self.configuration;
            configuration.is_whole()
                && self.templates.is_empty()
                && !configuration.loaded.some_folder_is_absent()
                && configuration.include_flood.is_none()
                && configuration.include_cycles.is_empty()
                && configuration.levels().all(|(_, level)| level.unseen.is_none())
                && configuration.unknown_directives().next().is_none()
                && configuration
                    .loaded
                    .sources
                    .iter()
                    .all(|(_, source)| source.tree.errors().is_empty())
        })
    }

    /// The location that a level is or is in: its head, and what it matches.
    pub fn location_of(&self, level: LevelId) -> Option<(Setting<'c>, LocationPattern)> {
        let configuration = self.configuration;
        let location = configuration.enclosing(level, LevelKind::Location)?;
        let head = configuration.head(location)?;
        Some((head, LocationPattern::read(head.directive)?))
    }

    /// Follows handshakes through the configuration: for few questions, which cheaper ones have
    /// shown to matter.
    pub fn tracer(&self) -> Tracer<'_, 'c> {
        Tracer::new(self)
    }

    /// Where the sub-requests of `auth_request` and `mirror` lead to.
    pub fn sub_requests(&self) -> &SubRequests {
        self.sub_requests.get_or_init(|| SubRequests::new(self))
    }

    /// The sockets of all servers.
    pub fn sockets(&self) -> &Sockets {
        self.sockets.get_or_init(|| Sockets::new(self))
    }

    /// Which location a URI belongs to.
    pub fn locations(&self) -> &Locations {
        self.locations.get_or_init(|| Locations::new(self.configuration))
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
            if proxied.len() < FEW {
                let mut values = SentValues::default();
                proxied.into_iter().map(|location| follow(&mut values, location)).collect()
            } else {
                proxied.into_par_iter().map_init(SentValues::default, follow).collect()
            }
        })
    }

    /// The levels whose settings show that they are meant for WebSockets: their numbers in
    /// [`Model::forwarded`], with what shows it.
    pub fn meant(&self) -> &[(usize, Proof)] {
        self.meant.get_or_init(|| {
            let proved = |(index, forwarded): (usize, &Forwarded<'c>)| {
                Some((index, intent::proof(self, forwarded)?))
            };
            let forwarded = self.forwarded();
            if forwarded.len() < FEW {
                forwarded.iter().enumerate().filter_map(proved).collect()
            } else {
                forwarded.par_iter().enumerate().filter_map(proved).collect()
            }
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

    /// Whether a syntax error lies in `place`: what is wrong there may follow from it, and is not
    /// reported beside it.
    pub fn has_syntax_error_in(&self, place: Place) -> bool {
        let errors = self.configuration.loaded.sources.get(place.file).tree.errors();
        if errors.is_empty() {
            return false;
        }
        let first = errors.partition_point(|error| error.span.end < place.span.start);
        errors[first..]
            .iter()
            .any(|error| error.span.start <= place.span.end && error.span.end >= place.span.start)
            || self.is_in_lost_block(place)
    }

    /// Whether a place lies between the first directive of a block that has lost its beginning and
    /// the block's `}`.
    fn is_in_lost_block(&self, place: Place) -> bool {
        let errors = self.configuration.loaded.sources.get(place.file).tree.errors();
        errors.iter().any(|error| {
            matches!(error.kind, SyntaxErrorKind::LostBlock { .. })
                && error.span.start <= place.span.start
                && error.notes.iter().any(|note| note.span.start >= place.span.end)
        })
    }

    /// Whether braces or quotes are wrong somewhere, so that blocks may stand in others than those
    /// that they were meant for.
    pub fn structure_is_damaged(&self) -> bool {
        self.syntax_errors().any(|error| concerns_structure(&error.kind))
    }

    /// Whether braces or quotes are wrong in such a way that a whole block, such as a map, may be
    /// read as something else than what it was meant for.
    pub fn definitions_may_be_lost(&self) -> bool {
        self.syntax_errors().any(|error| {
            concerns_structure(&error.kind)
                && !matches!(
                    error.kind,
                    SyntaxErrorKind::UnexpectedCloseBrace | SyntaxErrorKind::UnclosedBlock { .. }
                )
        })
    }

    fn syntax_errors(&self) -> impl Iterator<Item = &SyntaxError> {
        let files = self.configuration.loaded.sources.iter();
        files.flat_map(|(_, source)| source.tree.errors())
    }

    /// Whether a directive seems to stand in the wrong block because of a brace that is wrong.
    pub fn is_misplaced_by_braces(&self, reference: DirectiveRef) -> bool {
        let directive = self.configuration.setting(reference).directive;
        let head = |directive: Directive<'_>| {
            self.has_syntax_error_in(Place { file: reference.file, span: directive.head_span() })
        };
        head(directive) || directive.parent().is_some_and(head)
    }
}

/// Whether a mistake is about what stands in which block.
fn concerns_structure(kind: &SyntaxErrorKind) -> bool {
    !matches!(
        kind,
        SyntaxErrorKind::UnexpectedSemicolon
            | SyntaxErrorKind::MissingSemicolon { .. }
            | SyntaxErrorKind::Split { .. }
            | SyntaxErrorKind::HtmlEntity { .. }
            | SyntaxErrorKind::UnquotedRegex { .. }
            | SyntaxErrorKind::InvisibleCharacter { .. }
            | SyntaxErrorKind::TooLong { .. }
    )
}
