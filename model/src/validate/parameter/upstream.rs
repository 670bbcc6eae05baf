//! Upstreams. What is wrong with the parameters and ports of servers has rules of its own.

use wslint_grammar::catalogue::{Context as Block, Version, directive as d};

use super::limit::SMALLEST_ZONE;
use super::{Line, Row, refuse};
use crate::declarations::upstream_server;
use crate::text::address;
use crate::text::url::{self, Use};
use crate::text::value::{Refused, is_time, number, size};

pub(super) const PLAIN: &[Row] = &[
    (d::SERVER, server),
    (d::KEEPALIVE, keepalive),
    (d::RANDOM, random),
    (d::HASH, |line| line.one_of(2, &["consistent"])),
    (d::LEAST_TIME, least_time),
    (d::ZONE, zone),
];

/// `ngx_http_upstream_server`, `ngx_stream_upstream_server`
fn server(line: &Line<'_>) -> Option<Refused> {
    if !matches!(line.block, Block::Upstream | Block::StreamUpstream) {
        return None;
    }
    let word = line.word(1);
    let bad = |error: &str| {
        let message = format!("{error} in upstream \"{}\"", line.shown(1));
        refuse(1, message, "an address such as `127.0.0.1:3000` or `unix:/run/app.sock`")
    };
    let has = |name: &[u8]| line.words_from(2).any(|(_, word)| word.starts_with(name));
    let has_rule = || {
        std::str::from_utf8(word).is_ok_and(|text| {
            !text.contains('/') && matches!(address::parse(text), Some(Err(_)))
                || upstream_server::shape(text).is_some()
        })
    };
    match url::parse(word, Use::Server) {
        // A port that is none, a scheme, a path and a socket without `unix:` have rules of their own.
        Err(_) if has_rule() => None,
        Err(error) => bad(error),
        Ok(url) if url.lacks_port() && line.block == Block::StreamUpstream && !has(b"service=") => {
            bad("no port")
        }
        Ok(_) if has(b"service=") && !has(b"resolve") => {
            let message =
                format!("service upstream \"{}\" requires \"resolve\" parameter", line.shown(1));
            refuse(1, message, "`resolve` with `service=`")
        }
        Ok(_) => None,
    }
}

/// Whether nginx takes a parameter of `server` in an upstream (`ngx_http_upstream_server`).
pub fn is_server_parameter(parameter: &[u8], version: Option<Version>) -> bool {
    // What the commercial nginx has, or had before.
    const WORDS: [&[u8]; 4] = [b"backup", b"down", b"resolve", b"drain"];
    const KEYS: [&[u8]; 3] = [b"service=", b"route=", b"id="];
    let value = |key: &[u8]| parameter.strip_prefix(key);
    let is_newer =
        |minor, patch| version.is_some_and(|version| version < Version::new(1, minor, patch));
    if is_newer(27, 3) && (parameter == b"resolve" || value(b"service=").is_some()) {
        return false;
    }
    if is_newer(29, 6) && (parameter == b"drain" || value(b"route=").is_some()) {
        return false;
    }
    if matches!(parameter, b"route=" | b"service=") {
        return false;
    }
    WORDS.contains(&parameter)
        || KEYS.iter().any(|key| parameter.starts_with(key))
        || value(b"weight=").is_some_and(|weight| number(weight).is_some_and(|weight| weight > 0))
        || value(b"max_conns=").is_some_and(|count| number(count).is_some())
        || value(b"max_fails=").is_some_and(|count| number(count).is_some())
        || value(b"fail_timeout=").is_some_and(|time| is_time(time, true))
        || value(b"slow_start=").is_some_and(|time| is_time(time, true))
}

/// `ngx_http_upstream_keepalive`
fn keepalive(line: &Line<'_>) -> Option<Refused> {
    match number(line.word(1)) {
        None => {
            let message = format!("invalid value \"{}\" in \"keepalive\" directive", line.shown(1));
            refuse(1, message, "a number of connections")
        }
        // Up to 1.29.6, none was refused too.
        Some(0) if line.version.is_some_and(|version| version < Version::new(1, 29, 7)) => {
            let message = "invalid value \"0\" in \"keepalive\" directive".to_owned();
            refuse(1, message, "a number from 1 on")
        }
        Some(_) => line.one_of(2, &["local"]),
    }
}

/// `ngx_http_upstream_random`, `ngx_stream_upstream_random`
fn random(line: &Line<'_>) -> Option<Refused> {
    // `least_time` is the commercial nginx's.
    line.one_of(1, &["two"]).or_else(|| {
        if line.word(2).starts_with(b"least_time") {
            return None;
        }
        line.one_of(2, &["least_conn"])
    })
}

/// `ngx_http_upstream_least_time`, `ngx_stream_upstream_least_time`
fn least_time(line: &Line<'_>) -> Option<Refused> {
    let modes: &[&str] = match line.block {
        Block::Upstream => &["header", "last_byte"],
        _ => &["connect", "first_byte", "last_byte"],
    };
    let is_mode = |mode: &&str| line.word(1).eq_ignore_ascii_case(mode.as_bytes());
    if modes.iter().any(is_mode) {
        return line.one_of(2, &["inflight"]);
    }
    let message = format!("invalid value \"{}\"", line.shown(1));
    refuse(1, message, &crate::text::value::one_of(modes))
}

/// `ngx_http_upstream_zone`, `ngx_stream_upstream_zone`
fn zone(line: &Line<'_>) -> Option<Refused> {
    if line.word(1).is_empty() {
        return refuse(1, "invalid zone name \"\"".to_owned(), "a name");
    }
    if line.count() < 3 {
        return None;
    }
    match size(line.word(2), false) {
        None => {
            let message = format!("invalid zone size \"{}\"", line.shown(2));
            refuse(2, message, "a size such as `64k`")
        }
        Some(size) if size < SMALLEST_ZONE => {
            let message = format!("zone \"{}\" is too small", line.shown(1));
            refuse(2, message, "a size of eight memory pages, `32k`, or more")
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_server_parameter;

    #[test]
    fn parameters_of_servers() {
        for parameter in ["weight=2", "max_fails=0", "fail_timeout=10s", "backup", "service=_http"]
        {
            assert!(is_server_parameter(parameter.as_bytes(), None), "{parameter}");
        }
        for parameter in
            ["wieght=2", "weight=0", "weight", "=", "Backup", "server", "fail_timeout=x"]
        {
            assert!(!is_server_parameter(parameter.as_bytes(), None), "{parameter}");
        }
    }
}
