//! Locations that overlap: which one does a URI belong to?

use std::fmt::Write as _;

use wslint_test_support::random::Random;

use super::headers;
use super::values::{Defined, Reach};

/// How locations are written; some only differ in their modifier or in case.
const HEADS: [&str; 30] = [
    "/",
    "= /",
    "/ws",
    "/ws/",
    "= /ws",
    "=/ws/",
    "^~ /ws/a",
    "/chat",
    "^~/chat/",
    "/chat/room",
    "/Chat",
    "~ ^/ws",
    "~* ^/WS/",
    "~ \\.html$",
    "~*\\.HTML$",
    "~ ^/chat/(?<n0>.+)$",
    "~ /room$",
    "/a/b/",
    "/a",
    "~ ^/(a|b)/(.*)$",
    "/b/",
    "= /b/c",
    "~ \"^/.{4}$\"",
    "/é",
    "\"/with space/\"",
    "~ \"h s\"",
    "/a%20b",
    "~ ^/[^/]+/[^/]+/[^/]+$",
    "/x.y",
    "~ \\.y$",
];

/// What is asked for.
const PATHS: [&str; 48] = [
    "/",
    "/ws",
    "/ws/",
    "/ws/a",
    "/WS/b",
    "/ws/a/b",
    "/chat",
    "/chat/",
    "/chat/room",
    "/chat/room/1",
    "/chat/a",
    "/Chat/x",
    "/chat/c",
    "/chat/d",
    "/a",
    "/a/b",
    "/a/b/c",
    "/b",
    "/b/c",
    "/x.html",
    "/X.HTML",
    "/ws/x.html",
    "/%C3%A9",
    "/with%20space",
    "/with%20space/x",
    "/a%2520b",
    "/ws//a",
    "//ws",
    "/ws/./a",
    "/ws/../chat/",
    "/room",
    "/x.y",
    "/abc",
    "/ws/a/room",
    "/chat/c/room",
    "/%77s",
    "/ws%2Fa",
    "/a%20b",
    "/ws/a%3Fb",
    "/b%23",
    "/ws/+x",
    "/a/..",
    "/ws/..%2f",
    "/..",
    "/%zz",
    "/ws/d",
    "/a/d",
    "/chat/b",
];

/// The locations of a server, each of which says in a header which one it is, and paths to ask for.
pub(crate) fn of_server(random: &mut Random, defined: &Defined) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut known: Vec<String> = Vec::new();
    for number in 0..14 {
        let head = random.pick(&HEADS);
        let key = head.replace([' ', '"'], "").trim_start_matches("^~").to_owned();
        if known.contains(&key) {
            continue;
        }
        known.push(key);
        let location =
            Location { defined, number: number.to_string(), is_regex: head.starts_with('~') };
        let inside = if location.is_regex || head.starts_with('=') || random.chance(50) {
            String::new()
        } else {
            location.nested(random, head.trim_start_matches(['^', '~', ' ']).trim_matches('"'))
        };
        let content = match random.chance(15) {
            true => format!("return {}; ", random.pick(&["404", "403", "200 x"])),
            false => location.proxied(random),
        };
        let _ = writeln!(text, "    location {head} {{ {inside}{content}}}");
    }
    (text, PATHS.map(str::to_owned).to_vec())
}

/// A location, and what it is called.
struct Location<'d> {
    defined: &'d Defined,
    number: String,
    /// Whether a regular expression has captured something on the way to it.
    is_regex: bool,
}

impl Location<'_> {
    fn inside(&self, number: usize, is_regex: bool) -> Self {
        let is_regex = self.is_regex || is_regex;
        Location { defined: self.defined, number: format!("{}.{number}", self.number), is_regex }
    }

    /// Locations inside the one of that name.
    fn nested(&self, random: &mut Random, name: &str) -> String {
        let end = if name.ends_with('/') { "" } else { "/" };
        let heads = [
            format!("\"{name}{end}a\""),
            format!("= \"{name}{end}b\""),
            "~ /(room|a)".to_owned(),
            format!("^~ \"{name}{end}c/\""),
            format!("\"{name}{end}d/\""),
        ];
        let mut text = String::new();
        for (number, head) in heads.iter().enumerate() {
            if random.chance(50) {
                continue;
            }
            let is_regex = head.starts_with('~');
            let location = self.inside(number, is_regex);
            let deeper = match is_regex && random.chance(60) {
                true => format!(
                    "location ~ room(.*) {{ {}}} ",
                    location.inside(0, true).proxied(random)
                ),
                false => String::new(),
            };
            let _ = write!(text, "location {head} {{ {}{deeper}}} ", location.proxied(random));
        }
        text
    }

    /// What it says, with its number in a header.
    fn proxied(&self, random: &mut Random) -> String {
        let pass = random.pick(&["backend", "127.0.0.1:@BACKEND@", "$target", "$target$uri"]);
        let reach = if self.is_regex { Reach::Captures } else { Reach::Maps };
        let value = self.defined.text(random, reach);
        format!(
            "proxy_pass http://{pass}; {}proxy_set_header X-Location \"{} {}\"; ",
            headers::TRIAD,
            self.number,
            value.trim_matches('"')
        )
    }
}
