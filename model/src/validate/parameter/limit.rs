//! Limits of requests and connections.

use wslint_grammar::catalogue::directive as d;

use super::cache::zone_of;
use super::{Line, Row, refuse};
use crate::text::value::{Refused, number};

pub(super) const PLAIN: &[Row] = &[
    (d::LIMIT_REQ, limit_req),
    (d::LIMIT_REQ_ZONE, limit_req_zone),
    (d::LIMIT_CONN, limit_conn),
    (d::LIMIT_CONN_ZONE, limit_conn_zone),
];

/// Eight pages of memory, of which the smallest has 4k.
pub(super) const SMALLEST_ZONE: i64 = 8 * 4096;

/// `ngx_http_limit_req`
fn limit_req(line: &Line<'_>) -> Option<Refused> {
    let mut zone = false;
    for (at, parameter) in line.words_from(1) {
        let value = |key: &[u8]| parameter.strip_prefix(key);
        if value(b"zone=").is_some() {
            zone = true;
        } else if let Some((name, count)) = value(b"burst=")
            .map(|count| ("burst", count))
            .or(value(b"delay=").map(|count| ("delay", count)))
        {
            if number(count).is_none_or(|count| count == 0) {
                let message = format!("invalid {name} value \"{}\"", line.shown(at));
                return refuse(at, message, "a number from 1 on");
            }
        } else if parameter != b"nodelay" {
            let expected = "a parameter of this directive, without blanks around `=`";
            return line.invalid_parameter(at, expected);
        }
    }
    if zone { None } else { line.missing("\"zone\" parameter") }
}

/// `zone=NAME:SIZE`; whether it names a zone.
fn zone(line: &Line<'_>, at: usize, value: &[u8]) -> Result<bool, Option<Refused>> {
    let Some((name, size)) = zone_of(value) else {
        let message = format!("invalid zone size \"{}\"", line.shown(at));
        return Err(refuse(at, message, "a name and a size, as in `zone=one:10m`"));
    };
    if size < SMALLEST_ZONE {
        let message = format!("zone \"{}\" is too small", line.shown(at));
        return Err(refuse(at, message, "a size of eight memory pages, `32k`, or more"));
    }
    Ok(!name.is_empty())
}

/// `ngx_http_limit_req_zone`
fn limit_req_zone(line: &Line<'_>) -> Option<Refused> {
    let mut named = false;
    for (at, parameter) in line.words_from(2) {
        if let Some(value) = parameter.strip_prefix(b"zone=") {
            match zone(line, at, value) {
                Ok(is_named) => named = is_named,
                Err(refused) => return refused,
            }
        } else if let Some(rate) = parameter.strip_prefix(b"rate=") {
            let rate = rate.strip_suffix(b"r/s").or(rate.strip_suffix(b"r/m")).unwrap_or(rate);
            if number(rate).is_none_or(|rate| rate == 0) {
                let message = format!("invalid rate \"{}\"", line.shown(at));
                return refuse(at, message, "a rate such as `rate=10r/s` or `rate=30r/m`");
            }
        // The commercial nginx shares zones.
        } else if parameter != b"sync" {
            return line.invalid_parameter(at, "`zone=NAME:SIZE` and `rate=RATE`");
        }
    }
    if named { None } else { line.missing("\"zone\" parameter") }
}

/// `ngx_http_limit_conn_zone`, `ngx_stream_limit_conn_zone`
fn limit_conn_zone(line: &Line<'_>) -> Option<Refused> {
    let mut named = false;
    for (at, parameter) in line.words_from(2) {
        let Some(value) = parameter.strip_prefix(b"zone=") else {
            return line.invalid_parameter(at, "`zone=NAME:SIZE`");
        };
        match zone(line, at, value) {
            Ok(is_named) => named = is_named,
            Err(refused) => return refused,
        }
    }
    if named { None } else { line.missing("\"zone\" parameter") }
}

/// `ngx_http_limit_conn`, `ngx_stream_limit_conn`
fn limit_conn(line: &Line<'_>) -> Option<Refused> {
    let message = match number(line.word(2)) {
        Some(1..=65535) => return None,
        Some(65536..) => "connection limit must be less 65536".to_owned(),
        _ => format!("invalid number of connections \"{}\"", line.shown(2)),
    };
    refuse(2, message, "a number from 1 to 65535")
}
