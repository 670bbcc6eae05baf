//! Requests that nginx makes for others: `auth_request` and `mirror`.

use std::fmt::Write as _;

use wslint_test_support::random::Random;

use super::values::{Defined, Reach};
use super::{headers, rewrites};

/// Lines that make a handshake ask for permission, or mirror it. Some of what they name is no
/// location of its own.
pub(crate) fn asks(random: &mut Random) -> String {
    random.word(&[
        "auth_request /q0; ",
        "auth_request /q1; ",
        "auth_request /q2; ",
        "auth_request /q3/x; ",
        "auth_request /l1; ",
        "auth_request /nowhere; ",
        "auth_request off; ",
        "auth_request /q0; satisfy any; deny all; ",
        "auth_request /q1; mirror /q2; ",
        "mirror /q0; ",
        "mirror /q1; mirror /q3/y; ",
        "mirror /q2; mirror_request_body off; ",
        "mirror off; ",
    ])
}

/// The locations that they lead to.
pub(crate) fn of_server(random: &mut Random, defined: &Defined) -> String {
    let mut text = String::new();
    for head in ["= /q0", "/q1", "= /q2", "/q3/"] {
        let _ = writeln!(text, "    location {head} {{ {}}}", body(random, defined));
    }
    text
}

fn body(random: &mut Random, defined: &Defined) -> String {
    let mut text = random.word(&["internal; ", "internal; ", ""]);
    match random.below(8) {
        // What the server says holds.
        0..3 => {}
        3 | 4 => text.push_str(
            "proxy_set_header Upgrade \"\"; proxy_set_header Connection \"\"; \
             proxy_pass_request_body off; ",
        ),
        5 => text.push_str("proxy_set_header X-Original-URI $request_uri; "),
        6 => text.push_str(&headers::lines(random, defined, Reach::Plain)),
        _ => text.push_str("include snip/triad.conf; "),
    }
    if random.chance(15) {
        text.push_str("error_page 400 404 500 = @n0; proxy_intercept_errors on; ");
    }
    if random.chance(15) {
        text.push_str(random.pick(&[
            "rewrite ^ /q9?a=sub break; ",
            "rewrite ^ /t1 last; ",
            "set $s0 sub; ",
            "if ($request_method = GET) { set $s1 $uri$is_args$args; } ",
            "limit_except POST { deny all; } ",
            "deny all; ",
        ]));
    }
    match random.below(9) {
        0 => text.push_str("return 401; "),
        1 => text.push_str(random.pick(&["return 204; ", "return 200 yes; ", "return 403; "])),
        2 => text.push_str(&rewrites::answer(random, defined)),
        3 => text.push_str(random.pick(&["proxy_pass http://down; ", "try_files $uri @n1; ", ""])),
        _ => text.push_str(random.pick(&[
            "proxy_pass http://backend; ",
            "proxy_pass http://backend/auth; ",
            "proxy_pass http://$target/auth?x=$uri; ",
            "proxy_pass http://$target; ",
        ])),
    }
    text
}
