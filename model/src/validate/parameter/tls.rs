//! TLS sessions.

use wslint_grammar::catalogue::directive as d;

use super::limit::SMALLEST_ZONE;
use super::{Line, Row, refuse};
use crate::text::value::{Refused, number, size};

pub(super) const PLAIN: &[Row] =
    &[(d::SSL_SESSION_CACHE, session_cache), (d::SSL_OCSP_CACHE, ocsp_cache), (d::SSL_ALPN, alpn)];

/// `shared:NAME:SIZE`
fn shared(word: &[u8]) -> Option<i64> {
    let rest = word.strip_prefix(b"shared:")?;
    let colon = memchr::memchr(b':', rest).filter(|&colon| colon > 0)?;
    size(&rest[colon + 1..], false)
}

/// `ngx_http_ssl_session_cache`, `ngx_stream_ssl_session_cache`, `ngx_mail_ssl_session_cache`
fn session_cache(line: &Line<'_>) -> Option<Refused> {
    line.words_from(1).find_map(|(at, word)| {
        let size = shared(word);
        if size.is_some_and(|size| size < SMALLEST_ZONE) {
            let message = format!("session cache \"{}\" is too small", line.shown(at));
            return refuse(at, message, "a size of eight memory pages, `32k`, or more");
        }
        let is_number = || word.strip_prefix(b"builtin:").is_some_and(|n| number(n).is_some());
        if size.is_some() || matches!(word, b"off" | b"none" | b"builtin") || is_number() {
            return None;
        }
        let message = format!("invalid session cache \"{}\"", line.shown(at));
        refuse(at, message, "`off`, `none`, `builtin`, `builtin:SIZE` or `shared:NAME:SIZE`")
    })
}

/// `ngx_http_ssl_ocsp_cache`, `ngx_stream_ssl_ocsp_cache`
fn ocsp_cache(line: &Line<'_>) -> Option<Refused> {
    let size = shared(line.word(1));
    if size.is_some_and(|size| size < SMALLEST_ZONE) {
        let message = format!("OCSP cache \"{}\" is too small", line.shown(1));
        return refuse(1, message, "a size of eight memory pages, `32k`, or more");
    }
    if size.is_some() || line.word(1) == b"off" {
        return None;
    }
    let message = format!("invalid OCSP cache \"{}\"", line.shown(1));
    refuse(1, message, "`off` or `shared:NAME:SIZE`")
}

/// `ngx_stream_ssl_alpn`
fn alpn(line: &Line<'_>) -> Option<Refused> {
    let (at, _) = line.words_from(1).find(|(_, word)| word.len() > 255)?;
    line.refuse_directive(at, "protocol too long", "names of up to 255 bytes")
}
