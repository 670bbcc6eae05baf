//! Sizes and numbers that are right as such, and not here.

use wslint_grammar::catalogue::directive as d;

use super::{Line, Row, refuse};
use crate::text::value::{Refused, is_time, number, size};

pub(super) const PLAIN: &[Row] = &[
    (d::KEEPALIVE_TIMEOUT, keepalive_timeout),
    (d::CONNECTION_POOL_SIZE, pool_size),
    (d::REQUEST_POOL_SIZE, pool_size),
    (d::HTTP2_POOL_SIZE, pool_size),
    (d::GZIP_WINDOW, |line| power_of_two(line, 32, "must be 512, 1k, 2k, 4k, 8k, 16k, or 32k")),
    (d::GZIP_HASH, |line| {
        power_of_two(line, 128, "must be 512, 1k, 2k, 4k, 8k, 16k, 32k, 64k, or 128k")
    }),
    (d::HTTP2_CHUNK_SIZE, chunk_size),
    (d::HTTP2_RECV_BUFFER_SIZE, receive_buffer_size),
    (d::HTTP2_BODY_PREREAD_SIZE, preread_size),
    (d::HTTP2_STREAMS_INDEX_SIZE, streams_index_size),
    (d::DEGRADATION, degradation),
];

/// `ngx_http_core_keepalive`
fn keepalive_timeout(line: &Line<'_>) -> Option<Refused> {
    let expected = "a time, and perhaps another one in seconds for the header `Keep-Alive`";
    let (at, _) = line.words_from(1).find(|(at, word)| !is_time(word, *at == 2))?;
    line.invalid_value(at, expected)
}

/// `ngx_http_core_pool_size`, `ngx_http_v2_pool_size`
fn pool_size(line: &Line<'_>) -> Option<Refused> {
    // What the structures take where pointers are short; on 64-bit systems it is more.
    const LEAST: i64 = 64;
    let size = size(line.word(1), false)?;
    if size < LEAST {
        let message = "the pool size must be no less than 112".to_owned();
        return refuse(1, message, "a size of some hundred bytes or more");
    }
    if size % 16 == 0 {
        return None;
    }
    let message = "the pool size must be a multiple of 16".to_owned();
    refuse(1, message, "a multiple of 16")
}

/// `ngx_http_gzip_window`, `ngx_http_gzip_hash`
fn power_of_two(line: &Line<'_>, most_kilobytes: i64, what: &str) -> Option<Refused> {
    let size = size(line.word(1), false)?;
    if (512..=most_kilobytes * 1024).contains(&size) && size.count_ones() == 1 {
        return None;
    }
    line.refuse_directive(1, what, "one of these sizes")
}

/// `ngx_http_v2_chunk_size`
fn chunk_size(line: &Line<'_>) -> Option<Refused> {
    if size(line.word(1), false)? > 0 {
        return None;
    }
    refuse(1, "the http2 chunk size cannot be zero".to_owned(), "a size such as `8k`")
}

/// `ngx_http_v2_recv_buffer_size`
fn receive_buffer_size(line: &Line<'_>) -> Option<Refused> {
    if size(line.word(1), false)? >= 32 {
        return None;
    }
    line.refuse_directive(1, "value is too small", "a size such as `256k`")
}

/// `ngx_http_v2_preread_size`
fn preread_size(line: &Line<'_>) -> Option<Refused> {
    const MOST: i64 = (1 << 31) - 1;
    if size(line.word(1), false)? <= MOST {
        return None;
    }
    let message = format!("the maximum body preread buffer size is {MOST}");
    refuse(1, message, "a smaller size, such as `64k`")
}

/// `ngx_http_v2_streams_index_mask`
fn streams_index_size(line: &Line<'_>) -> Option<Refused> {
    if number(line.word(1))?.count_ones() == 1 {
        return None;
    }
    line.refuse_directive(1, "must be a power of two", "a power of two, such as `32`")
}

/// `ngx_http_degradation`
fn degradation(line: &Line<'_>) -> Option<Refused> {
    let Some(bytes) = line.word(1).strip_prefix(b"sbrk=") else {
        return line.invalid_parameter(1, "`sbrk=SIZE`");
    };
    if size(bytes, false).is_some() {
        return None;
    }
    let message = format!("invalid sbrk size \"{}\"", line.shown(1));
    refuse(1, message, "a size such as `sbrk=500m`")
}
