//! What answers in a location (`ngx_http_core_content_phase`).

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::{Availability, directive as d};

use super::follow::{Next, Walk, refused};
use super::{By, Kind, Outcome, Phase, answer, proxy, settings};
use crate::resolve::{Configuration, LevelId, Setting};

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

/// Whether something at a level answers by itself.
pub(crate) fn has_handler(configuration: &Configuration, level: LevelId) -> bool {
    handler(configuration, level).is_some()
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
pub(crate) fn answer(walk: &mut Walk<'_, '_, '_>) -> Next {
    let configuration = walk.tracer.context.configuration;
    let Some(level) = walk.request.handler else { return from_files(walk) };
    let Some(setting) = handler(configuration, level) else { return from_files(walk) };
    let place = Some(setting.place());
    let name = String::from_utf8_lossy(&setting.directive.name()).into_owned();
    match setting.directive.id() {
        Some(d::PROXY_PASS) => proxy::pass(walk, setting),
        Some(d::UWSGI_PASS | d::SCGI_PASS) => {
            walk.step(Phase::Content, format!("`{name}` hands the handshake on"), place);
            Next::End(Outcome {
                kind: Kind::Unknown,
                by: None,
                status: None,
                why: format!("it depends on what the application behind `{name}` answers"),
                place,
                rules: Vec::new(),
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
            outcome.rules = vec!["handler-cannot-upgrade"];
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
                rules: Vec::new(),
            })
        }
    }
}

/// The modules that answer with files: index, autoindex, static. What is in the folder is not
/// known; the folder itself is taken for there.
fn from_files(walk: &mut Walk<'_, '_, '_>) -> Next {
    let configuration = walk.tracer.context.configuration;
    let level = walk.request.level;
    let alias = settings::location(configuration, level)
        .and_then(|location| configuration.own(location, d::ALIAS).iter().next_back());
    let root = settings::value(configuration, level, d::ROOT);
    let setting = alias.or(root);
    let place = setting.map(|setting| setting.place());
    let path = &walk.request.path;
    let rest: &[u8] = match (alias, location_name(walk)) {
        (Some(_), Some(name)) => path.strip_prefix(name.as_slice()).unwrap_or(path),
        _ => path.strip_prefix(b"/").unwrap_or(path),
    };
    // Without `root` it is the folder `html` of the installation, of which nothing is known.
    let is_folder = setting.is_some() && rest.iter().all(|&byte| byte == b'/');
    let message = "nothing proxies here: nginx looks for a file";
    let status = if is_folder && path.ends_with(b"/") {
        if settings::flag(configuration, level, d::AUTOINDEX, false) { 200 } else { 403 }
    } else if is_folder {
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

fn location_name(walk: &Walk<'_, '_, '_>) -> Option<Vec<u8>> {
    use crate::location::LocationPattern as Pattern;
    let location = settings::location(walk.tracer.context.configuration, walk.request.level)?;
    match walk.tracer.locations.pattern(location)? {
        Pattern::Exact(name) | Pattern::Prefix { name, .. } => Some(name.clone()),
        _ => None,
    }
}
