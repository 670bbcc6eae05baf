//! What the rewrite module does in a location.

use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use wslint_model::resolve::LevelId;
use wslint_model::resolve::LevelKind;

/// Whether a location, or an `if` in it, may change the URI: then `proxy_pass` replaces nothing of
/// it.
pub(crate) fn rewrites(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    let has = |level| configuration.own(level, d::REWRITE).iter().next().is_some();
    has(level)
        || configuration
            .children(level)
            .any(|inner| configuration.level(inner).kind == LevelKind::If && has(inner))
}
