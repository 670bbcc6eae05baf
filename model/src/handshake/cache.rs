//! What a cache does with the handshakes of a location: which of them look into it, what of them is
//! kept in it, and who finds that.
//!
//! A `101` is never kept (`ngx_http_upstream_send_response` gives the entry up before it upgrades);
//! the answer to a handshake that the backend refuses may be.

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::evaluate::{Request, Value};
use crate::handshake::phases::cache;
use crate::intent::uses_upgrade;
use crate::model::Model;
use crate::resolve::{Effective, LevelId, Lines, Setting};
use crate::text::template::{Part, parts};

/// A cache that handshakes of one level have to do with.
#[derive(Clone, Copy, Debug)]
pub struct HandshakeCache<'c> {
    /// The `proxy_cache` that is in effect.
    pub cache: Setting<'c>,
    /// Whether the key of a handshake is another one than that of a plain request, so that
    /// neither finds what the other has left.
    pub is_kept_apart: bool,
    /// Whether handshakes are passed on without a look into it (`proxy_cache_bypass`).
    pub bypass: Verdict,
    /// Whether what handshakes are answered is kept out of it (`proxy_no_cache`).
    pub(crate) no_cache: Verdict,
}

/// Whether one of a directive's words is neither empty nor `0` for a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// One is.
    Yes,
    /// None is.
    No,
    /// It cannot be told.
    Unknown,
}

impl<'c> HandshakeCache<'c> {
    /// The cache at a level, if one is surely used there for handshakes.
    pub fn at(model: &Model<'c>, level: LevelId) -> Option<Self> {
        let configuration = model.configuration;
        let cache = cache::zone_line(configuration, level)?;
        if cache::names_zone(cache, value_for(model, &Request::CHROME, level)) != cache::Test::Yes {
            return None;
        }
        let verdict =
            |id| verdict(model, configuration.effective(level, id), &Request::CHROME, level);
        Some(Self {
            cache,
            is_kept_apart: !pages_are_found(model, cache, level),
            bypass: verdict(d::PROXY_CACHE_BYPASS),
            no_cache: verdict(d::PROXY_NO_CACHE),
        })
    }

    /// Whether a handshake may get the answer to a plain request.
    pub fn answers_handshakes(&self) -> bool {
        !self.is_kept_apart && self.bypass == Verdict::No
    }

    /// The line that keeps the answers to refused handshakes for others: for plain requests, or for
    /// handshakes that look for them.
    pub fn keeps_refusals(&self, model: &Model<'c>, level: LevelId) -> Option<Setting<'c>> {
        let is_found = !self.is_kept_apart || self.bypass == Verdict::No;
        if !is_found || self.no_cache != Verdict::No {
            return None;
        }
        line_that_keeps(model, level, &REFUSALS)
    }

    /// The line that makes handshakes wait for each other, whatever is in the cache
    /// (`ngx_http_file_cache_lock`).
    pub fn lock(&self, model: &Model<'c>, level: LevelId) -> Option<Setting<'c>> {
        if self.bypass != Verdict::No {
            return None;
        }
        let configuration = model.configuration;
        let lock = configuration.value(level, d::PROXY_CACHE_LOCK).set()?;
        let waits = match configuration.value(level, d::PROXY_CACHE_LOCK_TIMEOUT) {
            Effective::Default => true,
            Effective::Unknown(_) => false,
            Effective::Set(timeout) => timeout.milliseconds().is_some_and(|time| time > 0),
        };
        (waits && lock.is_switched("on")).then_some(lock)
    }

    /// The line that keeps plain answers, whatever the backend says.
    pub fn keeps_pages(model: &Model<'c>, level: LevelId) -> Option<Setting<'c>> {
        line_that_keeps(model, level, &[b"200"])
    }
}

/// The status codes with which backends refuse handshakes (RFC 6455, sections 4.2.1 and 4.4), and
/// seldom or never answer for plain requests.
const REFUSALS: [&[u8]; 6] = [b"400", b"403", b"405", b"426", b"501", b"505"];

/// The `proxy_cache_valid` in effect that keeps answers with one of these codes. Without a code it
/// is about 200, 301 and 302 (`ngx_http_file_cache_valid_set_slot`).
fn line_that_keeps<'c>(model: &Model<'c>, level: LevelId, codes: &[&[u8]]) -> Option<Setting<'c>> {
    let lines = model.configuration.effective(level, d::PROXY_CACHE_VALID).set()?;
    lines.iter().find(|line| {
        let count = line.directive.argument_count().saturating_sub(1);
        let is_kept = |code: &[u8]| code == b"any" || codes.contains(&code);
        let keeps = line.directive.arguments().take(count).any(|word| is_kept(&word.value()))
            || count == 0 && codes.contains(&&b"200"[..]);
        // A time of zero keeps nothing.
        keeps && line.directive.argument(count).is_some_and(|time| time.value().as_ref() != b"0")
    })
}

/// What texts become at a level for a request of that kind.
fn value_for<'m>(
    model: &'m Model<'_>,
    request: &'m Request,
    level: LevelId,
) -> impl Fn(&[u8]) -> Value + 'm {
    move |text| model.evaluate(text, request, level).value.clone()
}

/// Whether a handshake may find what a plain request for the same URI has left in the cache: that is
/// stored at all, in the same zone, and by the same key.
pub(crate) fn pages_are_found(model: &Model<'_>, zone: Setting<'_>, level: LevelId) -> bool {
    let plain = value_for(model, &Request::PLAIN, level);
    if cache::names_zone(zone, &plain) == cache::Test::No {
        return false;
    }
    let no_cache = model.configuration.effective(level, d::PROXY_NO_CACHE);
    if verdict(model, no_cache, &Request::PLAIN, level) == Verdict::Yes {
        return false;
    }
    let zone_text = zone.directive.argument(0).map(Word::value).unwrap_or_default();
    !differs(model, &zone_text, level) && !key_tells_handshakes_apart(model, level)
}

/// Whether the cache key differs for handshakes and plain requests.
fn key_tells_handshakes_apart(model: &Model<'_>, level: LevelId) -> bool {
    match model.configuration.value(level, d::PROXY_CACHE_KEY) {
        // The arguments are a part of the default key, and `set $args` may change them.
        Effective::Default => {
            !model.takes_no_steps(level) && differs(model, b"$uri$is_args$args", level)
        }
        Effective::Unknown(_) => false,
        Effective::Set(key) => {
            let text = key.directive.argument(0).map(Word::value).unwrap_or_default();
            uses_upgrade(model, &text, 4) || differs(model, &text, level)
        }
    }
}

/// Whether some part of a text is surely another one for a handshake than for a plain request of the
/// same URI.
fn differs(model: &Model<'_>, text: &[u8], level: LevelId) -> bool {
    parts(text).any(|part| {
        let Part::Variable { range, .. } = part else { return false };
        let variable = &text[range];
        let value = |request| model.evaluate(variable, request, level).value.clone();
        matches!(
            (value(&Request::CHROME), value(&Request::PLAIN)),
            (Value::Known(handshake), Value::Known(plain)) if handshake != plain
        )
    })
}

/// Whether some predicate is neither empty nor "0" (`ngx_http_test_predicates`).
fn verdict(
    model: &Model<'_>,
    predicates: Effective<Lines<'_>>,
    request: &Request,
    level: LevelId,
) -> Verdict {
    let lines = match predicates {
        Effective::Default => return Verdict::No,
        Effective::Unknown(_) => return Verdict::Unknown,
        Effective::Set(lines) => lines,
    };
    let value = |text: &[u8]| match &model.evaluate(text, request, level).value {
        // A cookie or an argument is not there for a handshake to rely on.
        Value::Unknown(_) if !uses_upgrade(model, text, 4) => Value::known(""),
        value => value.clone(),
    };
    match cache::any_is_set(lines.iter(), value) {
        cache::Test::Yes => Verdict::Yes,
        cache::Test::Depends(_) => Verdict::Unknown,
        cache::Test::No if lines.unseen.is_some() => Verdict::Unknown,
        cache::Test::No => Verdict::No,
    }
}
