//! Directives that the one before them takes for its arguments, because its `;` is missing and it
//! takes any number of them. nginx says nothing.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::{Value, directive as d, is_listen_word};
use wslint_grammar::{DirectiveId, Word};

use crate::resolve::{Configuration, LevelId, Setting};

/// The directives that no value of another one is ever called like, and that break a handshake
/// when they are lost.
const NEVER_VALUES: [DirectiveId; 3] = [d::PROXY_SET_HEADER, d::PROXY_HTTP_VERSION, d::PROXY_PASS];

/// The arguments of a directive that were meant to be the names of directives, where nginx takes
/// them without a word: each is the first word on its line and the name of a directive of more than
/// one word, which no value looks like, or one of [`NEVER_VALUES`] anywhere.
pub(crate) fn swallowed(setting: Setting<'_>) -> impl Iterator<Item = (Word<'_>, DirectiveId)> {
    let own = setting.directive.id();
    let count = setting.directive.argument_count();
    let takes_them = own.is_none_or(|own| {
        own.definitions().iter().any(|definition| definition.arguments.accepts(count))
    });
    setting.directive.arguments().filter(move |_| takes_them).filter_map(move |word| {
        // Looking names up costs more than looking at most words.
        if !word.starts_line() && !word.raw().starts_with(b"proxy_") {
            return None;
        }
        let id = DirectiveId::lookup(word.raw())?;
        let looks_like_a_name = id.name().contains('_') || id == d::LISTEN || id == d::LOCATION;
        let was_meant = word.starts_line() && looks_like_a_name || NEVER_VALUES.contains(&id);
        (was_meant && !own.is_some_and(|own| is_value_of(own, id.name()))).then_some((word, id))
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

/// The levels at which a directive that sets a part of the handshake was swallowed. What seems to
/// be missing there and further in is not missing for a reason of its own.
pub(crate) fn levels_that_swallow(configuration: &Configuration) -> FxHashSet<LevelId> {
    const NAMES: [DirectiveId; 2] = [d::PROXY_SET_HEADER, d::PROXY_HTTP_VERSION];
    let swallows = |setting: Setting<'_>| {
        // On the same line too: where the directive takes no more arguments that is an error of
        // its own.
        setting.directive.argument_count() > 1
            && setting
                .directive
                .arguments()
                .any(|word| DirectiveId::lookup(word.raw()).is_some_and(|id| NAMES.contains(&id)))
    };
    configuration
        .levels()
        .filter(|&(level, _)| configuration.own_settings(level).any(swallows))
        .map(|(level, _)| level)
        .collect()
}
