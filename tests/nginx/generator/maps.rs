//! `map`, `geo` and `split_clients`.

use std::fmt::Write as _;

use wslint_test_support::random::Random;

use super::values::{Defined, Reach, WORDS};

/// Files that a block includes, by path.
pub(crate) type Files = Vec<(String, String)>;

/// Blocks of `http` that define variables. Each may ask those before it.
pub(crate) fn blocks(random: &mut Random, defined: &mut Defined, files: &mut Files) -> String {
    let mut text =
        "map $http_upgrade $connection_upgrade { default upgrade; '' close; }\n".to_owned();
    for number in 0..9 {
        let (block, has_regexes, name) = match random.below(8) {
            0 => (geo(random, number), false, format!("g{number}")),
            1 => (split_clients(random, defined, number), false, format!("p{number}")),
            2 => (host_names(random, defined, number), false, format!("h{number}")),
            3 | 4 => (regexes(random, defined, number), true, format!("r{number}")),
            5 => (chained(random, defined, number), true, format!("c{number}")),
            _ => (words(random, defined, number, files), false, format!("m{number}")),
        };
        text.push_str(&block);
        if has_regexes { &mut defined.with_regexes } else { &mut defined.plain }.push(name);
    }
    text
}

fn word_source(random: &mut Random) -> &'static str {
    random.pick(&[
        "$arg_a",
        "$http_x_a",
        "$arg_b",
        "$request_method",
        "$http_upgrade",
        "$s0",
        "$uri",
    ])
}

fn volatile(random: &mut Random) -> &'static str {
    if random.chance(25) { "volatile; " } else { "" }
}

fn words(random: &mut Random, defined: &Defined, number: usize, files: &mut Files) -> String {
    let source = word_source(random);
    let mut keys: Vec<&str> = Vec::new();
    let mut lines = String::new();
    for _ in 0..random.below(5) {
        let key = random.pick(&WORDS);
        if keys.iter().any(|known| known.eq_ignore_ascii_case(key)) {
            continue;
        }
        keys.push(key);
        let shown = match random.below(3) {
            0 => key.to_uppercase(),
            1 => format!("\"{key}\""),
            _ => key.to_owned(),
        };
        let _ = write!(lines, "{shown} {}; ", defined.text(random, Reach::Plain));
    }
    if random.chance(20) {
        lines.push_str("'' none; ");
    }
    if random.chance(20) {
        lines.push_str("\\default escaped; \\~x tilde; ");
    }
    if random.chance(30) {
        let path = format!("maps/m{number}.map");
        files.push((path.clone(), std::mem::take(&mut lines)));
        let _ = write!(lines, "include {path}; ");
    }
    if random.chance(60) {
        let _ = write!(lines, "default {}; ", defined.text(random, Reach::Plain));
    }
    format!("map {source} $m{number} {{ {}{lines}}}\n", volatile(random))
}

fn regexes(random: &mut Random, defined: &Defined, number: usize) -> String {
    let source =
        random.pick(&["$uri", "$host", "$arg_a", "$request_uri", "\"$args\"", "$http_connection"]);
    let mut keys: Vec<&str> = Vec::new();
    let mut lines = String::new();
    for _ in 0..=random.below(3) {
        let (key, value) = [
            ("~^/([a-z]+)/(.*)$", "$1:$2"),
            ("\"~*^/(?<n0>[a-z]+[0-9]*)\"", "<$n0>"),
            ("~^(ws|chat)", "$1$1"),
            ("~*([^.]+)\\.test$", "$1"),
            ("~*upgrade", "has-upgrade"),
            ("~room=(?<n1>[^&]*)", "$n1"),
            ("~(\\d+)", "number-$1"),
            ("~*^$", "never"),
            ("~.", "$uri"),
            ("~[[:upper:]]", "upper"),
            ("\"~^/(\\w{2,4})\\b\"", "[$1]"),
            ("~*(?<n0>é|%)", "$n0"),
            ("\"~(?i)CHAT(.*)\"", "chat$1"),
        ][random.below(13)];
        if !keys.contains(&key) {
            keys.push(key);
            let _ = write!(lines, "{key} \"{value}\"; ");
        }
    }
    if random.chance(30) {
        lines.push_str("ws plain; ");
    }
    if random.chance(60) {
        let _ = write!(lines, "default {}; ", defined.text(random, Reach::Plain));
    }
    format!("map {source} $r{number} {{ {}{lines}}}\n", volatile(random))
}

/// A map that asks others.
fn chained(random: &mut Random, defined: &Defined, number: usize) -> String {
    let source = defined.variable(random, Reach::Maps);
    let value = defined.text(random, Reach::Plain);
    let word = random.pick(&WORDS);
    let lines = random.pick(&["'' empty; ", "~ws has-ws; ", "~*(.)$ \"ends-in-$1\"; "]);
    format!("map \"${{{source}}}\" $c{number} {{ {lines}{word} word; default {value}; }}\n")
}

fn host_names(random: &mut Random, defined: &Defined, number: usize) -> String {
    let mut lines = String::new();
    let names = [
        ".chat.test",
        "*.one.test",
        "www.*",
        "one.test",
        "www.one.test",
        "*.test",
        "a.b.*",
        "A.B.C.test",
    ];
    let skipped = random.below(names.len());
    for (index, name) in names.iter().enumerate() {
        if index != skipped && random.chance(50) {
            let _ = write!(lines, "{name} {}; ", defined.text(random, Reach::Plain));
        }
    }
    if random.chance(60) {
        lines.push_str("default other; ");
    }
    if random.chance(30) {
        lines.push_str("~^www plain; ");
    }
    let source = random.pick(&["$host", "$http_x_a", "$http_host", "$arg_a.$host", "$host."]);
    format!("map {source} $h{number} {{ {}hostnames; {lines}}}\n", volatile(random))
}

fn geo(random: &mut Random, number: usize) -> String {
    let source = random.pick(&["", "$arg_ip ", "$remote_addr "]);
    let default = if random.chance(60) { "default none; " } else { "" };
    let lines = match random.below(5) {
        0 => "127.0.0.0/8 local; 127.0.0.1 me; 10.0.0.0/8 ten; 255.255.255.255 bad; ",
        1 => "10.1.0.0/16 a; 10.1.2.0/24 b; 10.0.0.0/8 c; ::/0 six; delete 10.1.2.0/24; ",
        2 => "ranges; 10.0.0.0-10.255.255.255 ten; 127.0.0.1-127.0.0.1 me; ",
        3 if number % 2 == 1 => {
            "proxy_recursive; proxy 127.0.0.0/8; proxy 10.0.0.2; 10.0.0.1 first; 10.1.0.0/16 far; "
        }
        3 => "proxy 127.0.0.0/8; 10.0.0.1 first; 10.0.0.2 second; 127.0.0.1 me; ",
        _ => "2001:db8::/32 docs; 0.0.0.0/1 low; 128.0.0.0/1 high; ",
    };
    let lines = match lines.strip_prefix("ranges; ") {
        Some(rest) => format!("ranges; {default}{rest}"),
        None => format!("{default}{lines}"),
    };
    format!("geo {source}$g{number} {{ {lines}}}\n")
}

fn split_clients(random: &mut Random, defined: &Defined, number: usize) -> String {
    let source = defined.text(random, Reach::Plain);
    let lines = random.pick(&[
        "50% one; * two;",
        "0.5% one; 20% two; 33.33% three; * four;",
        "10% one; 60% two;",
        "33% \"\"; * x;",
        "* all;",
    ]);
    format!("split_clients {source} $p{number} {{ {lines} }}\n")
}
