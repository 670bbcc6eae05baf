//! What proxies change in answers.

use wslint_grammar::catalogue::directive as d;

use super::{Line, Row, captures, refuse};
use crate::text::value::Refused;

pub(super) const PLAIN: &[Row] = &[];

pub(super) const OPEN: &[Row] = &[
    (d::PROXY_REDIRECT, redirect),
    (d::PROXY_COOKIE_DOMAIN, cookie_domain),
    (d::PROXY_COOKIE_PATH, cookie_path),
    (d::PROXY_COOKIE_FLAGS, cookie_flags),
    (d::FASTCGI_SPLIT_PATH_INFO, split_path_info),
    (d::PROXY_STORE, store),
    (d::FASTCGI_STORE, store),
    (d::SCGI_STORE, store),
    (d::UWSGI_STORE, store),
    (d::GZIP_DISABLE, gzip_disable),
    (d::FASTCGI_PARAM, param),
    (d::UWSGI_PARAM, param),
    (d::SCGI_PARAM, param),
];

/// One word alone must be one of these.
fn alone(line: &Line<'_>, words: &[&str]) -> Option<Refused> {
    if line.is_open { None } else { line.one_of(1, words) }
}

/// A pattern with `~`, or a text with variables, and then a text with variables.
fn pattern_and_text(line: &Line<'_>, ignores_case_with_star: bool) -> Option<Refused> {
    let first = match line.word(1) {
        [b'~', b'*', ..] if ignores_case_with_star => line.regex(1, 2),
        [b'~', ..] => line.regex(1, 1),
        _ => line.script(1),
    };
    first.or_else(|| line.script(2))
}

/// `ngx_http_proxy_redirect`
fn redirect(line: &Line<'_>) -> Option<Refused> {
    match line.count() {
        2 => alone(line, &["off", "default"]),
        _ => pattern_and_text(line, true),
    }
}

/// `ngx_http_proxy_cookie_domain`
fn cookie_domain(line: &Line<'_>) -> Option<Refused> {
    match line.count() {
        2 => alone(line, &["off"]),
        _ => pattern_and_text(line, false),
    }
}

/// `ngx_http_proxy_cookie_path`
fn cookie_path(line: &Line<'_>) -> Option<Refused> {
    match line.count() {
        2 => alone(line, &["off"]),
        _ => pattern_and_text(line, true),
    }
}

/// `ngx_http_proxy_cookie_flags`, and the flags themselves at `ngx_http_proxy_merge_loc_conf`
fn cookie_flags(line: &Line<'_>) -> Option<Refused> {
    if line.count() == 2 {
        return alone(line, &["off"]);
    }
    let first = if line.word(1).starts_with(b"~") { line.regex(1, 1) } else { line.script(1) };
    first.or_else(|| line.words_from(2).find_map(|(at, _)| line.script(at)))
}

/// `ngx_http_fastcgi_split_path_info`
fn split_path_info(line: &Line<'_>) -> Option<Refused> {
    let fault = line.regex(1, 0);
    if fault.is_some() || line.is_open || captures(line.word(1)).is_none_or(|count| count == 2) {
        return fault;
    }
    let message = format!("pattern \"{}\" must have 2 captures", line.shown(1));
    refuse(1, message, "two groups: the script, and the rest, as in `^(.+\\.php)(/.+)$`")
}

/// `ngx_http_proxy_store` and the others
fn store(line: &Line<'_>) -> Option<Refused> {
    if line.word(1).is_empty() && line.is_since(1, 27, 3) {
        return refuse(1, "empty path".to_owned(), "`on`, `off` or a path");
    }
    line.script(1)
}

/// `ngx_http_gzip_disable`
fn gzip_disable(line: &Line<'_>) -> Option<Refused> {
    line.words_from(1).find_map(|(at, _)| line.regex(at, 0))
}

/// `ngx_http_upstream_param_set_slot`; the value is compiled where levels are merged.
fn param(line: &Line<'_>) -> Option<Refused> {
    if line.is_open { None } else { line.one_of(3, &["if_not_empty"]) }.or_else(|| line.script(2))
}
