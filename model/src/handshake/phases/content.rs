//! What answers in a location (`ngx_http_core_content_phase`).

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::{Availability, directive as d};

use crate::handshake::phases::follow::{Next, Walk, refused};
use crate::handshake::phases::{answer, proxy};
use crate::handshake::{By, Kind, Outcome, Phase, ReasonKind};
use crate::resolve::{Configuration, LevelId, LevelKind, Setting, settings};
use crate::rewrite::document_root;
use crate::routing::find_location::BACKENDS;

/// Directives of nginx's own modules that answer requests of a location.
const HANDLERS: [DirectiveId; 14] = [
    d::PROXY_PASS,
    d::FASTCGI_PASS,
    d::UWSGI_PASS,
    d::SCGI_PASS,
    d::GRPC_PASS,
    d::MEMCACHED_PASS,
    d::EMPTY_GIF,
    d::STUB_STATUS,
    d::FLV,
    d::MP4,
    d::HLS,
    d::PERL,
    d::JS_CONTENT,
    d::API,
];

/// The level whose directive answers for a level: itself, or for `limit_except` the location when
/// that hands requests to a backend (`lmt_excpt` in `ngx_http_proxy_merge_loc_conf`).
pub(crate) fn handler_level(configuration: &Configuration, level: LevelId) -> Option<LevelId> {
    if handler(configuration, level).is_some() {
        return Some(level);
    }
    if configuration.level(level).kind != LevelKind::LimitExcept {
        return None;
    }
    let location = settings::location(configuration, level)?;
    let setting = handler(configuration, location)?;
    BACKENDS.contains(&setting.directive.id()?).then_some(location)
}

/// The directive at a level that answers; nginx takes the last one of several.
fn handler(configuration: &Configuration, level: LevelId) -> Option<Setting<'_>> {
    let own = HANDLERS.iter().filter_map(|&id| configuration.own(level, id).iter().next_back());
    own.chain(foreign_content(configuration, level)).max_by_key(|setting| setting.reference)
}

/// Other people's modules that answer: what they do is not in the configuration.
fn foreign_content(
    configuration: &Configuration,
    level: LevelId,
) -> impl Iterator<Item = Setting<'_>> {
    configuration.own_settings(level).filter(|setting| {
        setting.directive.id().is_some_and(|id| {
            let is_foreign = || {
                id.definitions()
                    .iter()
                    .all(|definition| definition.availability >= Availability::ThirdParty)
            };
            (id.name().starts_with("content_by_lua") || id.name() == "echo") && is_foreign()
        })
    })
}

/// What the location answers.
pub(crate) fn answer(walk: &mut Walk<'_, '_>) -> Next {
    let configuration = walk.tracer.model.configuration;
    let Some(level) = walk.request.handler else { return from_files(walk) };
    let Some(setting) = handler(configuration, level) else { return from_files(walk) };
    let place = Some(setting.place());
    let name = String::from_utf8_lossy(&setting.directive.name()).into_owned();
    match setting.directive.id() {
        // Another `if` may have changed the settings since, and `proxy_pass` is one of them.
        Some(d::PROXY_PASS) => match proxy_pass(configuration, walk.request.level) {
            Some((level, setting)) => {
                walk.request.handler = Some(level);
                proxy::pass(walk, setting)
            }
            None => {
                walk.step(Phase::Proxy, "no upstream configuration", place);
                answer::finish(walk, 500, place)
            }
        },
        Some(d::UWSGI_PASS | d::SCGI_PASS) => {
            walk.step(Phase::Content, format!("`{name}` hands the handshake on"), place);
            Next::End(Outcome {
                kind: Kind::Unknown,
                by: None,
                status: None,
                why: format!("it depends on what the application behind `{name}` answers"),
                place,
                reasons: Vec::new(),
            })
        }
        Some(d::EMPTY_GIF | d::STUB_STATUS | d::API) => {
            walk.step(Phase::Content, format!("`{name}` answers"), place);
            answer::sent(walk, 200, place)
        }
        Some(d::FASTCGI_PASS | d::GRPC_PASS | d::MEMCACHED_PASS) => {
            walk.step(Phase::Content, format!("`{name}` answers"), place);
            let mut outcome = refused(
                By::Nginx,
                None,
                format!("`{name}` cannot carry a WebSocket: only `proxy_pass` can"),
                place,
            );
            outcome.reasons = vec![ReasonKind::Handler.at(place)];
            Next::End(outcome)
        }
        Some(d::FLV | d::MP4 | d::HLS) => from_files(walk),
        _ => {
            walk.step(Phase::Content, format!("`{name}` answers"), place);
            Next::End(Outcome {
                kind: Kind::Unknown,
                by: None,
                status: None,
                why: format!("it depends on what `{name}` does"),
                place,
                reasons: Vec::new(),
            })
        }
    }
}

/// The `proxy_pass` in effect, with its level: a location's is that of its `if` and `limit_except`
/// too.
fn proxy_pass(configuration: &Configuration, level: LevelId) -> Option<(LevelId, Setting<'_>)> {
    for level in configuration.ancestors(level) {
        if let Some(setting) = configuration.own(level, d::PROXY_PASS).iter().next_back() {
            return Some((level, setting));
        }
        if configuration.level(level).kind == LevelKind::Location {
            return None;
        }
    }
    None
}

/// The modules that answer with files: index, autoindex, static. What is in the folder is not
/// known; the folder itself is taken for there.
fn from_files(walk: &mut Walk<'_, '_>) -> Next {
    let configuration = walk.tracer.model.configuration;
    let level = walk.request.level;
    let root = document_root::root(configuration, level);
    let place = root.map(|root| root.setting.place());
    let path = walk.request.known_path();
    if root.is_some_and(|root| root.alias_of.is_some()) && !walk.request.is_in_location {
        let message = "`alias` cannot be used where the URI was rewritten";
        walk.step(Phase::Content, message, place);
        return answer::finish(walk, 500, place);
    }
    // Without `root` it is the folder `html` of the installation, of which nothing is known. In a
    // regular expression an `alias` is a file.
    let replaced = root.and_then(|root| root.replaced(configuration));
    let rest = replaced.map(|replaced| path.get(replaced..).unwrap_or_default());
    let is_directory = rest.is_some_and(|rest| rest.iter().all(|&byte| byte == b'/'));
    let message = "nothing proxies here: nginx looks for a file";
    let status = if is_directory && path.ends_with(b"/") {
        if settings::flag(configuration, level, d::AUTOINDEX, false) { 200 } else { 403 }
    } else if is_directory {
        301
    } else {
        404
    };
    walk.step(Phase::Content, message, place);
    let place = place.or_else(|| configuration.head(level).map(|head| head.place()));
    match status {
        200 => answer::sent(walk, 200, place),
        status => answer::finish(walk, status, place),
    }
}
