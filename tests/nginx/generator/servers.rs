//! Whole configurations, and the handshakes that are sent to them.

use std::fmt::Write as _;

use wslint_test_support::random::Random;
use wslint_test_support::{Browser, Folder};

use super::rewrites::{self, At};
use super::values::{Defined, Reach, WORDS};
use super::{headers, locations, maps, overlapping, settings, subrequests};

/// A configuration, with what it is asked.
#[derive(Debug)]
pub(crate) struct Case {
    /// Its files; `@LISTEN@`, `@OTHER@` and `@BACKEND@` stand for ports, `@PREFIX@` for the folder.
    pub(crate) folder: Folder,
    /// The handshakes.
    pub(crate) routes: Vec<Route>,
}

/// A handshake.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// The address that the client connects to.
    pub(crate) address: [u8; 4],
    /// Whether it asks for the second port.
    pub(crate) other_port: bool,
    /// The host, without port.
    pub(crate) host: String,
    /// The request target.
    pub(crate) target: String,
    /// Whose handshake.
    pub(crate) browser: Browser,
    /// Fields besides.
    pub(crate) fields: Vec<(String, String)>,
    /// Whether a plain request comes first, whose answer a cache may keep.
    pub(crate) primed: bool,
}

/// Host names that a server may have, with hosts that they may fit.
const NAMES: [(&str, &str); 16] = [
    ("one.test", "one.test"),
    ("One.Test", "ONE.test"),
    ("www.one.test", "www.one.test."),
    ("*.one.test", "a.b.one.test"),
    (".chat.test", "chat.test"),
    (".chat.test", "x.chat.test"),
    ("www.*", "www.example.org"),
    ("*.test", "deep.sub.test"),
    ("\"~^(?<n0>[a-z]+)\\.rooms\\.test$\"", "blue.rooms.test"),
    ("\"~^(?<n0>\\w+)\\.(?<n1>\\w+)\\.re$\"", "red.green.re"),
    ("~^(.+)\\.re$", "x.re"),
    ("~ROOMS", "a.rooms.other"),
    ("\"\"", "nobody.invalid"),
    ("a.b.c.test", "A.B.C.test"),
    ("localhost", "localhost"),
    ("_", "underscore"),
];

/// Makes a configuration.
pub(crate) fn case(random: &mut Random) -> Case {
    let mut defined = Defined::default();
    let mut files = Vec::new();
    let mut text = "\
events { worker_connections 256; }
http {
  access_log off; client_body_temp_path @PREFIX@/t; proxy_temp_path @PREFIX@/t; fastcgi_temp_path @PREFIX@/t;
  uwsgi_temp_path @PREFIX@/t; scgi_temp_path @PREFIX@/t; proxy_cache_path @PREFIX@/cache keys_zone=zone:1m;
  root @PREFIX@/conf/www; server_names_hash_bucket_size 128; map_hash_bucket_size 128; variables_hash_bucket_size 128;
  upstream backend { server 127.0.0.1:@BACKEND@; keepalive 4; }
  upstream down { server 127.0.0.1:@BACKEND@ down; server 127.0.0.1:1 down; }
"
    .to_owned();
    text.push_str(&maps::blocks(random, &mut defined, &mut files));
    if random.chance(50) {
        let _ = writeln!(text, "  {}", headers::lines(random, &defined, Reach::Plain));
    }
    if random.chance(15) {
        let _ = writeln!(text, "  {}", settings::error_page(random));
    }
    let _ = writeln!(text, "  server {{ listen @LISTEN@; {}}}", rewrites::declarations());
    let mut routes = Vec::new();
    let count = 3 + random.below(2);
    for number in 0..count {
        let (server, more) = server(random, &defined, number);
        routes.extend(more);
        if random.chance(25) {
            let path = format!("sites/{number}.conf");
            let _ = writeln!(text, "  include {path};");
            files.push((path, server));
        } else {
            text.push_str(&server);
        }
    }
    let (servers, more) = addresses(random);
    text.push_str(&servers);
    routes.extend(more);
    text.push_str("}\n");
    let triad = headers::TRIAD;
    let mut folder = Folder::new(&text)
        .with("snip/triad.conf", triad)
        .with("snip/outer.conf", "include snip/triad.conf;\nproxy_set_header X-Included $uri;\n")
        .with("www/there.txt", "there\n")
        .with("www/other/there.txt", "there\n")
        .with("users", "somebody:{PLAIN}secret\n");
    for (path, text) in files {
        folder = folder.with(&path, &text);
    }
    Case { folder, routes }
}

/// A server of the first port, with handshakes for it.
fn server(random: &mut Random, defined: &Defined, number: usize) -> (String, Vec<Route>) {
    let mut names = Vec::new();
    let mut hosts = Vec::new();
    for _ in 0..=random.below(3) {
        let (name, host) = NAMES[random.below(NAMES.len())];
        if !names.contains(&name) {
            names.push(name);
            hosts.push(host.to_owned());
        }
    }
    let listen = random.pick(&["@LISTEN@", "*:@LISTEN@", "0.0.0.0:@LISTEN@"]);
    let default = if number == 1 { random.pick(&["", " default_server", " default"]) } else { "" };
    let mut text =
        format!("  server {{\n    listen {listen}{default};\n    server_name s{number}.test");
    for name in &names {
        let _ = write!(text, " {name}");
    }
    text.push_str(";\n    set $target backend;\n");
    if random.chance(10) {
        text.push_str("    merge_slashes off;\n");
    }
    if random.chance(10) {
        text.push_str("    underscores_in_headers on;\n");
    }
    if random.chance(40) {
        let _ = writeln!(text, "    {}", headers::lines(random, defined, Reach::Maps));
    }
    if random.chance(20) {
        let _ = writeln!(text, "    {}", settings::error_page(random));
    }
    if random.chance(12) {
        let _ = writeln!(text, "    {}", headers::others(random));
    }
    if random.chance(8) {
        text.push_str(random.pick(&[
            "    allow 127.0.0.1; deny all;\n",
            "    deny 127.0.0.1;\n",
            "    auth_basic x; auth_basic_user_file @PREFIX@/conf/users;\n",
            "    satisfy any; recursive_error_pages on;\n",
        ]));
    }
    if random.chance(35) {
        let _ = writeln!(text, "    {}", rewrites::steps(random, defined, At::Server, 0));
    }
    if random.chance(4) {
        text.push_str(random.pick(&[
            "    if ($arg_a = 1) { return 503; }\n",
            "    if ($arg_b) { return 302 https://other.test$request_uri; }\n",
            "    return 404;\n",
        ]));
    }
    if random.chance(5) {
        text.push_str("    try_files $uri @n0;\n");
    }
    if random.chance(12) {
        let _ = writeln!(text, "    {}", subrequests::asks(random));
    }
    text.push_str(&subrequests::of_server(random, defined));
    let (inside, paths) = match random.chance(35) {
        true => overlapping::of_server(random, defined),
        false => locations::of_server(random, defined),
    };
    text.push_str(&inside);
    text.push_str("  }\n");
    let routes = (0..14).map(|_| {
        let host = match random.chance(60) {
            true => format!("s{number}.test"),
            false => hosts[random.below(hosts.len())].clone(),
        };
        let path = &paths[random.below(paths.len())];
        let target = format!("{path}{}", locations::arguments(random));
        route(random, host, target)
    });
    (text, routes.collect())
}

fn route(random: &mut Random, host: String, target: String) -> Route {
    let mut fields: Vec<(String, String)> = Vec::new();
    for name in ["X-A", "X-B", "x_a", "Cookie", "X-Forwarded-For", "X-A"] {
        if random.chance(20) {
            let value = match name {
                "Cookie" => random.word(&["c=1", "d=2; c=two", "C=upper", "cc=3"]),
                "X-Forwarded-For" => {
                    random.word(&["10.0.0.1", "10.0.0.2, 127.0.0.1", "10.1.2.3, 10.0.0.1"])
                }
                _ => random.word(&WORDS),
            };
            fields.push((name.to_owned(), value));
        }
    }
    Route {
        address: [127, 0, 0, 1],
        other_port: false,
        host,
        target,
        browser: if random.chance(50) { Browser::Chrome } else { Browser::Firefox },
        fields,
        primed: random.chance(20),
    }
}

/// Servers that are told apart by their addresses, on the second port.
fn addresses(random: &mut Random) -> (String, Vec<Route>) {
    let mut text = String::new();
    let lines = [
        "127.0.0.1:@OTHER@",
        "127.0.0.2:@OTHER@",
        "@OTHER@",
        "127.0.0.2:@OTHER@ default_server",
        "*:@OTHER@ default_server",
    ];
    let mut has_default = [false; 2];
    for number in 0..4 {
        let first = random.below(lines.len());
        let mut listens = vec![lines[first]];
        if random.chance(40) {
            let second = random.pick(&lines[..3]);
            // One server may not listen twice at one address.
            if second.starts_with("127.0.0.2") != lines[first].starts_with("127.0.0.2")
                && !lines[first].contains(second)
            {
                listens.push(second);
            }
        }
        if number == 0 {
            listens = vec!["@OTHER@"];
        }
        let mut text_of_listens = String::new();
        for listen in listens {
            let bare = listen.trim_end_matches(" default_server");
            let is_first = bare == listen
                || !std::mem::replace(&mut has_default[usize::from(listen.starts_with('*'))], true);
            let _ = write!(text_of_listens, "listen {}; ", if is_first { listen } else { bare });
        }
        let name = random.pick(&["127.0.0.1", "127.0.0.2", "127.0.0.3", "\"\"", "127.*", "~^127"]);
        let _ = writeln!(
            text,
            "  server {{ {text_of_listens}server_name {name} n{number}; set $target backend; location / {{ proxy_pass http://$target; {}proxy_set_header X-Server \"{number} $server_name\"; }} }}",
            headers::TRIAD
        );
    }
    let routes = (1..=3).map(|last| {
        let host = format!("127.0.0.{last}");
        Route {
            address: [127, 0, 0, last],
            other_port: true,
            ..route(random, host, "/ws".to_owned())
        }
    });
    (text, routes.collect())
}
