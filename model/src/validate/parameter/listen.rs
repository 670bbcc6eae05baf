//! Where servers listen (`ngx_http_core_listen`, `ngx_stream_core_listen`,
//! `ngx_mail_core_listen`).

use wslint_grammar::catalogue::{Context as Block, Version, directive as d};

use super::{Line, Row, refuse};
use crate::text::url::{self, Use};
use crate::text::value::{Refused, number, size, time};

pub(super) const PLAIN: &[Row] = &[(d::LISTEN, listen)];

/// What a parameter's value must be.
#[derive(Clone, Copy)]
enum Value {
    /// Nothing: it stands alone.
    None,
    Number,
    /// A number above zero.
    Count,
    Size,
    Keepalive,
    /// Anything.
    Any,
}

/// A parameter in the three kinds of servers.
struct Parameter {
    name: &'static str,
    value: Value,
    /// Since which version in `http`, `stream` and `mail`; minor and patch of version 1.
    since: [Option<(u16, u16)>; 3],
}

const ALWAYS: Option<(u16, u16)> = Some((0, 0));

const PARAMETERS: [Parameter; 19] = [
    Parameter { name: "default_server", value: Value::None, since: [ALWAYS, Some((25, 5)), None] },
    Parameter { name: "default", value: Value::None, since: [ALWAYS, None, None] },
    Parameter { name: "bind", value: Value::None, since: [ALWAYS; 3] },
    Parameter { name: "setfib=", value: Value::Number, since: [ALWAYS, Some((25, 5)), None] },
    Parameter { name: "fastopen=", value: Value::Number, since: [ALWAYS, Some((21, 0)), None] },
    Parameter { name: "backlog=", value: Value::Count, since: [ALWAYS; 3] },
    Parameter { name: "rcvbuf=", value: Value::Size, since: [ALWAYS; 3] },
    Parameter { name: "sndbuf=", value: Value::Size, since: [ALWAYS; 3] },
    Parameter { name: "accept_filter=", value: Value::Any, since: [ALWAYS, Some((25, 5)), None] },
    Parameter { name: "deferred", value: Value::None, since: [ALWAYS, Some((25, 5)), None] },
    Parameter { name: "reuseport", value: Value::None, since: [ALWAYS, ALWAYS, None] },
    Parameter { name: "multipath", value: Value::None, since: [Some((29, 7)); 3] },
    Parameter { name: "ssl", value: Value::None, since: [ALWAYS; 3] },
    Parameter { name: "http2", value: Value::None, since: [ALWAYS, None, None] },
    Parameter { name: "spdy", value: Value::None, since: [ALWAYS, None, None] },
    Parameter { name: "quic", value: Value::None, since: [Some((25, 0)), None, None] },
    Parameter { name: "so_keepalive=", value: Value::Keepalive, since: [ALWAYS; 3] },
    Parameter {
        name: "proxy_protocol",
        value: Value::None,
        since: [ALWAYS, ALWAYS, Some((19, 8))],
    },
    Parameter { name: "udp", value: Value::None, since: [None, ALWAYS, None] },
];

/// What does not go with packets (`quic` in `http`, `udp` in `stream`), and since which version it is
/// refused: minor and patch of version 1.
const ONLY_CONNECTIONS: [(&str, [(u16, u16); 2]); 8] = [
    ("ssl", [(0, 0), (0, 0)]),
    ("http2", [(0, 0), (0, 0)]),
    ("proxy_protocol", [(0, 0), (13, 0)]),
    ("backlog=", [(27, 0), (0, 0)]),
    ("so_keepalive=", [(27, 0), (0, 0)]),
    ("fastopen=", [(27, 0), (21, 0)]),
    ("deferred", [(27, 0), (25, 5)]),
    ("multipath", [(29, 7), (29, 7)]),
];

fn listen(line: &Line<'_>) -> Option<Refused> {
    let kind = match line.block {
        Block::Server => 0,
        Block::StreamServer => 1,
        Block::MailServer => 2,
        _ => return None,
    };
    let address = line.word(1);
    // A variable would be the name of a host here, which cannot be resolved.
    if let Err(error) = url::parse(address, Use::Listen) {
        let message = format!("{error} in \"{}\" of the \"listen\" directive", line.shown(1));
        return refuse(1, message, "`PORT`, `ADDRESS:PORT`, `[IPv6]:PORT` or `unix:PATH`");
    }
    for (at, word) in line.words_from(2) {
        if let Some(refused) = parameter(line, kind, at, word) {
            return Some(refused);
        }
    }
    let has = |name: &str| line.words_from(2).any(|(_, word)| word.starts_with(name.as_bytes()));
    let packets = match kind {
        0 if has("quic") => "quic",
        1 if has("udp") => "udp",
        _ => return None,
    };
    line.words_from(2).find_map(|(at, word)| {
        let (name, since) =
            ONLY_CONNECTIONS.iter().find(|(name, _)| word.starts_with(name.as_bytes()))?;
        // Without a version, every one must refuse it.
        let (minor, patch) = since[kind];
        let since = Version::new(1, minor, patch);
        if !line.version.map_or(minor == 0, |version| version >= since) {
            return None;
        }
        let name = name.trim_end_matches('=');
        let what = format!("\"{name}\" parameter is incompatible with \"{packets}\"");
        line.refuse_directive(at, &what, "one of the two")
    })
}

fn parameter(line: &Line<'_>, kind: usize, at: usize, word: &[u8]) -> Option<Refused> {
    if let Some(flag) = word.strip_prefix(b"ipv6only=") {
        return match flag {
            b"on" | b"off" => None,
            _ if flag.starts_with(b"o") => {
                let message = format!("invalid ipv6only flags \"{}\"", super::shown(flag));
                refuse(at, message, "`ipv6only=on` or `ipv6only=off`")
            }
            _ => line.invalid_parameter(at, "`ipv6only=on` or `ipv6only=off`"),
        };
    }
    let known = PARAMETERS.iter().find_map(|known| {
        let rest = word.strip_prefix(known.name.as_bytes())?;
        let stands_alone = matches!(known.value, Value::None);
        (!stands_alone || rest.is_empty()).then_some((known, rest))
    });
    let Some((known, value)) = known else {
        let expected = "a parameter of this directive, without blanks around `=`";
        return line.invalid_parameter(at, expected);
    };
    // It was left out in 1.19.7.
    let is_gone = known.name == "spdy" && line.version >= Some(Version::new(1, 19, 7));
    let Some((minor, patch)) = known.since[kind].filter(|_| !is_gone) else {
        return line.invalid_parameter(at, "no such parameter in this kind of server");
    };
    if !line.may_be_since(1, minor, patch) {
        let expected = format!("this parameter only from nginx 1.{minor}.{patch} on");
        return line.invalid_parameter(at, &expected);
    }
    let name = known.name.trim_end_matches('=');
    let shown = line.shown(at);
    let (is_right, message, expected) = match known.value {
        Value::None | Value::Any => return None,
        Value::Number => (number(value).is_some(), None, "a number"),
        Value::Count => (number(value).is_some_and(|count| count > 0), None, "a number from 1 on"),
        Value::Size => (size(value, false).is_some(), None, "a size such as `8k`"),
        Value::Keepalive => (
            is_keepalive(value),
            Some(format!("invalid so_keepalive value: \"{}\"", super::shown(value))),
            "`on`, `off` or `IDLE:INTERVAL:COUNT`",
        ),
    };
    if is_right {
        return None;
    }
    refuse(at, message.unwrap_or(format!("invalid {name} \"{shown}\"")), expected)
}

/// `on`, `off`, or times and a number, of which any may be left out but not all.
fn is_keepalive(text: &[u8]) -> bool {
    if matches!(text, b"on" | b"off") {
        return true;
    }
    let mut parts = text.splitn(3, |&byte| byte == b':');
    let (idle, interval, count) = (parts.next(), parts.next(), parts.next());
    let is_some = |text: Option<&[u8]>| text.is_some_and(|text| !text.is_empty());
    let times = [idle, interval].into_iter().filter(|text| is_some(*text)).flatten();
    let mut total = 0;
    for text in times {
        match time(text, true) {
            Some(seconds) => total |= seconds,
            None => return false,
        }
    }
    if let Some(text) = count.filter(|text| !text.is_empty()) {
        match number(text) {
            Some(count) => total |= count,
            None => return false,
        }
    }
    total != 0
}
