//! The rewrite module: `set`, `if`, `rewrite`, `return`, `break`.

use std::fmt::Write as _;

use wslint_test_support::random::Random;

use super::values::{Defined, Reach, SET, WORDS};

/// Where steps stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Server,
    Location,
}

/// Patterns for URIs, with and without captures.
const URI_PATTERNS: [&str; 16] = [
    "^/ws/(.*)$",
    "^/(ws|chat)/([^/]+)",
    "\\.html$",
    "\"^/api/v(\\d{1,2})/\"",
    "/room",
    "^/([a-z]+)/([a-z0-9]+)(/.*)?$",
    "^/(?<n0>[^/]+)/(.*)",
    "(?<n1>\\w+)$",
    "^(.+?)/*$",
    "^/l\\d+/(.*)$",
    "^/l\\d+/([^/]+)/?(.*)$",
    "^(/l\\d+)",
    ".",
    "^/(?!ws)(.)",
    "/(é|[[:upper:]]+)",
    "(.*)",
];

/// A pattern for URIs.
pub(crate) fn uri_pattern(random: &mut Random) -> &'static str {
    random.pick(&URI_PATTERNS)
}

/// Some steps. `depth` is how many `if` are around them.
pub(crate) fn steps(random: &mut Random, defined: &Defined, at: At, depth: usize) -> String {
    let mut text = String::new();
    for _ in 0..=random.below(3) {
        match random.below(10) {
            0..4 => text.push_str(&set(random, defined)),
            4..7 => text.push_str(&rewrite(random, defined)),
            7 | 8 if depth == 0 => text.push_str(&condition(random, defined, at, depth)),
            9 if random.chance(40) => text.push_str("break; "),
            _ => {}
        }
    }
    text
}

fn set(random: &mut Random, defined: &Defined) -> String {
    let reach = Reach::any(random);
    let name = if random.chance(85) {
        random.pick(&SET)
    } else {
        random.pick(&[
            "args",
            "args",
            "http_x_b",
            "arg_b",
            "cookie_c",
            "n1",
            "connection_upgrade",
            "http_upgrade",
        ])
    };
    format!("set ${name} {}; ", defined.text(random, reach))
}

fn rewrite(random: &mut Random, defined: &Defined) -> String {
    let pattern = uri_pattern(random);
    let target =
        random.pick(&["/t0", "/t1", "/t2/", "/ws", "/chat/room", "/l1", "/l2/", "/nowhere", "/t3"]);
    let rest = match random.below(12) {
        0 => "/$1".to_owned(),
        1 => "/$2?q=$1".to_owned(),
        2 => "?a=$1&b=$2".to_owned(),
        3 => "?".to_owned(),
        4 => "/$1?".to_owned(),
        5 => "?a=new?".to_owned(),
        6 => "?$args&again=$uri".to_owned(),
        7 => format!("/${{{}}}", defined.variable(random, Reach::Plain)),
        8 => "?a=1?b=$1".to_owned(),
        9 => "$uri".to_owned(),
        _ => String::new(),
    };
    let flag = match random.below(20) {
        0..5 => " last",
        5..9 => " break",
        9 => " redirect",
        10 => " permanent",
        _ => "",
    };
    if random.chance(4) {
        return format!("rewrite {pattern} https://other.test{rest}{flag}; ");
    }
    format!("rewrite {pattern} \"{target}{rest}\"{flag}; ")
}

/// An `if` with what stands in it.
fn condition(random: &mut Random, defined: &Defined, at: At, depth: usize) -> String {
    let mut text = format!("if {} {{ ", question(random, defined));
    text.push_str(&steps(random, defined, at, depth + 1));
    match random.below(12) {
        0 => text.push_str(&answer(random, defined)),
        1 | 2 if at == At::Location => text.push_str(&pass_without_uri(random)),
        3 if at == At::Location => text.push_str("root @PREFIX@/conf/www/other; "),
        4 if at == At::Location => text.push_str("error_page 404 403 = @n1; "),
        _ => {}
    }
    text.push_str("} ");
    text
}

/// A `proxy_pass` as it may stand in `if`, regex and named locations.
pub(crate) fn pass_without_uri(random: &mut Random) -> String {
    random.word(&[
        "proxy_pass http://backend; ",
        "proxy_pass http://backend; ",
        "proxy_pass http://127.0.0.1:@BACKEND@; ",
        "proxy_pass http://$target; ",
        "proxy_pass http://$target$uri; ",
        "proxy_pass http://$target/v$is_args$args; ",
        "proxy_pass $scheme://Backend; ",
        "proxy_pass http://$target$request_uri; ",
        "proxy_pass http://down; ",
        "proxy_pass http://$target:80; ",
        "proxy_pass http://127.0.0.1:@BACKEND@$uri; ",
        "proxy_pass http://127.0.0.1:@BACKEND@$is_args$args; ",
        "proxy_pass http://$arg_a; ",
        "proxy_pass $s0; ",
    ])
}

fn question(random: &mut Random, defined: &Defined) -> String {
    let variable = defined.variable(random, Reach::Plain);
    let word = random.pick(&WORDS);
    match random.below(15) {
        13 => random.word(&[
            "(-f /absent)",
            "(!-f /absent/$uri)",
            "(!-d /absent)",
            "(-e /absent$arg_a)",
            "(!-e \"/absent\")",
            "(-x /absent)",
        ]),
        0 | 1 => format!("(${variable})"),
        2 => format!("(${variable} = {word})"),
        3 => format!("( ${variable} != \"{word}\" )"),
        4 => "($http_upgrade = websocket)".to_owned(),
        5 => "($http_connection ~* upgrade)".to_owned(),
        6 => format!("($uri ~ \"{}\")", uri_pattern(random).replace('"', "")),
        7 => format!("($uri !~ \"{}\")", uri_pattern(random).replace('"', "")),
        8 => "($args ~ \"(?:^|&)a=([^&]+)(&b=(?<n1>[^&]*))?\")".to_owned(),
        9 => format!("($host ~* \"^(?<n0>[a-z]+)\\.({word}|one|chat)\")"),
        10 => "($request_method !~ ^(POST|PUT)$)".to_owned(),
        11 => format!("(${variable} = ${})", defined.variable(random, Reach::Plain)),
        12 => format!("(${variable} ~* ^{word})"),
        _ => format!("($request_uri ~* \"{}\")", uri_pattern(random).replace('"', "")),
    }
}

/// A `return`.
pub(crate) fn answer(random: &mut Random, defined: &Defined) -> String {
    let code = random.pick(&[
        "400", "401", "402", "403", "404", "404", "405", "406", "408", "409", "410", "411", "413",
        "414", "416", "418", "418", "421", "429", "431", "444", "494", "495", "496", "497", "499",
        "500", "501", "502", "503", "504", "507", "200", "201", "204", "204", "206", "250", "304",
        "300", "399",
    ]);
    match random.below(8) {
        0 => format!("return {code} {}; ", defined.text(random, Reach::Plain)),
        1 => format!("return {code} \"\"; "),
        2 => "return 301 https://$host$request_uri; ".to_owned(),
        3 => random.word(&[
            "return https://other.test/; ",
            "return 302 /t0; ",
            "return 303 /t0; ",
            "return 307 $scheme://$host/; ",
            "return 308 /x; ",
        ]),
        _ => format!("return {code}; "),
    }
}

/// Lines that define every variable that `set` and named groups may define elsewhere.
pub(crate) fn declarations() -> String {
    let mut text = String::from(
        "server_name \"~^(?<n0>never-)(?<n1>asked)\\.invalid$\"; set $target backend; ",
    );
    for name in SET {
        let _ = write!(text, "set ${name} \"\"; ");
    }
    text
}
