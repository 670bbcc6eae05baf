//! Names of servers (`ngx_http_core_server_name`, `ngx_stream_core_server_name`).

use wslint_grammar::catalogue::directive as d;

use super::{Line, Row, refuse};
use crate::text::value::Refused;

pub(super) const OPEN: &[Row] = &[(d::SERVER_NAME, server_name)];

fn server_name(line: &Line<'_>) -> Option<Refused> {
    line.words_from(1).find_map(|(at, word)| {
        let invalid = |message: String| {
            refuse(at, message, "names, `*.NAME`, `.NAME`, `NAME.*` or `~PATTERN`")
        };
        match word {
            b"~" => invalid("empty regex in server name \"~\"".to_owned()),
            [b'~', ..] => line.regex(at, 1),
            _ if line.is_open_at(at) => None,
            _ if word.starts_with(b"*") && !(word.starts_with(b"*.") && word.len() > 2)
                || word == b"." =>
            {
                invalid(format!("server name \"{}\" is invalid", line.shown(at)))
            }
            _ => None,
        }
    })
}
