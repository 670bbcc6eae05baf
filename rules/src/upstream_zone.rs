//! What an upstream needs so that nginx looks up the addresses of its servers again.

use wslint_grammar::catalogue::directive as d;
use wslint_model::resolve::LevelId;

use crate::context::Context;
use crate::fix_writing::{Edits, add_to_upstream};

/// Adds a zone to an upstream, with its name, if that is free.
pub(crate) fn add_zone(context: &Context<'_>, level: LevelId) -> Option<(String, Edits)> {
    let name = context.configuration.head(level)?.directive.argument(0)?.value();
    if !context.zones().mentions(&name).is_empty() {
        return None;
    }
    let name = std::str::from_utf8(&name).ok()?;
    let edits = add_to_upstream(context, level, "zone", &[name, "64k"])?;
    Some((name.to_owned(), edits))
}

/// Whether a `resolver` is named for the servers of an upstream, as far as is seen.
pub(crate) fn has_resolver(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    let has = |level| configuration.has_own(level, d::RESOLVER);
    has(level) || configuration.level(level).parent.is_some_and(has)
}
