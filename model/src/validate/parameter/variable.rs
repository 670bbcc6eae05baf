//! Directives that define variables, and data blocks that do.

use wslint_grammar::catalogue::directive as d;

use super::{Line, Row, refuse};
use crate::text::value::Refused;

pub(super) const OPEN: &[Row] = &[
    (d::SET, |line| defines(line, 1).or_else(|| line.script(2))),
    (d::AUTH_REQUEST_SET, |line| defines(line, 1).or_else(|| line.script(2))),
    (d::GEO, geo),
    (d::SPLIT_CLIENTS, |line| line.script(1).or_else(|| defines(line, 2))),
    // The name that it defines belongs to the rule `map-syntax`.
    (d::MAP, |line| line.script(1)),
    (d::PERL_SET, |line| defines(line, 1)),
];

/// A variable stands here (`ngx_http_rewrite_set` and the like).
fn defines(line: &Line<'_>, at: usize) -> Option<Refused> {
    let word = *line.words.get(at)?;
    let is_named = word.len() > 1 && word[0] == b'$';
    if is_named || line.is_open_at(at) {
        return None;
    }
    let message = format!("invalid variable name \"{}\"", line.shown(at));
    refuse(at, message, "a variable here, which begins with `$`")
}

/// `ngx_http_geo_block`, `ngx_stream_geo_block`
fn geo(line: &Line<'_>) -> Option<Refused> {
    defines(line, 1).or_else(|| defines(line, 2))
}
