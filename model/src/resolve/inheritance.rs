//! How each setting passes from a level to the levels inside it.

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;

/// What a level gets from the level around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inheritance {
    /// One value: the nearest level that sets it counts (`ngx_conf_merge_value` and its like).
    Value,
    /// A list: the nearest level that has any line counts, with all its lines and no others
    /// (`ngx_conf_merge_ptr_value`, `ngx_http_proxy_merge_loc_conf`).
    List,
    /// What answers the request: a location has its own or none; `if` and `limit_except` share
    /// their location's (`clcf->noname` in `ngx_http_proxy_merge_loc_conf`).
    Handler,
}

/// The settings that rules ask about.
pub(crate) const TRACKED: [(DirectiveId, Inheritance); 45] = [
    (d::PROXY_PASS, Inheritance::Handler),
    (d::FASTCGI_PASS, Inheritance::Handler),
    (d::UWSGI_PASS, Inheritance::Handler),
    (d::SCGI_PASS, Inheritance::Handler),
    (d::GRPC_PASS, Inheritance::Handler),
    (d::MEMCACHED_PASS, Inheritance::Handler),
    (d::RETURN, Inheritance::Handler),
    (d::PROXY_HTTP_VERSION, Inheritance::Value),
    (d::PROXY_SET_HEADER, Inheritance::List),
    (d::PROXY_METHOD, Inheritance::Value),
    (d::PROXY_PASS_REQUEST_HEADERS, Inheritance::Value),
    (d::PROXY_HIDE_HEADER, Inheritance::List),
    (d::PROXY_PASS_HEADER, Inheritance::List),
    (d::PROXY_CACHE, Inheritance::Value),
    (d::PROXY_CACHE_KEY, Inheritance::Value),
    (d::PROXY_CACHE_VALID, Inheritance::List),
    (d::PROXY_CACHE_BYPASS, Inheritance::List),
    (d::PROXY_NO_CACHE, Inheritance::List),
    (d::PROXY_CACHE_METHODS, Inheritance::Value),
    (d::PROXY_CACHE_LOCK, Inheritance::Value),
    (d::PROXY_CACHE_LOCK_TIMEOUT, Inheritance::Value),
    (d::PROXY_READ_TIMEOUT, Inheritance::Value),
    (d::PROXY_SEND_TIMEOUT, Inheritance::Value),
    (d::PROXY_CONNECT_TIMEOUT, Inheritance::Value),
    (d::PROXY_BUFFERING, Inheritance::Value),
    (d::PROXY_BUFFER_SIZE, Inheritance::Value),
    (d::PROXY_SSL_SERVER_NAME, Inheritance::Value),
    (d::PROXY_SSL_NAME, Inheritance::Value),
    (d::PROXY_SSL_VERIFY, Inheritance::Value),
    (d::PROXY_REDIRECT, Inheritance::List),
    (d::PROXY_NEXT_UPSTREAM, Inheritance::Value),
    (d::PROXY_IGNORE_HEADERS, Inheritance::Value),
    (d::ADD_HEADER, Inheritance::List),
    (d::AUTH_REQUEST, Inheritance::Value),
    (d::MIRROR, Inheritance::List),
    (d::ERROR_PAGE, Inheritance::List),
    (d::RESOLVER, Inheritance::Value),
    (d::LIMIT_CONN, Inheritance::List),
    (d::LIMIT_CONN_DRY_RUN, Inheritance::Value),
    (d::LIMIT_REQ, Inheritance::List),
    (d::LIMIT_REQ_DRY_RUN, Inheritance::Value),
    (d::LIMIT_RATE, Inheritance::Value),
    (d::LIMIT_RATE_AFTER, Inheritance::Value),
    (d::SEND_TIMEOUT, Inheritance::Value),
    (d::TCP_NODELAY, Inheritance::Value),
];
