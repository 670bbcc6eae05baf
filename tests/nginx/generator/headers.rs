//! What a level says of the request to the backend.

use std::fmt::Write as _;

use wslint_test_support::random::Random;

use super::values::{Defined, Reach};

/// The three lines that a WebSocket needs.
pub(crate) const TRIAD: &str = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
                                proxy_set_header Connection $connection_upgrade; ";

/// Header lines for a level: mostly a handshake's, always some whose values are computed.
pub(crate) fn lines(random: &mut Random, defined: &Defined, reach: Reach) -> String {
    let mut text = match random.below(12) {
        0..6 => TRIAD.to_owned(),
        6 => "include snip/triad.conf; ".to_owned(),
        7 => "include snip/outer.conf; ".to_owned(),
        _ => odd(random),
    };
    for number in 0..random.below(4) {
        let _ = write!(text, "proxy_set_header X-V{number} {}; ", defined.text(random, reach));
    }
    if random.chance(15) {
        text.push_str(random.pick(&[
            "proxy_set_header Host $host; ",
            "proxy_set_header Host $http_host; ",
            "proxy_set_header host $proxy_host; ",
            "proxy_set_header Host $proxy_host:$proxy_port; ",
            "proxy_set_header Host \"\"; ",
            "proxy_set_header Host one; proxy_set_header HOST two; ",
            "proxy_set_header X-A \"\"; ",
            "proxy_set_header x-a replaced; ",
            "proxy_set_header Origin \"\"; ",
            "proxy_set_header X-Twice 1; proxy_set_header x-twice 2; ",
            "proxy_set_header Sec-WebSocket-Key $http_sec_websocket_key; ",
            "proxy_set_header Sec-WebSocket-Version 8; ",
            "proxy_set_header sec-websocket-version $http_sec_websocket_version; ",
            "proxy_set_header Sec-WebSocket-Key \"\"; ",
            "proxy_set_header Keep-Alive 5; proxy_set_header TE trailers; ",
        ]));
    }
    text
}

/// A handshake that is not whole, or written otherwise.
fn odd(random: &mut Random) -> String {
    let version = random.pick(&[
        "proxy_http_version 1.1; ",
        "proxy_http_version 1.1; ",
        "proxy_http_version 1.1; ",
        "proxy_http_version 1.0; ",
        "",
    ]);
    let upgrade = random.pick(&[
        "proxy_set_header Upgrade $http_upgrade; ",
        "proxy_set_header upgrade websocket; ",
        "proxy_set_header Upgrade \"\"; ",
        "proxy_set_header Upgrade $s0; ",
        "proxy_set_header Upgrade h2c; ",
        "",
    ]);
    let connection = random.pick(&[
        "proxy_set_header Connection $http_connection; ",
        "proxy_set_header CONNECTION upgrade; ",
        "proxy_set_header Connection \"keep-alive, Upgrade\"; ",
        "proxy_set_header Connection close; ",
        "proxy_set_header Connection \"\"; ",
        "proxy_set_header Connection keep-alive; proxy_set_header connection upgrade; ",
        "proxy_set_header Connection $s1; ",
        "",
    ]);
    format!("{version}{upgrade}{connection}")
}

/// Other settings of the proxy module.
pub(crate) fn others(random: &mut Random) -> &'static str {
    random.pick(&[
        "proxy_hide_header Upgrade; ",
        "proxy_hide_header Sec-WebSocket-Accept; ",
        "proxy_hide_header upgrade; proxy_pass_header Upgrade; ",
        "proxy_hide_header X-Other; ",
        "proxy_pass_header Server; ",
        "proxy_method POST; ",
        "proxy_method GET; ",
        "proxy_pass_request_headers off; ",
        "proxy_pass_request_headers on; ",
        "proxy_pass_request_body off; ",
        "proxy_intercept_errors on; ",
        "proxy_redirect off; ",
        "proxy_buffering off; ",
        "proxy_read_timeout 5s; ",
    ])
}
