//! Texts with variables of which nothing else is asked (`ngx_http_compile_complex_value`,
//! `ngx_http_set_predicate_slot`, and those of `stream`).

use wslint_grammar::catalogue::directive as d;

use super::{Check, Line, Row, refuse};
use crate::text::value::Refused;

const FIRST: Check = |line| line.script(1);
const SECOND: Check = |line| line.script(2);
const ALL: Check = |line| line.words_from(1).find_map(|(at, _)| line.script(at));

pub(super) const OPEN: &[Row] = &[
    (d::ADD_HEADER, SECOND),
    (d::ADD_TRAILER, SECOND),
    (d::AUTH_BASIC, FIRST),
    (d::AUTH_BASIC_USER_FILE, FIRST),
    (d::CLIENT_BODY_EARLY_READ, ALL),
    (d::EARLY_HINTS, ALL),
    (d::EXPIRES, last),
    (d::FASTCGI_BIND, FIRST),
    (d::FASTCGI_CACHE, FIRST),
    (d::FASTCGI_CACHE_BYPASS, ALL),
    (d::FASTCGI_CACHE_KEY, FIRST),
    (d::FASTCGI_LIMIT_RATE, FIRST),
    (d::FASTCGI_NO_CACHE, ALL),
    (d::FASTCGI_PASS, FIRST),
    (d::GRPC_BIND, FIRST),
    (d::GRPC_PASS, FIRST),
    (d::GRPC_SET_HEADER, SECOND),
    (d::GRPC_SSL_CERTIFICATE, FIRST),
    (d::GRPC_SSL_CERTIFICATE_KEY, FIRST),
    (d::GRPC_SSL_NAME, FIRST),
    (d::HASH, FIRST),
    (d::LIMIT_CONN_ZONE, FIRST),
    (d::LIMIT_RATE, FIRST),
    (d::LIMIT_RATE_AFTER, FIRST),
    (d::LIMIT_REQ_ZONE, FIRST),
    (d::MEMCACHED_BIND, FIRST),
    (d::PASS, FIRST),
    (d::PROXY_BIND, FIRST),
    (d::PROXY_CACHE, FIRST),
    (d::PROXY_CACHE_BYPASS, ALL),
    (d::PROXY_CACHE_KEY, FIRST),
    (d::PROXY_DOWNLOAD_RATE, FIRST),
    (d::PROXY_LIMIT_RATE, FIRST),
    (d::PROXY_METHOD, FIRST),
    (d::PROXY_NO_CACHE, ALL),
    (d::PROXY_PASS, FIRST),
    (d::PROXY_SET_BODY, FIRST),
    (d::PROXY_SET_HEADER, SECOND),
    (d::PROXY_SSL_ALPN, ALL),
    (d::PROXY_SSL_CERTIFICATE, FIRST),
    (d::PROXY_SSL_CERTIFICATE_KEY, FIRST),
    (d::PROXY_SSL_NAME, FIRST),
    (d::PROXY_UPLOAD_RATE, FIRST),
    (d::SCGI_BIND, FIRST),
    (d::SCGI_CACHE, FIRST),
    (d::SCGI_CACHE_BYPASS, ALL),
    (d::SCGI_CACHE_KEY, FIRST),
    (d::SCGI_LIMIT_RATE, FIRST),
    (d::SCGI_NO_CACHE, ALL),
    (d::SCGI_PASS, FIRST),
    (d::SECURE_LINK, FIRST),
    (d::SECURE_LINK_MD5, FIRST),
    (d::SUB_FILTER, sub_filter),
    (d::TUNNEL_BIND, FIRST),
    (d::TUNNEL_PASS, FIRST),
    (d::UWSGI_BIND, FIRST),
    (d::UWSGI_CACHE, FIRST),
    (d::UWSGI_CACHE_BYPASS, ALL),
    (d::UWSGI_CACHE_KEY, FIRST),
    (d::UWSGI_LIMIT_RATE, FIRST),
    (d::UWSGI_NO_CACHE, ALL),
    (d::UWSGI_PASS, FIRST),
    (d::UWSGI_SSL_CERTIFICATE, FIRST),
    (d::UWSGI_SSL_CERTIFICATE_KEY, FIRST),
    (d::UWSGI_SSL_NAME, FIRST),
];

fn last(line: &Line<'_>) -> Option<Refused> {
    line.script(line.count() - 1)
}

/// `ngx_http_sub_filter`
fn sub_filter(line: &Line<'_>) -> Option<Refused> {
    if line.word(1).is_empty() {
        return refuse(1, "empty search pattern".to_owned(), "a text to look for");
    }
    ALL(line)
}
