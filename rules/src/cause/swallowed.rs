//! Directives that the one before them takes for its arguments, because its `;` is missing and it
//! takes any number of them. nginx says nothing.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::{Value, directive as d, is_listen_word};
use wslint_grammar::{Directive, DirectiveId, Word};
use wslint_model::resolve::{Configuration, LevelId, Setting};

/// The directives that no value of another one is ever called like, and that break a handshake
/// when they are lost.
const NEVER_VALUES: [DirectiveId; 3] = [d::PROXY_SET_HEADER, d::PROXY_HTTP_VERSION, d::PROXY_PASS];

/// The arguments of a directive that were meant to be the names of directives, where nginx takes
/// them without a word: each is the first word on its line and the name of a directive of more than
/// one word, which no value looks like, or one of [`NEVER_VALUES`] anywhere.
pub(crate) fn swallowed(setting: Setting<'_>) -> impl Iterator<Item = (Word<'_>, DirectiveId)> {
    let own = setting.directive.id();
    let count = setting.directive.argument_count();
    let takes_them = move || {
        own.is_none_or(|own| {
            own.definitions().iter().any(|definition| definition.arguments.accepts(count))
        })
    };
    setting.directive.arguments().filter_map(move |word| {
        // Looking names up costs more than looking at most words.
        if !word.starts_line() && !word.raw().starts_with(b"proxy_") {
            return None;
        }
        let id = DirectiveId::lookup(word.raw())?;
        let looks_like_a_name = id.name().contains('_') || id == d::LISTEN || id == d::LOCATION;
        let was_meant = word.starts_line() && looks_like_a_name || NEVER_VALUES.contains(&id);
        let is_value = || own.is_some_and(|own| is_value_of(own, id.name()));
        (was_meant && takes_them() && !is_value()).then_some((word, id))
    })
}

/// Whether a word is one of the values of a directive, be it the name of another one too.
fn is_value_of(id: DirectiveId, word: &str) -> bool {
    if id == d::LISTEN && is_listen_word(word.as_bytes()) {
        return true;
    }
    id.definitions().iter().any(|definition| match definition.value {
        Value::OneOf(words) | Value::AnyOf(words) => words.contains(&word),
        _ => false,
    })
}

/// Parts of a handshake that the configuration has, but that nginx does not see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swallowed {
    /// `proxy_http_version`
    pub http_version: bool,
    /// `proxy_set_header Upgrade`
    pub upgrade: bool,
    /// `proxy_set_header Connection`
    pub connection: bool,
}

/// The levels at which a directive that sets a part of the handshake was swallowed. What seems to
/// be missing there and further in is not missing for a reason of its own.
///
/// Where nginx takes the words without a word of its own, that holds only if the rule about it
/// (`swallowed-directive`) is in use.
pub(crate) fn swallowed_parts(
    configuration: &Configuration,
    rule_is_in_use: bool,
) -> FxHashMap<LevelId, Swallowed> {
    let mut levels: FxHashMap<LevelId, Swallowed> = FxHashMap::default();
    for (level, _) in configuration.levels() {
        for setting in configuration.own_settings(level) {
            // On the same line too: where the directive takes no more arguments that is an error of
            // its own.
            let count = setting.directive.argument_count();
            if count < 2 {
                continue;
            }
            let Some(parts) = parts_in(setting.directive) else { continue };
            let takes_them = setting.directive.id().is_some_and(|id| {
                id.definitions().iter().any(|definition| definition.arguments.accepts(count))
            });
            if rule_is_in_use || !takes_them {
                let all = levels.entry(level).or_default();
                all.http_version |= parts.http_version;
                all.upgrade |= parts.upgrade;
                all.connection |= parts.connection;
            }
        }
    }
    levels
}

/// Adds what directives with an unknown name were meant to set: `proxy_set_headr Upgrade`,
/// `proxy_http_version: 1.1`.
pub(crate) fn add_mistyped(
    configuration: &Configuration,
    levels: &mut FxHashMap<LevelId, Swallowed>,
) {
    for (level, setting) in configuration.unknown_directives() {
        let name = setting.directive.name().to_ascii_lowercase();
        let first = setting.directive.argument(0).map(Word::value).unwrap_or_default();
        let parts = Swallowed {
            http_version: memchr::memmem::find(&name, b"http").is_some()
                && memchr::memmem::find(&name, b"version").is_some(),
            upgrade: first.eq_ignore_ascii_case(b"upgrade"),
            connection: first.eq_ignore_ascii_case(b"connection"),
        };
        if parts != Swallowed::default() {
            let all = levels.entry(level).or_default();
            all.http_version |= parts.http_version;
            all.upgrade |= parts.upgrade;
            all.connection |= parts.connection;
        }
    }
}

/// The parts of a handshake among the arguments of a directive.
fn parts_in(directive: Directive<'_>) -> Option<Swallowed> {
    let mut parts = Swallowed::default();
    let mut words = directive.arguments().peekable();
    while let Some(word) = words.next() {
        if !word.raw().starts_with(b"proxy_") {
            continue;
        }
        match DirectiveId::lookup(word.raw()) {
            Some(d::PROXY_HTTP_VERSION) => parts.http_version = true,
            Some(d::PROXY_SET_HEADER) => {
                let name = words.peek().map(|word| word.value()).unwrap_or_default();
                parts.upgrade |= name.eq_ignore_ascii_case(b"upgrade");
                parts.connection |= name.eq_ignore_ascii_case(b"connection");
            }
            _ => {}
        }
    }
    (parts != Swallowed::default()).then_some(parts)
}
