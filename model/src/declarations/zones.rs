//! Shared memory zones: who declares them, and who uses them (`ngx_shared_memory_add`).

use rustc_hash::FxHashMap;
use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::{Context as Block, directive as d};

use crate::damage::text_damage::begins_typographically;
use crate::resolve::{Configuration, Occurrences, Setting};
use crate::source::DirectiveRef;
use crate::text::placeholder::may_stand_in;
use crate::text::value::size;

/// What a zone is for. nginx refuses one zone for two uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Use {
    /// `limit_req_zone`
    LimitReq,
    /// `limit_conn_zone` of `http`
    LimitConn,
    /// `limit_conn_zone` of `stream`
    StreamLimitConn,
    /// `proxy_cache_path`
    ProxyCache,
    /// `fastcgi_cache_path`
    FastcgiCache,
    /// `uwsgi_cache_path`
    UwsgiCache,
    /// `scgi_cache_path`
    ScgiCache,
    /// `zone` of an upstream of `http`
    Upstream,
    /// `zone` of an upstream of `stream`
    StreamUpstream,
    /// `ssl_session_cache` of `http`
    Sessions,
    /// `ssl_session_cache` of `stream`
    StreamSessions,
    /// `ssl_session_cache` of `mail`
    MailSessions,
}

impl Use {
    /// The directive that declares zones for this use with their size.
    pub fn declared_by(self) -> &'static str {
        match self {
            Use::LimitReq => "limit_req_zone",
            Use::LimitConn | Use::StreamLimitConn => "limit_conn_zone",
            Use::ProxyCache => "proxy_cache_path",
            Use::FastcgiCache => "fastcgi_cache_path",
            Use::UwsgiCache => "uwsgi_cache_path",
            Use::ScgiCache => "scgi_cache_path",
            Use::Upstream | Use::StreamUpstream => "zone",
            Use::Sessions | Use::StreamSessions | Use::MailSessions => "ssl_session_cache",
        }
    }

    /// Whether a zone may be declared only once for this use.
    pub fn is_declared_once(self) -> bool {
        !matches!(
            self,
            Use::Upstream
                | Use::StreamUpstream
                | Use::Sessions
                | Use::StreamSessions
                | Use::MailSessions
        )
    }
}

/// One place that names a zone.
#[derive(Clone, Debug)]
pub struct Mention {
    /// The directive.
    pub reference: DirectiveRef,
    /// The number of the argument with the name.
    pub argument: usize,
    /// What for.
    pub purpose: Use,
    /// The size in bytes, where it declares the zone.
    pub size: Option<i64>,
}

/// All zones of a configuration by name. Case counts.
#[derive(Debug, Default)]
pub struct Zones {
    /// The names in the order in which they were first found.
    pub names: Vec<Vec<u8>>,
    /// Some declaration cannot be read, so that its zone is not among the names.
    pub some_unreadable: bool,
    mentions: FxHashMap<Vec<u8>, Vec<Mention>>,
}

impl Zones {
    /// Looks for all of them.
    pub fn new(configuration: &Configuration, occurrences: &Occurrences) -> Self {
        let mut zones = Self::default();
        for (id, read) in READERS {
            for (level, setting) in occurrences.of(configuration, id) {
                let Some(block) = configuration.level(level).context else { continue };
                match read(id, block, setting) {
                    Some((name, mention)) => zones.add(name, mention),
                    None => zones.some_unreadable |= !matches!(id, d::SSL_SESSION_CACHE | d::ZONE),
                }
            }
        }
        zones
    }

    fn add(&mut self, name: Vec<u8>, mention: Mention) {
        // A placeholder of a template, a variable, or a name whose typographic quotes are reported.
        if name.is_empty() || may_stand_in(&name) || begins_typographically(&name) {
            self.some_unreadable |= mention.size.is_some();
            return;
        }
        if !self.mentions.contains_key(&name) {
            self.names.push(name.clone());
        }
        self.mentions.entry(name).or_default().push(mention);
    }

    /// Every place that names this zone: those that declare it before those that use it.
    pub fn mentions(&self, name: &[u8]) -> &[Mention] {
        self.mentions.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

type Read = fn(DirectiveId, Block, Setting<'_>) -> Option<(Vec<u8>, Mention)>;

/// The directives that name zones; those that declare come first.
const READERS: [(DirectiveId, Read); 14] = [
    (d::LIMIT_REQ_ZONE, declared_limit),
    (d::LIMIT_CONN_ZONE, declared_limit),
    (d::PROXY_CACHE_PATH, declared_cache),
    (d::FASTCGI_CACHE_PATH, declared_cache),
    (d::UWSGI_CACHE_PATH, declared_cache),
    (d::SCGI_CACHE_PATH, declared_cache),
    (d::SSL_SESSION_CACHE, sessions),
    (d::ZONE, upstream),
    (d::LIMIT_REQ, used_limit_req),
    (d::LIMIT_CONN, used_limit_conn),
    (d::PROXY_CACHE, used_cache),
    (d::FASTCGI_CACHE, used_cache),
    (d::UWSGI_CACHE, used_cache),
    (d::SCGI_CACHE, used_cache),
];

/// The argument that begins with `key`, and what follows it. Of several the last counts.
fn parameter(setting: Setting<'_>, first: usize, key: &[u8]) -> Option<(usize, Vec<u8>)> {
    let words = setting.directive.arguments().enumerate().skip(first);
    let mut found = words.rev().filter_map(|(number, word)| {
        let value = word.value();
        Some((number, value.strip_prefix(key)?.to_vec()))
    });
    found.next()
}

/// Splits `NAME:SIZE` at the first colon.
fn split_size(text: &[u8]) -> Option<(Vec<u8>, i64)> {
    let colon = memchr::memchr(b':', text)?;
    Some((text[..colon].to_vec(), size(&text[colon + 1..], false)?))
}

fn limit_purpose(id: DirectiveId, block: Block) -> Use {
    match (id, block) {
        (d::LIMIT_REQ_ZONE | d::LIMIT_REQ, _) => Use::LimitReq,
        (_, Block::Stream | Block::StreamServer) => Use::StreamLimitConn,
        _ => Use::LimitConn,
    }
}

fn declared_limit(
    id: DirectiveId,
    block: Block,
    setting: Setting<'_>,
) -> Option<(Vec<u8>, Mention)> {
    let (argument, value) = parameter(setting, 1, b"zone=")?;
    let (name, size) = split_size(&value)?;
    let purpose = limit_purpose(id, block);
    let reference = setting.reference;
    Some((name, Mention { reference, argument, purpose, size: Some(size) }))
}

/// The zone that a `limit_req` or `limit_conn` uses; `None` when it has yet to be filled in.
pub fn zone_used_by(limit: Setting<'_>) -> Option<Vec<u8>> {
    let name = match limit.directive.id()? {
        d::LIMIT_REQ => parameter(limit, 0, b"zone=")?.1,
        _ => limit.directive.argument(0)?.value().into_owned(),
    };
    (!may_stand_in(&name)).then_some(name)
}

fn used_limit_req(_: DirectiveId, _: Block, setting: Setting<'_>) -> Option<(Vec<u8>, Mention)> {
    let (argument, name) = parameter(setting, 0, b"zone=")?;
    let reference = setting.reference;
    Some((name, Mention { reference, argument, purpose: Use::LimitReq, size: None }))
}

fn used_limit_conn(
    id: DirectiveId,
    block: Block,
    setting: Setting<'_>,
) -> Option<(Vec<u8>, Mention)> {
    let name = setting.directive.argument(0)?.value().into_owned();
    let purpose = limit_purpose(id, block);
    let reference = setting.reference;
    Some((name, Mention { reference, argument: 0, purpose, size: None }))
}

fn cache_purpose(id: DirectiveId) -> Use {
    match id {
        d::FASTCGI_CACHE_PATH | d::FASTCGI_CACHE => Use::FastcgiCache,
        d::UWSGI_CACHE_PATH | d::UWSGI_CACHE => Use::UwsgiCache,
        d::SCGI_CACHE_PATH | d::SCGI_CACHE => Use::ScgiCache,
        _ => Use::ProxyCache,
    }
}

fn declared_cache(id: DirectiveId, _: Block, setting: Setting<'_>) -> Option<(Vec<u8>, Mention)> {
    let (argument, value) = parameter(setting, 1, b"keys_zone=")?;
    let (name, size) = split_size(&value)?;
    let purpose = cache_purpose(id);
    let reference = setting.reference;
    Some((name, Mention { reference, argument, purpose, size: Some(size) }))
}

fn used_cache(id: DirectiveId, _: Block, setting: Setting<'_>) -> Option<(Vec<u8>, Mention)> {
    let name = setting.directive.argument(0)?.value().into_owned();
    if name == b"off" {
        return None;
    }
    let purpose = cache_purpose(id);
    let reference = setting.reference;
    Some((name, Mention { reference, argument: 0, purpose, size: None }))
}

/// `ssl_session_cache shared:NAME:SIZE`
fn sessions(_: DirectiveId, block: Block, setting: Setting<'_>) -> Option<(Vec<u8>, Mention)> {
    let (argument, value) = parameter(setting, 0, b"shared:")?;
    let (name, size) = split_size(&value)?;
    let purpose = match block {
        Block::Stream | Block::StreamServer => Use::StreamSessions,
        Block::Mail | Block::MailServer => Use::MailSessions,
        _ => Use::Sessions,
    };
    let reference = setting.reference;
    Some((name, Mention { reference, argument, purpose, size: Some(size) }))
}

/// `zone NAME [SIZE]` in an upstream.
fn upstream(_: DirectiveId, block: Block, setting: Setting<'_>) -> Option<(Vec<u8>, Mention)> {
    let purpose = match block {
        Block::Upstream => Use::Upstream,
        Block::StreamUpstream => Use::StreamUpstream,
        _ => return None,
    };
    let name = setting.directive.argument(0)?.value().into_owned();
    // A size that nginx refuses is another mistake, and no missing one.
    let size = match setting.directive.argument(1) {
        Some(word) => Some(size(&word.value(), false)?),
        None => None,
    };
    let reference = setting.reference;
    Some((name, Mention { reference, argument: 0, purpose, size }))
}
