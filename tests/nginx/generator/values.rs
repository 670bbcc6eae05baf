//! Texts with variables in them: what `set`, `proxy_set_header` and the like are given.

use std::fmt::Write as _;

use wslint_test_support::random::Random;

/// Variables of nginx's own that a handshake and the configuration decide.
const BUILT_IN: [&str; 32] = [
    "uri",
    "uri",
    "document_uri",
    "args",
    "args",
    "query_string",
    "is_args",
    "request_uri",
    "host",
    "host",
    "http_host",
    "scheme",
    "request_method",
    "server_protocol",
    "server_port",
    "server_name",
    "arg_a",
    "arg_b",
    "arg_room",
    "arg_none",
    "http_x_a",
    "http_x_b",
    "http_upgrade",
    "http_connection",
    "http_origin",
    "cookie_c",
    "remote_addr",
    "proxy_add_x_forwarded_for",
    "request",
    "document_root",
    "request_filename",
    "nginx_version",
];

/// What a regular expression gives that matched before.
const CAPTURED: [&str; 6] = ["1", "2", "1", "3", "n0", "n1"];

/// Variables that `set` gives a value, somewhere.
pub(crate) const SET: [&str; 4] = ["s0", "s1", "s2", "s3"];

/// Words that stand in requests and in configurations.
pub(crate) const WORDS: [&str; 10] =
    ["ws", "chat", "a", "b", "1", "0", "two", "Room", "x-y", "upgrade"];

/// Which variables a text may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// What was captured. A map with regular expressions beside it would change what `$1` is
    /// between the time that nginx measures the text and the time that it writes it.
    Captures,
    /// All maps.
    Maps,
    /// Neither.
    Plain,
}

impl Reach {
    /// One of the two.
    pub(crate) fn any(random: &mut Random) -> Self {
        if random.chance(60) { Reach::Captures } else { Reach::Maps }
    }
}

/// The variables that a configuration defines.
#[derive(Debug, Default)]
pub(crate) struct Defined {
    /// By a `map` without regular expressions, `geo`, `split_clients`.
    pub(crate) plain: Vec<String>,
    /// By a `map` with regular expressions, or one that asks such a one.
    pub(crate) with_regexes: Vec<String>,
}

impl Defined {
    /// A variable's name, without its dollar sign.
    pub(crate) fn variable(&self, random: &mut Random, reach: Reach) -> String {
        let among = |random: &mut Random, names: &[String]| {
            (!names.is_empty()).then(|| names[random.below(names.len())].clone())
        };
        let defined = match (random.below(10), reach) {
            (0..3, Reach::Captures) => Some(random.word(&CAPTURED)),
            (0..3, Reach::Maps) => among(random, &self.with_regexes),
            (3..5, _) => among(random, &self.plain),
            (5..7, _) => Some(random.word(&SET)),
            _ => None,
        };
        defined.unwrap_or_else(|| random.word(&BUILT_IN))
    }

    /// A text, in quotes.
    pub(crate) fn text(&self, random: &mut Random, reach: Reach) -> String {
        let mut text = String::new();
        for _ in 0..=random.below(3) {
            if random.chance(30) {
                text.push_str(random.pick(&WORDS));
            } else {
                let name = self.variable(random, reach);
                // `${1}` is no capture, and the name is not to end in the next word.
                let bare = name.len() == 1 || random.chance(50);
                let separator = random.pick(&["|", "-", "/", " ", "."]);
                let _ = match bare {
                    true => write!(text, "${name}{separator}"),
                    false => write!(text, "${{{name}}}"),
                };
            }
        }
        format!("\"{text}\"")
    }
}
