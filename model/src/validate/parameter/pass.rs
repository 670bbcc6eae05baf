//! Where requests and connections are passed to. Ports of `proxy_pass` in `http` and of servers in
//! upstreams have a rule of their own.

use wslint_grammar::catalogue::{Context as Block, directive as d};

use super::{Line, Row, refuse, shown};
use crate::text::address;
use crate::text::network::is_address;
use crate::text::url::{self, Host, Use};
use crate::text::value::Refused;

pub(super) const PLAIN: &[Row] = &[
    (d::PROXY_PASS, proxy_pass),
    (d::FASTCGI_PASS, |line| server(line, &[])),
    (d::SCGI_PASS, |line| server(line, &[])),
    (d::UWSGI_PASS, |line| server(line, &["uwsgi://", "suwsgi://"])),
    (d::GRPC_PASS, |line| server(line, &["grpc://", "grpcs://"])),
    (d::MEMCACHED_PASS, |line| server(line, &[])),
    (d::PASS, pass),
    (d::PROXY_BIND, bind),
    (d::FASTCGI_BIND, bind),
    (d::SCGI_BIND, bind),
    (d::UWSGI_BIND, bind),
    (d::GRPC_BIND, bind),
    (d::MEMCACHED_BIND, bind),
    (d::TUNNEL_BIND, bind),
];

/// `ngx_http_proxy_pass` compares the scheme without regard to case; `ngx_stream_proxy_pass` knows
/// none.
fn proxy_pass(line: &Line<'_>) -> Option<Refused> {
    if !matches!(line.block, Block::Location | Block::IfLocation | Block::LimitExcept) {
        return server(line, &[]);
    }
    let url = line.word(1);
    let starts = |prefix: &[u8]| {
        url.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    // Schemes of WebSockets have a rule of their own.
    if url.contains(&b'$') || [&b"ws://"[..], b"wss://"].into_iter().any(starts) {
        return None;
    }
    let Some(prefix) = [&b"http://"[..], b"https://"].into_iter().find(|prefix| starts(prefix))
    else {
        let expected = "a URL that begins with `http://` or `https://`";
        return refuse(1, "invalid URL prefix".to_owned(), expected);
    };
    let rest = &url[prefix.len()..];
    let error = url::parse(rest, Use::ServerWithPath).err()?;
    let has_rule = std::str::from_utf8(url)
        .ok()
        .and_then(address::split_url)
        .is_some_and(|url| matches!(address::parse(url.authority), Some(Err(_))));
    if has_rule {
        return None;
    }
    let message = format!("{error} in upstream \"{}\"", shown(rest));
    refuse(1, message, "a URL such as `http://127.0.0.1:3000`")
}

/// The server behind one of the schemes, or behind none.
fn server(line: &Line<'_>, schemes: &[&str]) -> Option<Refused> {
    let word = line.word(1);
    if word.contains(&b'$') && line.definition.variables {
        return None;
    }
    let behind = |scheme: &&str| {
        let (start, rest) = word.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme.as_bytes()).then_some(rest)
    };
    let address = schemes.iter().find_map(behind).unwrap_or(word);
    let error = url::parse(address, Use::Server).err()?;
    let message = format!("{error} in upstream \"{}\"", shown(address));
    refuse(1, message, "an address such as `127.0.0.1:9000` or `unix:/run/app.sock`")
}

/// `ngx_stream_pass`
fn pass(line: &Line<'_>) -> Option<Refused> {
    let word = line.word(1);
    if word.contains(&b'$') {
        return None;
    }
    let expected = "an address with a port, such as `127.0.0.1:3000`";
    match url::parse(word, Use::Server) {
        Err(error) => {
            let message = format!("{error} in \"{}\" of the \"pass\" directive", line.shown(1));
            refuse(1, message, expected)
        }
        // Names are not resolved here.
        Ok(url) if matches!(url.host, Host::Name(_)) => {
            line.refuse_directive(1, "has no addresses", expected)
        }
        Ok(url) if url.lacks_port() => line.refuse_directive(1, "has no port", expected),
        Ok(_) => None,
    }
}

/// `ngx_http_upstream_bind_set_slot`, `ngx_stream_proxy_bind`
fn bind(line: &Line<'_>) -> Option<Refused> {
    let word = line.word(1);
    if line.count() == 2 && word == b"off" {
        return None;
    }
    if !word.contains(&b'$') && !is_address(word) {
        let message = format!("invalid address \"{}\"", line.shown(1));
        return refuse(1, message, "an IP address, with a port perhaps, or `off`");
    }
    line.one_of(2, &["transparent"])
}
