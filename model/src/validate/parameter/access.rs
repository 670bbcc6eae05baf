//! Who may come in: networks, methods, referers, cookies of users.

use wslint_grammar::catalogue::directive as d;

use super::{Line, Row, refuse};
use crate::text::host_name::is_name_or_wildcard;
use crate::text::network::Network;
use crate::text::value::{Refused, is_time, one_of};

pub(super) const PLAIN: &[Row] = &[
    (d::ALLOW, network),
    (d::DENY, network),
    (d::LIMIT_EXCEPT, methods),
    (d::USERID_EXPIRES, userid_expires),
    (d::USERID_MARK, userid_mark),
    (d::MODERN_BROWSER, modern_browser),
];

pub(super) const OPEN: &[Row] = &[(d::VALID_REFERERS, referers)];

/// `ngx_http_access_rule`, `ngx_stream_access_rule`
fn network(line: &Line<'_>) -> Option<Refused> {
    let word = line.word(1);
    if matches!(word, b"all" | b"unix:") || Network::read(word).is_some() {
        return None;
    }
    line.invalid_parameter(1, "an address, a network such as `10.0.0.0/8`, `unix:` or `all`")
}

/// `ngx_http_core_limit_except`
fn methods(line: &Line<'_>) -> Option<Refused> {
    const METHODS: [&str; 14] = [
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "DELETE",
        "MKCOL",
        "COPY",
        "MOVE",
        "OPTIONS",
        "PROPFIND",
        "PROPPATCH",
        "LOCK",
        "UNLOCK",
        "PATCH",
    ];
    let is_known =
        |word: &[u8]| METHODS.iter().any(|method| word.eq_ignore_ascii_case(method.as_bytes()));
    let (number, _) = line.words_from(1).find(|(_, word)| !is_known(word))?;
    let message = format!("invalid method \"{}\"", line.shown(number));
    refuse(number, message, "methods such as `GET` and `POST`")
}

/// `ngx_http_valid_referers`
fn referers(line: &Line<'_>) -> Option<Refused> {
    line.words_from(1).find_map(|(number, word)| {
        if word.is_empty() {
            return refuse(number, "invalid referer \"\"".to_owned(), "a name or a pattern");
        }
        if word == b"~" {
            return refuse(number, "empty regex in \"~\"".to_owned(), "a pattern behind `~`");
        }
        if word[0] == b'~' {
            return line.regex(number, 1);
        }
        let name = word.split(|&byte| byte == b'/').next().unwrap_or_default();
        let is_word = matches!(word, b"none" | b"blocked" | b"server_names");
        if is_word || line.is_open_at(number) || is_name_or_wildcard(name) {
            return None;
        }
        let message = format!("invalid hostname or wildcard \"{}\"", super::shown(name));
        refuse(number, message, "a name, `*.NAME`, `.NAME` or `NAME.*`")
    })
}

/// `ngx_http_userid_expires`
fn userid_expires(line: &Line<'_>) -> Option<Refused> {
    let word = line.word(1);
    if matches!(word, b"max" | b"off") || is_time(word, true) {
        return None;
    }
    line.invalid_value(1, "a time, `max` or `off`")
}

/// `ngx_http_userid_mark`
fn userid_mark(line: &Line<'_>) -> Option<Refused> {
    match line.word(1) {
        b"off" | b"=" => None,
        [byte] if byte.is_ascii_alphanumeric() => None,
        _ => line.refuse_directive(
            1,
            "value must be \"off\" or a single letter, digit or \"=\"",
            "`off`, or one letter, digit or `=`",
        ),
    }
}

/// `ngx_http_modern_browser`
fn modern_browser(line: &Line<'_>) -> Option<Refused> {
    const BROWSERS: [&str; 5] = ["msie", "gecko", "opera", "safari", "konqueror"];
    if line.count() == 2 {
        // nginx says nothing of its own about other words.
        let expected = "`unlisted`, or a browser and its version";
        return match line.word(1) {
            b"unlisted" => None,
            _ => line.invalid_parameter(1, expected),
        };
    }
    let browser = line.word(1);
    if !BROWSERS.iter().any(|known| browser.eq_ignore_ascii_case(known.as_bytes())) {
        let message = format!("unknown browser name \"{}\"", line.shown(1));
        return refuse(1, message, &one_of(&BROWSERS));
    }
    if line.word(2).iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return None;
    }
    let message = format!("invalid browser version \"{}\"", line.shown(2));
    refuse(2, message, "digits and dots")
}
