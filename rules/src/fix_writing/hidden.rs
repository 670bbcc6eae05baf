//! `proxy_hide_header` and `proxy_pass_header`.

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;
use wslint_model::resolve::{LevelId, Setting};

use super::block::{Block, settable, stands_everywhere};
use super::edits::Edits;
use super::list::add_to_lists;
use super::removal::{leaves_list_empty, remove};
use crate::context::Context;

/// Lets a header through at some levels where a line hides it: the line goes where it holds for
/// these levels alone, else `proxy_pass_header` takes its effect away
/// (`ngx_http_upstream_hide_headers_hash`).
pub(crate) fn pass_header(context: &Context<'_>, felt: &[(LevelId, Setting<'_>)]) -> Option<Edits> {
    let line = felt.first()?.1;
    let name = line.directive.argument(0).map(Word::raw)?;
    let levels: Vec<LevelId> = felt.iter().map(|&(level, _)| settable(context, level)).collect();
    let is_own = levels.iter().all(|&level| {
        let mut own = context.configuration.own(level, d::PROXY_HIDE_HEADER).iter();
        Block::of(context, level).is_some_and(|block| block.holds(line))
            && own.any(|it| it.reference == line.reference)
            && !leaves_list_empty(context, level, d::PROXY_HIDE_HEADER)
    });
    if is_own && stands_everywhere(context, line.reference, &levels) {
        let mut edits = Edits::default();
        edits.add_in(line.reference.file, remove(line.directive)?);
        return Some(edits);
    }
    let name = String::from_utf8_lossy(name).into_owned();
    add_to_lists(context, levels, d::PROXY_PASS_HEADER, &[&name])
}
