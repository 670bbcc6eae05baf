//! Headers of answers.

use wslint_grammar::catalogue::directive as d;

use super::{Line, Row};
use crate::text::value::{Refused, time};

pub(super) const PLAIN: &[Row] =
    &[(d::ADD_HEADER, header), (d::ADD_TRAILER, header), (d::EXPIRES, expires)];

/// `ngx_http_headers_add`
fn header(line: &Line<'_>) -> Option<Refused> {
    line.one_of(3, &["always"])
}

/// `ngx_http_headers_expires`, `ngx_http_parse_expires`
fn expires(line: &Line<'_>) -> Option<Refused> {
    const DAY: i64 = 24 * 60 * 60;
    let expected = "a time with an optional sign, `@TIME`, `epoch`, `max` or `off`";
    let last = line.count() - 1;
    let modified = last == 2;
    if modified && line.word(1) != b"modified" {
        return line.invalid_value(1, "`modified` in front of the time");
    }
    let word = line.word(last);
    if word.contains(&b'$') {
        return None;
    }
    if !modified && matches!(word, b"epoch" | b"max" | b"off") {
        return None;
    }
    let (daily, text) = match word.split_first() {
        Some((b'@', _)) if modified => {
            let what = "daily time cannot be used with \"modified\" parameter";
            return line.refuse_directive(last, what, "a time behind `modified`");
        }
        Some((b'@', text)) => (true, text),
        Some((b'+' | b'-', text)) => (false, text),
        _ => (false, word),
    };
    match time(text, true) {
        None => line.invalid_value(last, expected),
        Some(seconds) if daily && seconds > DAY => {
            let what = "daily time value must be less than 24 hours";
            line.refuse_directive(last, what, "a time of the day, as in `@15h30m`")
        }
        Some(_) => None,
    }
}
