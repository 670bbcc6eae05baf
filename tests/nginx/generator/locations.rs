//! Locations, and the URIs that lead to them.

use std::fmt::Write as _;

use wslint_test_support::random::Random;

use super::rewrites::{self, At};
use super::values::{Defined, Reach, WORDS};
use super::{headers, settings, subrequests};

/// How a location is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// By a prefix, `^~` or not.
    Prefix,
    /// By the whole URI.
    Exact,
    /// By a regular expression.
    Regex,
    /// By `@name`.
    Named,
}

/// The locations of a server, and paths to ask for.
pub(crate) fn of_server(random: &mut Random, defined: &Defined) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut paths: Vec<String> = Vec::new();
    for number in 0..12 {
        let base = format!("/l{number}");
        let (head, form) = match random.below(9) {
            0 => (format!("= {base}"), Form::Exact),
            1 => (format!("={base}/x"), Form::Exact),
            2 => (format!("^~ {base}/"), Form::Prefix),
            3 => (format!("~ ^{base}/"), Form::Regex),
            4 => (format!("~*^/L{number}/(?<n0>[^/]+)/?(.*)"), Form::Regex),
            5 | 6 => (format!("{base}/"), Form::Prefix),
            _ => (base.clone(), Form::Prefix),
        };
        let prefix = head.trim_start_matches(['=', '^', '~', ' ']).to_owned();
        let _ =
            writeln!(text, "    location {head} {{ {}}}", body(random, defined, form, &prefix, 0));
        paths.extend(targets(random, &base));
    }
    for number in 0..4 {
        // What rewrites and error pages lead to: most of it proxies.
        let head = random.word(&["", "= ", "^~ "]);
        let slash = if number == 2 { "/" } else { "" };
        let form = if head == "= " { Form::Exact } else { Form::Prefix };
        let body = target(random, defined, form);
        let _ = writeln!(text, "    location {head}/t{number}{slash} {{ {body}}}");
        paths.push(format!("/t{number}"));
    }
    if random.chance(50) {
        let body = target(random, defined, Form::Prefix).replace("internal; ", "");
        let _ = writeln!(text, "    location / {{ {body}}}");
        paths.extend(["/", "/ws", "/chat/room/", "/a%20b"].map(str::to_owned));
    }
    for name in ["@n0", "@n1"] {
        let _ = writeln!(text, "    location {name} {{ {}}}", target(random, defined, Form::Named));
    }
    (text, paths)
}

/// URIs that may lead to a location, or beside it.
fn targets(random: &mut Random, base: &str) -> Vec<String> {
    let word = random.pick(&WORDS);
    let mut all = vec![base.to_owned(), format!("{base}/"), format!("{base}/{word}")];
    all.push(random.word(&[
        &format!("{base}/{word}/room"),
        &format!("{}/ws", base.to_uppercase()),
        &format!("{base}/a%20b/%D1%8F"),
        &format!("{base}/a+b%2Bc/x"),
        &format!("{base}//a///b"),
        &format!("{base}/./x/../y/"),
        &format!("{base}/a%3Fb%23c%25d"),
        &format!("{base}/there.txt"),
        &format!("{base}x"),
        &format!("{base}/x"),
        &format!("{base}/v1/two/three"),
    ]));
    all
}

/// The arguments of a URI, with their question mark.
pub(crate) fn arguments(random: &mut Random) -> String {
    random.word(&[
        "",
        "",
        "",
        "?a=1",
        "?a=ws&b=two",
        "?A=upper",
        "?b=&a=0",
        "?room=a%20b&a=chat",
        "?ip=10.1.2.3&a=x-y",
        "?ip=10.0.0.1",
        "?ip=nonsense",
        "?ip=2001:db8::1",
        "?ip=200.1.2.3&b=1",
        "?",
        "?a",
        "?xa=1&a=2&a=3",
        "?a=b?c=d",
        "?room=Room&b=upgrade",
    ])
}

/// A location that rewrites and error pages lead to.
fn target(random: &mut Random, defined: &Defined, form: Form) -> String {
    let reach = Reach::any(random);
    let mut text = String::new();
    if random.chance(25) && form != Form::Named {
        text.push_str("internal; ");
    }
    if random.chance(20) {
        text.push_str(&rewrites::steps(random, defined, At::Location, 1));
    }
    if random.chance(15) {
        text.push_str(&settings::error_page(random));
    }
    text.push_str(&headers::lines(random, defined, reach));
    if random.chance(75) {
        text.push_str(&pass(random, form));
    } else if random.chance(60) {
        text.push_str(&rewrites::answer(random, defined));
    }
    text
}

fn pass(random: &mut Random, form: Form) -> String {
    if matches!(form, Form::Regex | Form::Named) || random.chance(60) {
        return rewrites::pass_without_uri(random);
    }
    random.word(&[
        "proxy_pass http://backend/; ",
        "proxy_pass http://backend/new; ",
        "proxy_pass http://BACKEND/new/; ",
        "proxy_pass http://127.0.0.1:@BACKEND@/a%20b/; ",
        "proxy_pass http://backend/?x=1; ",
        "proxy_pass http://backend?q; ",
        "proxy_pass http://$target/new; ",
        "proxy_pass http://$target/$1; ",
        "proxy_pass http://$target?x=$arg_a; ",
    ])
}

/// The content of a location.
fn body(random: &mut Random, defined: &Defined, form: Form, name: &str, depth: usize) -> String {
    let reach = Reach::any(random);
    let mut text = String::new();
    if random.chance(14) {
        text.push_str(&settings::access(random));
    }
    if random.chance(30) {
        text.push_str(&settings::error_page(random));
    }
    if random.chance(8) {
        text.push_str("recursive_error_pages on; ");
    }
    if random.chance(20) && !text.contains("satisfy") {
        text.push_str(&subrequests::asks(random));
    }
    if random.chance(45) {
        text.push_str(&rewrites::steps(random, defined, At::Location, 0));
    }
    if random.chance(70) {
        text.push_str(&headers::lines(random, defined, reach));
    }
    if random.chance(20) {
        text.push_str(headers::others(random));
    }
    if random.chance(12) && !text.contains("try_files") {
        text.push_str(&settings::try_files(random));
    }
    if random.chance(5) {
        text.push_str("internal; ");
    }
    if random.chance(10) {
        text.push_str("proxy_cache zone; proxy_cache_valid any 1m; ");
        text.push_str(random.pick(&[
            "",
            "proxy_cache_bypass $http_upgrade; ",
            "proxy_cache_bypass $arg_none 0; ",
            "proxy_cache_key $uri; ",
            "proxy_no_cache $http_upgrade; ",
        ]));
    }
    match random.below(20) {
        0..16 => text.push_str(&pass(random, form)),
        16 | 17 => text.push_str(&rewrites::answer(random, defined)),
        18 if !text.contains("try_files") => text.push_str(&settings::files(random, form)),
        _ => {}
    }
    if depth < 2 && form == Form::Prefix && random.chance(25) {
        let end = if name.ends_with('/') { "" } else { "/" };
        let (head, nested) = match random.below(4) {
            0 => (format!("{name}{end}ws"), Form::Prefix),
            1 => (format!("= {name}{end}chat"), Form::Exact),
            2 => ("~ /(?<n1>[a-z])$".to_owned(), Form::Regex),
            _ => (format!("^~ {name}{end}a"), Form::Prefix),
        };
        let name = head.trim_start_matches(['=', '^', '~', ' ']).to_owned();
        let _ = write!(
            text,
            "location {head} {{ {}}} ",
            body(random, defined, nested, &name, depth + 1)
        );
    }
    text
}
