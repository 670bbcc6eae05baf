//! Caches and the folders of temporary files.

use wslint_grammar::catalogue::directive as d;

use super::{Line, Row, refuse};
use crate::text::value::{Refused, is_time, number, size};

pub(super) const PLAIN: &[Row] = &[
    (d::CLIENT_BODY_TEMP_PATH, temp_path),
    (d::PROXY_TEMP_PATH, temp_path),
    (d::FASTCGI_TEMP_PATH, temp_path),
    (d::UWSGI_TEMP_PATH, temp_path),
    (d::SCGI_TEMP_PATH, temp_path),
    (d::PROXY_CACHE_PATH, cache_path),
    (d::FASTCGI_CACHE_PATH, cache_path),
    (d::UWSGI_CACHE_PATH, cache_path),
    (d::SCGI_CACHE_PATH, cache_path),
    (d::PROXY_CACHE_VALID, cache_valid),
    (d::FASTCGI_CACHE_VALID, cache_valid),
    (d::UWSGI_CACHE_VALID, cache_valid),
    (d::SCGI_CACHE_VALID, cache_valid),
    (d::OPEN_FILE_CACHE, open_file_cache),
    (d::OPEN_LOG_FILE_CACHE, open_log_file_cache),
    (d::SSL_CERTIFICATE_CACHE, certificate_cache),
    (d::PROXY_SSL_CERTIFICATE_CACHE, certificate_cache),
    (d::GRPC_SSL_CERTIFICATE_CACHE, certificate_cache),
    (d::UWSGI_SSL_CERTIFICATE_CACHE, certificate_cache),
];

/// `ngx_conf_set_path_slot`
fn temp_path(line: &Line<'_>) -> Option<Refused> {
    let mut length = 0;
    for (at, word) in line.words_from(2) {
        let Some(level) = number(word).filter(|&level| level > 0) else {
            return line.invalid_value(at, "numbers from 1 on for the lengths of folders' names");
        };
        length += level.min(100) + 1;
    }
    let levels = line.words_from(2).map(|_| 1).sum::<i64>();
    if length <= 10 + levels {
        return None;
    }
    line.invalid_value(2, "levels that are not longer than 10 characters together")
}

/// `ngx_http_file_cache_set_slot`
fn cache_path(line: &Line<'_>) -> Option<Refused> {
    // What only the commercial nginx has.
    const COMMERCIAL: [&[u8]; 4] =
        [b"purger=", b"purger_files=", b"purger_sleep=", b"purger_threshold="];
    let mut zone = false;
    for (at, word) in line.words_from(2) {
        let value = |key: &[u8]| word.strip_prefix(key);
        let bad = |message: String, expected: &str| refuse(at, message, expected);
        let shown = line.shown(at);
        if let Some(levels) = value(b"levels=") {
            if !are_levels(levels) {
                let message = format!("invalid \"levels\" \"{shown}\"");
                return bad(message, "one to three levels of 1 or 2, as in `levels=1:2`");
            }
        } else if let Some(switch) = value(b"use_temp_path=") {
            if !matches!(switch, b"on" | b"off") {
                let message = format!(
                    "invalid use_temp_path value \"{shown}\", it must be \"on\" or \"off\""
                );
                return bad(message, "`on` or `off`");
            }
        } else if let Some(name_and_size) = value(b"keys_zone=") {
            let Some((name, bytes)) = zone_of(name_and_size) else {
                let message = format!("invalid keys zone size \"{shown}\"");
                return bad(message, "a name and a size, as in `keys_zone=one:10m`");
            };
            // Two pages of memory, of which the smallest has 4k.
            if bytes < 2 * 4096 {
                let message = format!("keys zone \"{shown}\" is too small");
                return bad(message, "a size of two memory pages, `8k`, or more");
            }
            zone = !name.is_empty();
        } else if let Some(time) = value(b"inactive=") {
            if !is_time(time, true) {
                return bad(format!("invalid inactive value \"{shown}\""), "a time such as `60m`");
            }
        } else if let Some((name, bytes)) = value(b"max_size=")
            .map(|v| ("max_size", v))
            .or(value(b"min_free=").map(|v| ("min_free", v)))
        {
            if size(bytes, true).is_none() {
                return bad(format!("invalid {name} value \"{shown}\""), "a size such as `10g`");
            }
        } else if let Some((name, is_count, text)) = worker_parameter(word) {
            let is_right = if is_count { number(text).is_some() } else { is_time(text, false) };
            if !is_right {
                let expected = if is_count { "a number" } else { "a time such as `200ms`" };
                return bad(format!("invalid {name} value \"{shown}\""), expected);
            }
        } else if !COMMERCIAL.iter().any(|key| word.starts_with(key)) {
            let expected = "a parameter of this directive, without blanks around `=`";
            return line.invalid_parameter(at, expected);
        }
    }
    if zone { None } else { line.missing("\"keys_zone\" parameter") }
}

/// `loader_files=100` and the like: name, whether it is a count, value.
fn worker_parameter(word: &[u8]) -> Option<(&'static str, bool, &[u8])> {
    [
        "loader_files",
        "loader_sleep",
        "loader_threshold",
        "manager_files",
        "manager_sleep",
        "manager_threshold",
    ]
    .into_iter()
    .find_map(|name| {
        let value = word.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        Some((name, name.ends_with("files"), value))
    })
}

fn are_levels(text: &[u8]) -> bool {
    let levels = text.split(|&byte| byte == b':');
    text.is_empty()
        || levels.clone().count() <= 3
            && levels.into_iter().all(|level| matches!(level, b"1" | b"2"))
}

/// `NAME:SIZE`
pub(super) fn zone_of(text: &[u8]) -> Option<(&[u8], i64)> {
    let colon = memchr::memchr(b':', text)?;
    Some((&text[..colon], size(&text[colon + 1..], false)?))
}

/// `ngx_http_file_cache_valid_set_slot`
fn cache_valid(line: &Line<'_>) -> Option<Refused> {
    let last = line.count() - 1;
    if !is_time(line.word(last), true) {
        let message = format!("invalid time value \"{}\"", line.shown(last));
        return refuse(last, message, "status codes and then a time such as `10m`");
    }
    let is_status = |word: &[u8]| {
        word == b"any" || number(word).is_some_and(|code| (100..=599).contains(&code))
    };
    let (at, _) = line.words_from(1).take(last - 1).find(|(_, word)| !is_status(word))?;
    let message = format!("invalid status \"{}\"", line.shown(at));
    refuse(at, message, "`any`, or status codes from 100 to 599")
}

/// What a parameter begins with, and whether nginx takes what stands behind it.
type Key = (&'static [u8], fn(&[u8]) -> bool);

/// The parameters of a cache in memory.
fn parameters(
    line: &Line<'_>,
    keys: &[Key],
    bad: impl Fn(usize) -> Option<Refused>,
    must_have: &str,
) -> Option<Refused> {
    let (mut off, mut some) = (false, false);
    for (at, word) in line.words_from(1) {
        if word == b"off" {
            off = true;
            continue;
        }
        let value = keys.iter().find_map(|(key, accepts)| {
            let value = word.strip_prefix(*key)?;
            Some((*key, value, accepts(value)))
        });
        match value {
            Some((key, value, true)) => {
                some |= key == b"max=" && number(value).is_some_and(|most| most > 0);
            }
            _ => return bad(at),
        }
    }
    if off || some { None } else { line.missing(must_have) }
}

fn is_count(text: &[u8]) -> bool {
    number(text).is_some()
}

fn is_some(text: &[u8]) -> bool {
    number(text).is_some_and(|count| count > 0)
}

fn is_seconds(text: &[u8]) -> bool {
    is_time(text, true)
}

/// `ngx_http_core_open_file_cache`
fn open_file_cache(line: &Line<'_>) -> Option<Refused> {
    let bad = |at| {
        let message = format!("invalid \"open_file_cache\" parameter \"{}\"", line.shown(at));
        refuse(at, message, "`max=NUMBER` and `inactive=TIME`, or `off`")
    };
    parameters(
        line,
        &[(b"max=", is_some), (b"inactive=", is_seconds)],
        bad,
        "the \"max\" parameter",
    )
}

/// `ngx_http_log_open_file_cache`, `ngx_stream_log_open_file_cache`
fn open_log_file_cache(line: &Line<'_>) -> Option<Refused> {
    let bad = |at| {
        let message = format!("invalid \"open_log_file_cache\" parameter \"{}\"", line.shown(at));
        let expected =
            "`max=NUMBER`, `inactive=TIME`, `min_uses=NUMBER` and `valid=TIME`, or `off`";
        refuse(at, message, expected)
    };
    let keys: [Key; 4] = [
        (b"max=", is_count),
        (b"inactive=", is_seconds),
        (b"min_uses=", is_count),
        (b"valid=", is_seconds),
    ];
    parameters(line, &keys, bad, "\"max\" parameter")
}

/// `ngx_http_ssl_certificate_cache` and those of the proxies
fn certificate_cache(line: &Line<'_>) -> Option<Refused> {
    let bad =
        |at| line.invalid_parameter(at, "`max=NUMBER`, `inactive=TIME` and `valid=TIME`, or `off`");
    let keys: [Key; 3] = [(b"max=", is_some), (b"inactive=", is_seconds), (b"valid=", is_seconds)];
    parameters(line, &keys, bad, "the \"max\" parameter")
}
