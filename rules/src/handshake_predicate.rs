//! The lines of a cache that except handshakes: `proxy_cache_bypass` and `proxy_no_cache`.

use wslint_grammar::DirectiveId;
use wslint_model::resolve::LevelId;

use crate::context::Context;

/// What to add of a directive. The first line of its kind at a level drops all inherited ones.
pub(crate) fn line_to_add(context: &Context<'_>, level: LevelId, id: DirectiveId) -> String {
    let name = id.name();
    let inherited = context.configuration.effective(level, id).set();
    let kept = match inherited {
        Some(lines) if lines.level != level => {
            format!(" (and repeat the inherited `{name}` beside it)")
        }
        _ => String::new(),
    };
    format!("`{name} $http_upgrade;`{kept}")
}
