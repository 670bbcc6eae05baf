//! The cache of a `proxy_pass` (`ngx_http_upstream_cache`): the one reader of `proxy_cache` and of
//! what decides whether a request looks there.

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::declarations::zones::Mention;
use crate::evaluate::{Unknown, Value};
use crate::handshake::Phase;
use crate::handshake::cache::pages_are_found;
use crate::handshake::phases::answer;
use crate::handshake::phases::follow::{Next, Walk};
use crate::model::Model;
use crate::resolve::{Configuration, Effective, LevelId, Setting, settings};
use crate::text::placeholder::may_stand_in;

/// Whether a request looks into a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends on something that is unknown.
    Depends(Unknown),
}

/// The `proxy_cache` in effect, unless it is off.
pub(crate) fn zone_line(configuration: &Configuration, level: LevelId) -> Option<Setting<'_>> {
    let Effective::Set(line) = configuration.value(level, d::PROXY_CACHE) else { return None };
    (line.directive.argument(0)?.value().as_ref() != b"off").then_some(line)
}

/// Whether `proxy_cache` names a zone: one that is empty or `off` after its variables is none
/// (`ngx_http_upstream_cache_get`).
pub(crate) fn names_zone(line: Setting<'_>, value: impl Fn(&[u8]) -> Value) -> Test {
    let Some(text) = line.directive.argument(0).map(Word::value) else { return Test::No };
    match value(&text) {
        Value::Known(zone) if zone.is_empty() || zone == b"off" => Test::No,
        Value::Known(_) => Test::Yes,
        Value::Unknown(why) => Test::Depends(why),
    }
}

/// Whether one of the words of some lines is neither empty nor `0` (`ngx_http_test_predicates`):
/// `proxy_cache_bypass` and `proxy_no_cache`.
pub(crate) fn any_is_set<'c>(
    lines: impl IntoIterator<Item = Setting<'c>>,
    value: impl Fn(&[u8]) -> Value,
) -> Test {
    let mut test = Test::No;
    for word in lines.into_iter().flat_map(|line| line.directive.arguments()) {
        match value(&word.value()) {
            Value::Known(value) if !value.is_empty() && value != b"0" => return Test::Yes,
            Value::Known(_) => {}
            Value::Unknown(why) => test = Test::Depends(why),
        }
    }
    test
}

/// Whether a variable names a zone that no `proxy_cache_path` declares (`ngx_http_upstream_cache_get`);
/// one that is named without variables keeps nginx from starting.
fn is_undeclared(model: &Model<'_>, line: Setting<'_>, value: &Value) -> bool {
    let Some(zone) = value.bytes().filter(|zone| !zone.is_empty() && *zone != b"off") else {
        return false;
    };
    let configuration = model.configuration;
    let declares = |mention: &Mention| {
        configuration.setting(mention.reference).directive.id() == Some(d::PROXY_CACHE_PATH)
    };
    line.directive.argument(0).is_some_and(|word| word.value().contains(&b'$'))
        && model.sees_everything()
        && configuration.everywhere(d::PROXY_CACHE_PATH).all(|(_, path)| is_readable(path))
        && !model.zones().mentions(zone).iter().any(declares)
}

/// Whether it is known which zone a `proxy_cache_path` declares.
fn is_readable(path: Setting<'_>) -> bool {
    path.directive.arguments().any(|word| {
        let value = word.value();
        value.strip_prefix(b"keys_zone=").is_some_and(|zone| !may_stand_in(zone))
    })
}

/// Says what the cache may answer; what happens instead, where there is no such cache.
pub(super) fn look_up(walk: &mut Walk<'_, '_>) -> Option<Next> {
    let model = walk.tracer.model;
    let configuration = model.configuration;
    let level = walk.request.level;
    let line = zone_line(configuration, level)?;
    let place = Some(line.place());
    let zone = line.directive.argument(0).map(Word::value).unwrap_or_default();
    let zone = walk.value(&zone);
    if !walk.is_summary() && is_undeclared(model, line, &zone) {
        let message = format!("cache {} not found", zone.shown());
        walk.step(Phase::Cache, message, place);
        return Some(answer::finish(walk, 500, place));
    }
    let has_zone = match names_zone(line, |text| walk.value(text)) {
        Test::Yes => true,
        Test::No => false,
        Test::Depends(why) => walk.ask(why.depends_on, why.place.or(place)),
    };
    if !has_zone {
        return None;
    }
    let lines = settings::nearest(configuration, level, &[d::PROXY_CACHE_BYPASS]);
    if any_is_set(lines, |text| walk.value(text)) == Test::Yes {
        walk.step(Phase::Cache, "the handshake bypasses the cache", place);
    } else if !walk.is_summary() && !pages_are_found(walk.tracer.model, line, level) {
        let message = "a cached answer can only be that to another handshake";
        walk.step(Phase::Cache, message, place);
    } else {
        let message = "a cached answer, if there is one, comes in the place of the backend's";
        walk.step(Phase::Cache, message, place);
        walk.cached = place;
    }
    None
}
