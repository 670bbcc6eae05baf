//! Logs.

use wslint_grammar::catalogue::{Context as Block, directive as d};

use super::{Line, Row, refuse, script_fault, shown, syslog};
use crate::text::script::{self, FaultKind};
use crate::text::value::{Refused, number, size, time};

pub(super) const PLAIN: &[Row] = &[(d::ERROR_LOG, error_log)];

pub(super) const OPEN: &[Row] = &[(d::ACCESS_LOG, access_log), (d::LOG_FORMAT, log_format)];

/// `ngx_log_set_log`, `ngx_log_set_levels`
fn error_log(line: &Line<'_>) -> Option<Refused> {
    const LEVELS: [&str; 8] =
        ["emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"];
    const DEBUG: [&str; 7] = [
        "debug_core",
        "debug_alloc",
        "debug_mutex",
        "debug_event",
        "debug_http",
        "debug_mail",
        "debug_stream",
    ];
    if let Some(refused) = line.word(1).strip_prefix(b"syslog:").and_then(|_| syslog::check(line)) {
        return Some(refused);
    }
    // Which level was set, and whether only by parts of `debug`.
    let (mut level, mut parts) = (false, false);
    for (at, word) in line.words_from(2) {
        let bad = |what: &str| {
            let message = format!("{what} log level \"{}\"", line.shown(at));
            refuse(at, message, &crate::text::value::one_of(&LEVELS))
        };
        if LEVELS.iter().any(|known| known.as_bytes() == word) {
            if level || parts {
                return bad("duplicate");
            }
            level = true;
        } else if DEBUG.iter().any(|known| known.as_bytes() == word) {
            if level {
                return bad("invalid");
            }
            parts = true;
        } else {
            return bad("invalid");
        }
    }
    None
}

/// `ngx_http_log_set_log`, `ngx_stream_log_set_log`
fn access_log(line: &Line<'_>) -> Option<Refused> {
    let path = line.word(1);
    if path == b"off" {
        return if line.count() == 2 || line.is_open {
            None
        } else {
            line.invalid_parameter(2, "nothing behind `off`")
        };
    }
    let to_syslog = path.starts_with(b"syslog:");
    let fault = if to_syslog {
        if line.is_open { None } else { syslog::check(line) }
    } else {
        line.script(1)
    };
    if fault.is_some() {
        return fault;
    }
    let in_stream = matches!(line.block, Block::Stream | Block::StreamServer);
    if in_stream && line.count() == 2 && !line.is_open {
        let message = "log format is not specified".to_owned();
        return refuse(1, message, "a path and the name of a log format");
    }
    let (mut buffer, mut flush) = (false, false);
    for (at, word) in line.words_from(3) {
        if word.starts_with(b"if=") {
            if let Some(refused) = line.script_from(at, 3) {
                return Some(refused);
            }
            continue;
        }
        if line.is_open_at(at) {
            return None;
        }
        if let Some(value) = word.strip_prefix(b"buffer=") {
            if size(value, false).is_none_or(|size| size == 0) {
                let message = format!("invalid buffer size \"{}\"", shown(value));
                return refuse(at, message, "a size such as `buffer=32k`");
            }
            buffer = true;
        } else if let Some(value) = word.strip_prefix(b"flush=") {
            if time(value, false).is_none_or(|time| time == 0) {
                let message = format!("invalid flush time \"{}\"", shown(value));
                return refuse(at, message, "a time such as `flush=1m`");
            }
            flush = true;
        } else if let Some(value) = word.strip_prefix(b"gzip=") {
            if number(value).is_none_or(|level| !(1..=9).contains(&level)) {
                let message = format!("invalid compression level \"{}\"", shown(value));
                return refuse(at, message, "a level from 1 to 9");
            }
            buffer = true;
        } else if word == b"gzip" {
            buffer = true;
        } else {
            let expected =
                "`buffer=SIZE`, `gzip`, `flush=TIME` and `if=CONDITION` behind the format";
            return line.invalid_parameter(at, expected);
        }
    }
    if flush && !buffer {
        let message = format!("no buffer is defined for access_log \"{}\"", line.shown(1));
        return refuse(1, message, "`buffer=` or `gzip` with `flush=`");
    }
    if buffer && to_syslog {
        let message = "logs to syslog cannot be buffered".to_owned();
        return refuse(1, message, "no `buffer=` and no `gzip` for syslog");
    }
    if buffer && path.contains(&b'$') && !line.is_open_at(1) {
        let message = "buffered logs cannot have variables in name".to_owned();
        return refuse(1, message, "a path without variables for a log with a buffer");
    }
    None
}

/// `ngx_http_log_set_format`, `ngx_http_log_compile_format`, and those of `stream`
fn log_format(line: &Line<'_>) -> Option<Refused> {
    let mut first = 2;
    if let Some(escape) = line.word(2).strip_prefix(b"escape=")
        && line.may_be_since(1, 11, 8)
    {
        first = 3;
        if !matches!(escape, b"json" | b"none" | b"default") && !line.is_open_at(2) {
            let message = format!("unknown log format escaping \"{}\"", shown(escape));
            return refuse(2, message, "`default`, `json` or `none`");
        }
    }
    line.words_from(first).find_map(|(at, word)| {
        let mut refused = script_fault(at, word, 0, false)?;
        let fault = script::fault(word, false)?;
        if fault.kind == FaultKind::NoName {
            // The message differs from that of other directives.
            refused.message =
                format!("invalid parameter \"{}\"", shown(&word[fault.range.start..]));
        }
        Some(refused)
    })
}
