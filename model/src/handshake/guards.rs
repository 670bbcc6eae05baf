//! Which backends nginx keeps clients from, by the rules of single locations.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{DirectiveId, Word};

use crate::handshake::backend::Backend;
use crate::model::Model;
use crate::resolve::{Effective, LevelId, LevelKind, Setting};
use crate::source::Place;
use crate::text::location::LocationPattern;

/// The guards of the locations of some servers, by the backend that they guard.
#[derive(Debug, Default)]
pub struct Guards {
    by_backend: FxHashMap<(LevelId, String), Vec<Place>>,
    /// The first `limit_req` that counts the requests for a backend.
    limits: FxHashMap<(LevelId, String), Place>,
}

/// More guards of one backend are not looked at: a location has fewer itself.
const MOST: usize = 8;

/// What a location may have beside `deny` that only says how it is guarded and logged: with
/// nothing else it has no answer of its own.
const GUARDS_ALONE: [DirectiveId; 16] = [
    d::DENY,
    d::ALLOW,
    d::SATISFY,
    d::AUTH_BASIC,
    d::AUTH_BASIC_USER_FILE,
    d::AUTH_REQUEST,
    d::AUTH_REQUEST_SET,
    d::INTERNAL,
    d::ACCESS_LOG,
    d::ERROR_LOG,
    d::LOG_NOT_FOUND,
    d::ERROR_PAGE,
    d::ADD_HEADER,
    d::LIMIT_REQ,
    d::LIMIT_CONN,
    d::DEFAULT_TYPE,
];

impl Guards {
    /// Whether some line of the configuration may guard anything.
    pub fn may_stand(model: &Model<'_>) -> bool {
        [d::DENY, d::AUTH_BASIC, d::AUTH_REQUEST, d::INTERNAL]
            .into_iter()
            .any(|id| model.configuration.everywhere(id).next().is_some())
    }

    /// Whether some line of the configuration may count requests.
    pub fn may_count(model: &Model<'_>) -> bool {
        model.configuration.everywhere(d::LIMIT_REQ).next().is_some()
    }

    /// Looks at the locations of `servers`.
    pub fn new(model: &Model<'_>, servers: &FxHashSet<LevelId>) -> Self {
        let mut guards = Self::default();
        if !Self::may_stand(model) && !Self::may_count(model) {
            return guards;
        }
        let configuration = model.configuration;
        let helpers = helpers(model);
        let mut prefixes: FxHashMap<(LevelId, Vec<u8>), Vec<String>> = FxHashMap::default();
        for forwarded in model.forwarded() {
            let level = forwarded.level;
            let Some(server) = configuration.level(level).server.filter(|it| servers.contains(it))
            else {
                continue;
            };
            let Some(backend) = Backend::of(model, forwarded) else { continue };
            let keys = backend.keys(model);
            if let Some(limit) = limit_at(model, level) {
                for key in &keys {
                    guards.limits.entry((server, key.clone())).or_insert(limit.place());
                }
            }
            let path = path(model, level);
            if !path.as_ref().is_some_and(|path| helpers.contains(path)) {
                for guard in guards_at(model, level) {
                    guards.add(server, &keys, guard.place());
                }
            }
            if let Some(path) = path {
                prefixes.entry((server, path)).or_insert(keys);
            }
        }
        if prefixes.is_empty() {
            return guards;
        }
        // A location that only says `deny all` keeps a path from the backend that would get it.
        for (level, own) in configuration.levels() {
            let Some(server) = own.server.filter(|it| servers.contains(it)) else { continue };
            let Some(deny) = configuration.own(level, d::DENY).iter().next() else { continue };
            let mut settings = configuration.own_references(level);
            if !settings.all(|(id, _)| GUARDS_ALONE.contains(&id))
                || own.unseen.is_some()
                || model.has_unknown_directive(level)
            {
                continue;
            }
            let Some(path) = path(model, level) else { continue };
            let around = (1..path.len())
                .rev()
                .find_map(|length| prefixes.get(&(server, path[..length].to_vec())));
            if let Some(keys) = around {
                guards.add(server, &keys.clone(), deny.place());
            }
        }
        guards
    }

    fn add(&mut self, server: LevelId, keys: &[String], place: Place) {
        for key in keys {
            let places = self.by_backend.entry((server, key.clone())).or_default();
            if places.len() < MOST && !places.contains(&place) {
                places.push(place);
            }
        }
    }

    /// A guard of `backend` in the server of `level` that does not guard `level` itself.
    pub fn past(&self, model: &Model<'_>, backend: &Backend, level: LevelId) -> Option<Place> {
        let server = model.configuration.level(level).server?;
        let keys = backend.keys(model);
        let places = keys.iter().filter_map(|key| self.by_backend.get(&(server, key.clone())));
        let own: Vec<Place> = guards_at(model, level).iter().map(Setting::place).collect();
        places.flatten().find(|place| !own.contains(place)).copied()
    }

    /// What looks at each request anew, and so at none that goes through a tunnel: an
    /// `auth_request` at `level`, or a `limit_req` there or at another location with `backend`.
    pub fn of_each_request(
        &self,
        model: &Model<'_>,
        backend: Option<&Backend>,
        level: LevelId,
    ) -> Option<Place> {
        if let Some(own) = limit_at(model, level).or_else(|| request_at(model, level)) {
            return Some(own.place());
        }
        let server = model.configuration.level(level).server?;
        let keys = backend?.keys(model);
        keys.iter().find_map(|key| self.limits.get(&(server, key.clone()))).copied()
    }
}

/// The `limit_req` in effect at a level.
fn limit_at<'c>(model: &Model<'c>, level: LevelId) -> Option<Setting<'c>> {
    let configuration = model.configuration;
    configuration
        .ancestors(level)
        .find_map(|level| configuration.own(level, d::LIMIT_REQ).iter().next())
}

/// The path of a location, when all paths that begin with it, or it alone, are meant.
fn path(model: &Model<'_>, level: LevelId) -> Option<Vec<u8>> {
    /// A longer path is compared with no other.
    const LONGEST: usize = 256;
    let configuration = model.configuration;
    if configuration.level(level).kind != LevelKind::Location {
        return None;
    }
    match LocationPattern::read(configuration.head(level)?.directive)? {
        // Files that begin with a dot are no backend's.
        LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. } => {
            let is_hidden = memchr::memmem::find(&name, b"/.").is_some();
            (!is_hidden && name.len() <= LONGEST).then_some(name)
        }
        _ => None,
    }
}

/// The paths that `auth_request` and `mirror` ask: what guards those guards nothing of worth.
fn helpers(model: &Model<'_>) -> FxHashSet<Vec<u8>> {
    let configuration = model.configuration;
    [d::AUTH_REQUEST, d::MIRROR]
        .into_iter()
        .flat_map(|id| configuration.everywhere(id))
        .filter_map(|(_, line)| Some(line.directive.argument(0)?.value().into_owned()))
        .collect()
}

/// What keeps clients from a level, or keeps some methods from it.
fn guards_at<'c>(model: &Model<'c>, level: LevelId) -> Vec<Setting<'c>> {
    let configuration = model.configuration;
    let mut guards: Vec<Setting<'c>> = refusals(model, level).collect();
    guards.extend(configuration.own(level, d::INTERNAL).iter().next());
    let excepts = configuration
        .children(level)
        .filter(|&child| configuration.level(child).kind == LevelKind::LimitExcept);
    guards.extend(
        excepts
            .filter(|&child| own_refusal(model, child))
            .filter_map(|child| configuration.head(child)),
    );
    guards
}

/// Whether `limit_except` refuses anybody by a line of its own.
fn own_refusal(model: &Model<'_>, level: LevelId) -> bool {
    [d::DENY, d::AUTH_BASIC]
        .into_iter()
        .any(|id| model.configuration.own(level, id).iter().next().is_some())
}

/// The lines in effect at a level by which nginx refuses clients.
fn refusals<'c>(model: &Model<'c>, level: LevelId) -> impl Iterator<Item = Setting<'c>> {
    let configuration = model.configuration;
    let nearest = |ids: &'static [DirectiveId]| {
        configuration.ancestors(level).find_map(|level| {
            let mut lines = ids.iter().flat_map(|&id| configuration.own(level, id).iter());
            lines.next()
        })
    };
    // `allow` alone keeps nobody out.
    let deny = nearest(&[d::DENY, d::ALLOW]).filter(|line| line.directive.id() == Some(d::DENY));
    let basic = nearest(&[d::AUTH_BASIC]).filter(is_on);
    [deny, basic, request_at(model, level)].into_iter().flatten()
}

/// The `auth_request` in effect at a level.
fn request_at<'c>(model: &Model<'c>, level: LevelId) -> Option<Setting<'c>> {
    match model.configuration.value(level, d::AUTH_REQUEST) {
        Effective::Set(line) => Some(line).filter(is_on),
        _ => None,
    }
}

fn is_on(line: &Setting<'_>) -> bool {
    line.directive.argument(0).map(Word::value).is_some_and(|it| it.as_ref() != b"off")
}
