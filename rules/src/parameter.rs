//! Arguments that a directive's module checks in its own way. The messages are nginx's.

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::{Context as Block, directive as d, is_listen_word};

use crate::value::{self, Refused, is_time, number};

/// The directives that [`check`] knows.
pub(crate) const CHECKED: [DirectiveId; 9] = [
    d::PROXY_PASS,
    d::ADD_HEADER,
    d::ADD_TRAILER,
    d::REWRITE,
    d::RETURN,
    d::LISTEN,
    d::LIMIT_REQ,
    d::LIMIT_REQ_ZONE,
    d::LIMIT_CONN,
];

/// Checks the arguments of a directive that stands in `block`. They have neither variables nor
/// placeholders in them.
pub(crate) fn check(id: DirectiveId, block: Block, arguments: &[&[u8]]) -> Option<Refused> {
    match (id, block) {
        (d::PROXY_PASS, Block::Location | Block::IfLocation | Block::LimitExcept) => {
            url_prefix(arguments)
        }
        (d::ADD_HEADER | d::ADD_TRAILER, _) => {
            one_of(arguments, 2, &["always"]).filter(|_| arguments.len() == 3)
        }
        (d::REWRITE, _) => one_of(arguments, 2, &["last", "break", "redirect", "permanent"])
            .filter(|_| arguments.len() == 3),
        (d::RETURN, Block::Server | Block::Location | Block::IfServer | Block::IfLocation) => {
            return_code(arguments)
        }
        (d::LISTEN, Block::Server) => parameters(arguments, 1, is_listen_parameter),
        (d::LIMIT_REQ, _) => limit_req(arguments),
        (d::LIMIT_REQ_ZONE, _) => limit_req_zone(arguments),
        (d::LIMIT_CONN, _) => connections(arguments),
        _ => None,
    }
}

fn refused(argument: usize, message: String, expected: &str) -> Refused {
    Refused { argument, message, expected: expected.to_owned() }
}

fn shown(argument: &[u8]) -> String {
    String::from_utf8_lossy(argument).into_owned()
}

fn invalid_parameter(arguments: &[&[u8]], number: usize, expected: &str) -> Refused {
    refused(number, format!("invalid parameter \"{}\"", shown(arguments[number])), expected)
}

/// `ngx_http_proxy_pass` compares the scheme without regard to case.
fn url_prefix(arguments: &[&[u8]]) -> Option<Refused> {
    let url = arguments.first()?;
    let starts = |prefix: &[u8]| {
        url.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    // Schemes of WebSockets have a rule of their own.
    if [&b"http://"[..], b"https://", b"ws://", b"wss://"].into_iter().any(starts) {
        return None;
    }
    let expected = "a URL that begins with `http://` or `https://`";
    Some(refused(0, "invalid URL prefix".to_owned(), expected))
}

fn one_of(arguments: &[&[u8]], number: usize, words: &[&str]) -> Option<Refused> {
    let argument = arguments.get(number)?;
    if words.iter().any(|word| word.as_bytes() == *argument) {
        return None;
    }
    Some(invalid_parameter(arguments, number, &value::one_of(words)))
}

/// `ngx_http_rewrite_return`
fn return_code(arguments: &[&[u8]]) -> Option<Refused> {
    let first = arguments.first()?;
    let is_url =
        arguments.len() == 1 && (first.starts_with(b"http://") || first.starts_with(b"https://"));
    if is_url || number(first).is_some_and(|code| code <= 999) {
        return None;
    }
    let message = format!("invalid return code \"{}\"", shown(first));
    Some(refused(0, message, "a status code, or a URL alone"))
}

fn parameters(
    arguments: &[&[u8]],
    first: usize,
    is_valid: impl Fn(&[u8]) -> bool,
) -> Option<Refused> {
    let number = (first..arguments.len()).find(|&number| !is_valid(arguments[number]))?;
    let expected = "a parameter of this directive, without blanks around `=`";
    Some(invalid_parameter(arguments, number, expected))
}

/// The parameters of `listen` in `http` (`ngx_http_core_listen`). Values are not looked at.
fn is_listen_parameter(parameter: &[u8]) -> bool {
    const KEYS: [&[u8]; 8] = [
        b"setfib=",
        b"fastopen=",
        b"backlog=",
        b"rcvbuf=",
        b"sndbuf=",
        b"accept_filter=",
        b"ipv6only=",
        b"so_keepalive=",
    ];
    is_listen_word(parameter) || KEYS.iter().any(|key| parameter.starts_with(key))
}

/// `ngx_http_limit_req`
fn limit_req(arguments: &[&[u8]]) -> Option<Refused> {
    for (argument, parameter) in arguments.iter().enumerate() {
        for name in ["burst", "delay"] {
            let value =
                parameter.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
            if value.is_some_and(|value| number(value).is_none_or(|value| value == 0)) {
                let message = format!("invalid {name} value \"{}\"", shown(parameter));
                return Some(refused(argument, message, "a number from 1 on"));
            }
        }
    }
    parameters(arguments, 0, |parameter| {
        parameter == b"nodelay"
            || [&b"zone="[..], b"burst=", b"delay="].iter().any(|key| parameter.starts_with(key))
    })
}

/// `ngx_http_limit_req_zone`
fn limit_req_zone(arguments: &[&[u8]]) -> Option<Refused> {
    for (argument, parameter) in arguments.iter().enumerate().skip(1) {
        if let Some(rate) = parameter.strip_prefix(b"rate=") {
            let rate = rate.strip_suffix(b"r/s").or(rate.strip_suffix(b"r/m")).unwrap_or(rate);
            if number(rate).is_none_or(|rate| rate == 0) {
                let message = format!("invalid rate \"{}\"", shown(parameter));
                let expected = "a rate such as `rate=10r/s` or `rate=30r/m`";
                return Some(refused(argument, message, expected));
            }
        } else if !parameter.starts_with(b"zone=") && *parameter != b"sync" {
            let expected = "`zone=NAME:SIZE` and `rate=RATE`";
            return Some(invalid_parameter(arguments, argument, expected));
        }
    }
    None
}

/// `ngx_http_limit_conn`
fn connections(arguments: &[&[u8]]) -> Option<Refused> {
    let count = arguments.get(1)?;
    let message = match number(count) {
        Some(1..=65535) => return None,
        Some(65536..) => "connection limit must be less 65536".to_owned(),
        _ => format!("invalid number of connections \"{}\"", shown(count)),
    };
    Some(refused(1, message, "a number from 1 to 65535"))
}

/// Whether nginx takes a parameter of `server` in an upstream (`ngx_http_upstream_server`).
pub(crate) fn is_server_parameter(parameter: &[u8]) -> bool {
    const WORDS: [&[u8]; 4] = [b"backup", b"down", b"resolve", b"drain"];
    const KEYS: [&[u8]; 3] = [b"service=", b"route=", b"id="];
    let value = |key: &[u8]| parameter.strip_prefix(key);
    WORDS.contains(&parameter)
        || KEYS.iter().any(|key| parameter.starts_with(key))
        || value(b"weight=").is_some_and(|weight| number(weight).is_some_and(|weight| weight > 0))
        || value(b"max_conns=").is_some_and(|count| number(count).is_some())
        || value(b"max_fails=").is_some_and(|count| number(count).is_some())
        || value(b"fail_timeout=").is_some_and(|time| is_time(time, true))
        || value(b"slow_start=").is_some_and(|time| is_time(time, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: DirectiveId, block: Block, arguments: &[&str]) -> Option<String> {
        let arguments: Vec<&[u8]> = arguments.iter().map(|argument| argument.as_bytes()).collect();
        check(id, block, &arguments).map(|refused| refused.message)
    }

    #[test]
    fn what_nginx_takes_is_not_refused() {
        for (id, block, arguments) in [
            (d::PROXY_PASS, Block::Location, &["HTTPS://a"][..]),
            (d::ADD_HEADER, Block::Http, &["X", "always"]),
            (d::ADD_HEADER, Block::Http, &["X", "y", "always"]),
            (d::REWRITE, Block::Server, &["^", "/x"]),
            (d::REWRITE, Block::Server, &["^", "/x", "break"]),
            (d::RETURN, Block::Location, &["444"]),
            (d::RETURN, Block::Location, &["https://a"]),
            (d::RETURN, Block::Location, &["200", "text"]),
            (d::LISTEN, Block::Server, &["80", "default_server", "backlog=5", "so_keepalive=on"]),
            (d::LIMIT_REQ, Block::Http, &["zone=a", "burst=5", "nodelay"]),
            (d::LIMIT_REQ_ZONE, Block::Http, &["key", "zone=a:1m", "rate=1r/m"]),
            (d::LIMIT_CONN, Block::Http, &["a", "10"]),
        ] {
            assert_eq!(message(id, block, arguments), None, "{} {arguments:?}", id.name());
        }
    }

    #[test]
    fn what_nginx_refuses_is_refused_in_its_words() {
        for (id, block, arguments, expected) in [
            (d::PROXY_PASS, Block::Location, &["127.0.0.1:80"][..], "invalid URL prefix"),
            (d::ADD_HEADER, Block::Http, &["X", "y", "ALWAYS"], "invalid parameter \"ALWAYS\""),
            (d::REWRITE, Block::Server, &["^", "/", "301"], "invalid parameter \"301\""),
            (d::RETURN, Block::Location, &["/x"], "invalid return code \"/x\""),
            (d::RETURN, Block::Location, &["1000"], "invalid return code \"1000\""),
            (d::LISTEN, Block::Server, &["80", "server_name"], "invalid parameter \"server_name\""),
            (d::LIMIT_REQ, Block::Http, &["zone=a", "NODELAY"], "invalid parameter \"NODELAY\""),
            (d::LIMIT_REQ, Block::Http, &["zone=a", "burst=0"], "invalid burst value \"burst=0\""),
            (d::LIMIT_CONN, Block::Http, &["a", "65536"], "connection limit must be less 65536"),
            (d::LIMIT_REQ_ZONE, Block::Http, &["k", "rate=1r/h"], "invalid rate \"rate=1r/h\""),
            (d::LIMIT_CONN, Block::Http, &["a", "0"], "invalid number of connections \"0\""),
        ] {
            assert_eq!(message(id, block, arguments).as_deref(), Some(expected));
        }
    }

    #[test]
    fn parameters_of_servers() {
        for parameter in ["weight=2", "max_fails=0", "fail_timeout=10s", "backup", "service=_http"]
        {
            assert!(is_server_parameter(parameter.as_bytes()), "{parameter}");
        }
        for parameter in
            ["wieght=2", "weight=0", "weight", "=", "Backup", "server", "fail_timeout=x"]
        {
            assert!(!is_server_parameter(parameter.as_bytes()), "{parameter}");
        }
    }
}
