//! Where the directives stand that rules compare with each other.
//!
//! They are looked for once, in one pass over all settings: to ask level by level for each of them
//! would cost many passes.

use rustc_hash::FxHashMap;
use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;

use crate::resolve::{Configuration, LevelId, Setting};
use crate::source::DirectiveRef;

/// The directives that can be asked for.
const COMPARED: [DirectiveId; 32] = [
    d::LISTEN,
    d::ALIAS,
    d::LOG_FORMAT,
    d::LIMIT_REQ_ZONE,
    d::LIMIT_REQ,
    d::LIMIT_CONN_ZONE,
    d::LIMIT_CONN,
    d::PROXY_CACHE_PATH,
    d::PROXY_CACHE,
    d::FASTCGI_CACHE_PATH,
    d::FASTCGI_CACHE,
    d::UWSGI_CACHE_PATH,
    d::UWSGI_CACHE,
    d::SCGI_CACHE_PATH,
    d::SCGI_CACHE,
    d::ZONE,
    d::SSL_SESSION_CACHE,
    d::SSL_CERTIFICATE,
    d::PROXY_PASS,
    d::FASTCGI_PASS,
    d::UWSGI_PASS,
    d::SCGI_PASS,
    d::GRPC_PASS,
    d::MEMCACHED_PASS,
    d::IP_HASH,
    d::HASH,
    d::RANDOM,
    d::WORKER_CONNECTIONS,
    d::THREAD_POOL,
    d::AUTH_REQUEST,
    d::MIRROR,
    d::VALID_REFERERS,
];

/// The directives of a configuration that rules compare with each other.
#[derive(Debug, Default)]
pub(crate) struct Occurrences {
    found: FxHashMap<DirectiveId, Vec<(LevelId, DirectiveRef)>>,
}

impl Occurrences {
    /// Looks for all of them.
    pub(crate) fn new(configuration: &Configuration) -> Self {
        let mut compared = vec![false; wslint_grammar::catalogue::names().count()];
        for id in COMPARED {
            compared[id.index()] = true;
        }
        let mut occurrences = Self::default();
        for (level, _) in configuration.levels() {
            for (id, reference) in configuration.own_references(level) {
                if compared[id.index()] {
                    occurrences.found.entry(id).or_default().push((level, reference));
                }
            }
        }
        occurrences
    }

    /// Where `id` stands, outer levels before inner ones, and in the order of the text within a
    /// level. Only the compared directives can be asked for.
    pub(crate) fn of<'c>(
        &self,
        configuration: &'c Configuration,
        id: DirectiveId,
    ) -> impl Iterator<Item = (LevelId, Setting<'c>)> {
        debug_assert!(COMPARED.contains(&id), "{} is not a compared directive", id.name());
        let found = self.found.get(&id).map(Vec::as_slice).unwrap_or_default();
        found.iter().map(move |&(level, reference)| (level, configuration.setting(reference)))
    }
}
