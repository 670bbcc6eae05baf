//! What the rewrite module does in a location.

use wslint_grammar::catalogue::directive as d;
use wslint_model::resolve::{LevelId, LevelKind};

use crate::context::Context;

/// Whether a location, or an `if` in it, may change the URI: then `proxy_pass` replaces nothing of
/// it.
pub(crate) fn rewrites(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    let has = |level| configuration.has_own(level, d::REWRITE);
    has(level)
        || configuration
            .children(level)
            .any(|inner| configuration.level(inner).kind == LevelKind::If && has(inner))
}
