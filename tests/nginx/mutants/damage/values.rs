//! Values: numbers, times, sizes, flags, codes, addresses, parameters.

use wslint_test_support::directive::{Word, directives};
use wslint_test_support::random::Random;

use super::{Kind, replace};

pub(super) const KINDS: &[Kind] = &[
    ("another number", another_number),
    ("another unit", another_unit),
    ("another flag", another_flag),
    ("another value of a parameter", parameter_value),
    ("another parameter", parameter_name),
    ("another scheme", another_scheme),
    ("another port", another_port),
    ("another address", another_address),
    ("another status", another_status),
    ("another regular expression", another_pattern),
];

/// An argument that `is_wanted`.
fn argument_that(
    random: &mut Random,
    text: &str,
    is_wanted: impl Fn(&str, &str) -> bool,
) -> Option<Word> {
    let list = directives(text);
    let words: Vec<&Word> = list
        .iter()
        .flat_map(|directive| {
            directive.arguments().iter().filter(|word| is_wanted(directive.name(), &word.text))
        })
        .collect();
    random.choose(&words).map(|&word| word.clone())
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|character: char| character.is_ascii_digit())
}

/// The first digits of `text` from `from` on.
fn digits(text: &str, from: usize) -> Option<std::ops::Range<usize>> {
    let start = from + text[from..].find(|it: char| it.is_ascii_digit())?;
    let end =
        text[start..].find(|it: char| !it.is_ascii_digit()).map_or(text.len(), |at| start + at);
    Some(start..end)
}

fn another_number(random: &mut Random, text: &str) -> Option<String> {
    // nginx takes its time over a hash of any size.
    let word = argument_that(random, text, |name, word| {
        digits(word, 0).is_some() && !name.contains("hash")
    })?;
    let number = digits(&word.text, 0)?;
    let other = random.pick(&[
        "0",
        "-1",
        "1.5",
        "abc",
        "",
        "99999",
        "9223372036854775807",
        "99999999999999999999",
        "+3",
        "0x10",
        "1e3",
        "00",
        "65536",
        "2147483648",
        "7",
    ]);
    Some(replace(text, word.range, &replace(&word.text, number, other)))
}

fn another_unit(random: &mut Random, text: &str) -> Option<String> {
    let word =
        argument_that(random, text, |_, word| starts_with_digit(word) && !word.contains('.'))?;
    let number = digits(&word.text, 0)?;
    let unit = random.pick(&[
        "s", "m", "h", "d", "w", "M", "y", "ms", "k", "K", "g", "G", "mb", "KB", "sec", "min", "%",
        "b", "s30", "h 5m", "t", "", " s",
    ]);
    Some(replace(text, word.range, &[&word.text[..number.end], unit].concat()))
}

fn another_flag(random: &mut Random, text: &str) -> Option<String> {
    let is_flag = |word: &str| ["on", "off"].iter().any(|flag| word.eq_ignore_ascii_case(flag));
    let word = argument_that(random, text, |_, word| is_flag(word))?;
    let other = random.pick(&[
        "yes", "no", "true", "false", "1", "0", "On", "oFF", "of", "enabled", "$flag", "on on",
        "\"on\"", "\"\"", "always",
    ]);
    Some(replace(text, word.range, other))
}

fn parameter_value(random: &mut Random, text: &str) -> Option<String> {
    let word = argument_that(random, text, |_, word| word.contains('='))?;
    let (name, _) = word.text.split_once('=')?;
    let other = random.pick(&[
        "",
        "0",
        "-1",
        "x",
        "1k",
        "10s",
        "on",
        "off",
        "1:2:3",
        "a:1m",
        "2r/s",
        "99999999999",
        "$host",
        "1.5",
        "a:1k",
        ":1m",
        "3:3",
        "0r/s",
        "10r/h",
        "1/s",
        "8k",
    ]);
    Some(replace(text, word.range.clone(), &format!("{name}={other}")))
}

fn parameter_name(random: &mut Random, text: &str) -> Option<String> {
    let word = argument_that(random, text, |_, word| word.contains('='))?;
    let (_, value) = word.text.split_once('=')?;
    let other = random.pick(&[
        "unknown",
        "zone",
        "max",
        "if",
        "wait",
        "name",
        "",
        "valid",
        "weight",
        "levels",
        "burst",
        "keys_zone",
        "rate",
    ]);
    Some(replace(text, word.range.clone(), &format!("{other}={value}")))
}

fn another_scheme(random: &mut Random, text: &str) -> Option<String> {
    let word = argument_that(random, text, |_, word| word.contains("://"))?;
    let (_, rest) = word.text.split_once("://")?;
    let scheme = random.pick(&[
        "ws://", "wss://", "http:/", "", "//", "HTTP://", "htp://", "tcp://", "http:", "grpc://",
    ]);
    Some(replace(text, word.range.clone(), &format!("{scheme}{rest}")))
}

fn another_port(random: &mut Random, text: &str) -> Option<String> {
    let is_address = |name: &str, word: &str| {
        ["listen", "server", "proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass"]
            .contains(&name)
            && !word.contains(['=', '$'])
            && digits(word, 0).is_some()
    };
    let word = argument_that(random, text, is_address)?;
    let from = word.text.rfind(':').unwrap_or(0);
    let port = digits(&word.text, from)?;
    let other = random
        .pick(&["0", "70000", "65535", "abc", "", "80a", "-80", "20-30", "21000:1", "$port", " "]);
    Some(replace(text, word.range, &replace(&word.text, port, other)))
}

fn another_address(random: &mut Random, text: &str) -> Option<String> {
    let takes_network = |name: &str, word: &str| {
        [
            "allow",
            "deny",
            "set_real_ip_from",
            "debug_connection",
            "proxy_bind",
            "resolver",
            "listen",
            "proxy",
        ]
        .contains(&name)
            && word.contains(['.', ':'])
            && !word.contains('=')
            || (word.contains('/') && starts_with_digit(word))
    };
    let word = argument_that(random, text, takes_network)?;
    let other = random.pick(&[
        "10.0.0.0/33",
        "256.0.0.1",
        "10.0.0",
        "10.0.0.1/8",
        "any",
        "all",
        "unix:",
        "[::1]",
        "::1",
        "::g",
        "2001:db8::/129",
        "10.0.0.0/",
        "10.0.0.0/255.0.0.0",
        "0.0.0.0/0",
        "*",
        "unix:@PREFIX@/x.sock",
        "127.0.0.1:",
        "10.0.0.9-10.0.0.1",
        "1.2.3.4.5",
        "",
    ]);
    Some(replace(text, word.range, other))
}

fn another_status(random: &mut Random, text: &str) -> Option<String> {
    let has_status = |name: &str, word: &str| {
        (name.ends_with("_status")
            || ["return", "error_page", "try_files", "proxy_cache_valid"].contains(&name))
            && word.trim_start_matches('=').len() == 3
            && starts_with_digit(word.trim_start_matches('='))
    };
    let word = argument_that(random, text, has_status)?;
    let status = digits(&word.text, 0)?;
    let other = random.pick(&[
        "99", "200", "204", "299", "304", "399", "499", "600", "999", "1000", "4o4", "20", "any",
        "-1", "0",
    ]);
    Some(replace(text, word.range, &replace(&word.text, status, other)))
}

fn another_pattern(random: &mut Random, text: &str) -> Option<String> {
    let word = argument_that(random, text, |name, word| {
        [
            "location",
            "rewrite",
            "if",
            "server_name",
            "map",
            "fastcgi_split_path_info",
            "proxy_redirect",
        ]
        .contains(&name)
            && word.contains(['^', '\\', '(', '$'])
    })?;
    let broken = random.pick(&[
        "(", ")", "[", "*", "+", "?", "(?<", "(?<n>", "{2,1}", "\\", "(?P<x>y)", "[z-a]", "(?!a)",
        "$", "|", "(?<1>a)", "\\p{Foo}", "(?i)", "{",
    ]);
    let places: Vec<usize> =
        word.text.char_indices().map(|(at, _)| at).chain([word.text.len()]).collect();
    let at = *random.choose(&places)?;
    Some(replace(text, word.range, &replace(&word.text, at..at, broken)))
}
