//! Small configurations around the rewrite module and variables. Most of them are one odd directive
//! away from a WebSocket location that works.

use std::fmt::Write as _;

use wslint_test_support::random::Random;
use wslint_test_support::{Browser, Folder};

use super::{Case, Route};

/// The paths of the locations that may be there.
const PATHS: [&str; 3] = ["/ws", "/chat", "/t"];

const PASS: &str = "proxy_pass http://127.0.0.1:@BACKEND@";

/// A block, or a directive without its semicolon.
type Line = String;

/// A configuration in the making.
struct Small<'r> {
    random: &'r mut Random,
    /// The names of maps and the like, with their dollar signs.
    maps: Vec<String>,
    has_cache: bool,
    /// A map with a regular expression changes `$1` between the time when nginx measures a header
    /// and the time when it writes it.
    has_regexes: bool,
    /// Snippets, by path.
    files: Vec<(String, String)>,
}

/// Makes a configuration.
pub(crate) fn small_case(random: &mut Random) -> Case {
    let has_cache = random.chance(12);
    let mut small =
        Small { random, maps: Vec::new(), has_cache, has_regexes: false, files: Vec::new() };
    let http = small.http();
    let (server, hosts, paths) = small.server();
    let mut text = String::from(
        "events {}\nhttp {\n  access_log off; \
         client_body_temp_path @PREFIX@/t; proxy_temp_path @PREFIX@/t; fastcgi_temp_path \
         @PREFIX@/t; uwsgi_temp_path @PREFIX@/t; scgi_temp_path @PREFIX@/t;\n",
    );
    for line in http {
        let _ = writeln!(text, "  {}", ended(&line));
    }
    text.push_str("  server {\n");
    for line in server {
        let _ = writeln!(text, "    {}", ended(&line));
    }
    text.push_str("  }\n}\n");
    let mut folder = Folder::new(&text);
    for (path, text) in std::mem::take(&mut small.files) {
        folder = folder.with(&path, &text);
    }
    Case { folder, routes: small.routes(&hosts, &paths) }
}

/// A directive with its semicolon, or a block as it is.
fn ended(line: &str) -> String {
    if line.ends_with('}') { line.to_owned() } else { format!("{line};") }
}

/// A block.
fn block(head: &str, lines: &[Line]) -> Line {
    let inside: Vec<String> = lines.iter().map(|line| ended(line)).collect();
    format!("{head} {{ {} }}", inside.join(" "))
}

/// Directives as the text of a file.
fn in_a_file(lines: &[Line]) -> String {
    lines.join(";\n") + ";\n"
}

impl Small<'_> {
    fn map_or(&mut self, otherwise: &str) -> String {
        match self.maps.len() {
            0 => otherwise.to_owned(),
            count => self.maps[self.random.below(count)].clone(),
        }
    }

    /// A value for `$c`, which most often goes into `Connection`.
    fn value(&mut self) -> String {
        match self.random.below(24) {
            0..7 => "upgrade".to_owned(),
            7..10 => "close".to_owned(),
            10 => "\"\"".to_owned(),
            11 | 12 => "$http_connection".to_owned(),
            13 | 14 => "$connection_upgrade".to_owned(),
            15..20 => self.map_or("upgrade"),
            _ => self.random.word(&["$1", "$c", "$up", "\"keep-alive, $c\"", "$http_upgrade"]),
        }
    }

    /// A value for `$up`, which most often goes into `Upgrade`.
    fn upgrade_value(&mut self) -> String {
        match self.random.below(10) {
            0..4 => "websocket".to_owned(),
            4..7 => "$http_upgrade".to_owned(),
            7 => self.map_or("websocket"),
            _ => self.random.word(&["\"\"", "h2c", "$1"]),
        }
    }

    fn http(&mut self) -> Vec<Line> {
        let usual = self.random.pick(&[
            "default upgrade; '' close",
            "default upgrade; '' close",
            "default ''; websocket upgrade",
            "~*^websocket$ upgrade; default close",
        ]);
        let mut lines = vec![format!("map $http_upgrade $connection_upgrade {{ {usual}; }}")];
        for number in 0..self.random.below(4) {
            let name = format!("$m{number}");
            lines.push(self.definition(number, &name));
            self.maps.push(name);
        }
        self.has_regexes = lines.iter().any(|line| line.contains('~'))
            || self.files.iter().any(|(_, text)| text.contains('~'));
        if self.has_cache {
            lines.push("proxy_cache_path @PREFIX@/cache keys_zone=pages:1m".to_owned());
            lines.push("proxy_cache_valid any 1h".to_owned());
            let zones = self.random.pick(&[
                "default ''; '' pages",
                "default pages; websocket ''",
                "default pages; '' ''",
                "default other; '' pages",
            ]);
            lines.push(format!("map $http_upgrade $zone {{ {zones}; }}"));
        }
        if self.random.chance(8) {
            lines.extend(self.headers());
        }
        lines
    }

    /// A map, `geo` or `split_clients`.
    fn definition(&mut self, number: usize, name: &str) -> Line {
        match self.random.below(20) {
            0 => return format!("geo {name} {{ default upgrade; 127.0.0.1 close; }}"),
            1 => return format!("geo {name} {{ default upgrade; 10.0.0.0/8 close; }}"),
            2 => return format!("split_clients $uri {name} {{ * upgrade; }}"),
            3 => {
                let key = self.random.pick(&["one.test", "*.test", ".test", "two.*"]);
                return format!("map $host {name} {{ hostnames; default upgrade; {key} close; }}");
            }
            _ => {}
        }
        let source = match self.random.below(4) {
            0 => self.map_or("$c"),
            1 => self.random.word(&["$c", "$c", "$up", "\"$c:$up\""]),
            _ => self.random.word(&[
                "$http_upgrade",
                "$uri",
                "$arg_a",
                "$request_uri",
                "$request_method",
                "$http_connection",
                "$args",
                "$1",
            ]),
        };
        let (usual, other) = [
            ("upgrade", "close"),
            ("upgrade", "close"),
            ("close", "upgrade"),
            ("upgrade", "''"),
            ("websocket", "''"),
            ("$c", "close"),
            ("$1", "upgrade"),
            ("$http_connection", "''"),
        ][self.random.below(8)];
        let key = self.random.pick(&[
            "''",
            "''",
            "websocket",
            "upgrade",
            "close",
            "1",
            "~^/ws",
            "~^/ws/pub",
            "~*^(web)socket$",
            "~*(?<group>upgrade)",
            "~.",
        ]);
        let mut lines = vec![format!("default {usual}"), format!("{key} {other}")];
        if self.random.chance(20) {
            lines.push("~*^(up) $1grade".to_owned());
        }
        if self.random.chance(10) {
            let path = format!("maps/{number}.map");
            let inside: Vec<Line> = lines.drain(1..).collect();
            self.files.push((path.clone(), in_a_file(&inside)));
            lines.push(format!("include {path}"));
        }
        if self.random.chance(15) {
            lines.insert(0, "volatile".to_owned());
        }
        block(&format!("map {source} {name}"), &lines)
    }

    /// The server's lines, with hosts and paths to ask for.
    fn server(&mut self) -> (Vec<Line>, Vec<&'static str>, Vec<String>) {
        let (names, hosts): (_, &[&'static str]) = match self.random.below(10) {
            0..6 => ("one.test", &["one.test"]),
            6 | 7 => ("one.test two.test", &["one.test", "two.test"]),
            8 => ("one.test \"~^(?<c>upgrade)\\.test$\"", &["one.test", "upgrade.test"]),
            _ => ("one.test \"~^(?<group>[a-z]+)\\.test$\"", &["one.test", "upgrade.test"]),
        };
        let mut lines = vec!["listen @LISTEN@".to_owned(), format!("server_name {names}")];
        let start = lines.len();
        if self.random.chance(45) {
            lines.extend(self.steps(None, 0));
        }
        if self.random.chance(10) {
            lines.push("error_page 418 = @named".to_owned());
        }
        if self.random.chance(10) {
            lines.push("recursive_error_pages on".to_owned());
        }
        if self.random.chance(12) {
            lines.extend(self.headers());
        }
        let mut paths = Vec::new();
        let count = 1 + self.random.below(3);
        for path in &PATHS[..count] {
            lines.push(self.location(path));
            paths.extend(["", "/room", "/pub/a?a=1", "?a=1"].map(|end| format!("{path}{end}")));
        }
        if count < PATHS.len() {
            let mut body = self.headers();
            if self.random.chance(40) {
                body.extend(self.steps(Some("/t"), 1));
            }
            if self.random.chance(30) {
                body.push("internal".to_owned());
            }
            body.push(PASS.to_owned());
            lines.push(block("location /t", &body));
            paths.push("/t".to_owned());
        }
        let mut body = Vec::new();
        if self.random.chance(45) {
            body.extend(self.steps(Some("/ws"), 0));
        }
        body.extend(self.headers());
        body.extend(self.others());
        body.push(PASS.to_owned());
        lines.push(block("location @named", &body));
        // nginx rejects variables that nothing defines.
        let text = lines.join(" ");
        for (name, values) in
            [("c", ["upgrade", "close"]), ("up", ["websocket", "''"]), ("method", ["GET", "''"])]
        {
            let is_defined =
                text.contains(&format!("set ${name} ")) || text.contains(&format!("(?<{name}>"));
            if !is_defined {
                let value = self.random.pick(&values);
                lines.insert(start, format!("set ${name} {value}"));
            }
        }
        (lines, hosts.to_vec(), paths)
    }

    /// A location for a path, found by it or by a regular expression.
    fn location(&mut self, path: &str) -> Line {
        let head = match self.random.below(12) {
            0 => format!("= {path}"),
            1 => format!("{path}/"),
            2 => format!("^~ {path}"),
            3 => format!("~ ^{path}"),
            4 => format!("~ ^{path}/?(.*)$"),
            5 => format!("~ ^{path}/?(?<c>[a-z]*)"),
            _ => path.to_owned(),
        };
        let steps = if self.random.chance(80) { self.steps(Some(path), 0) } else { Vec::new() };
        let headers = if self.random.chance(85) { self.headers() } else { Vec::new() };
        let mut body = Vec::new();
        match self.random.below(20) {
            0..11 => {
                body = self.mixed(steps, headers);
                body.extend(self.others());
                body.push(self.pass(&head));
            }
            11 | 12 => {
                body.push("error_page 418 = @named".to_owned());
                body.extend(steps);
                body.push("return 418".to_owned());
            }
            13 => {
                body.push("error_page 418 = @named".to_owned());
                body.extend(steps);
                let condition = self.condition(path);
                body.push(block(&format!("if {condition}"), &["return 418".to_owned()]));
                body.extend(headers);
                body.push(PASS.to_owned());
            }
            14 | 15 => {
                body.extend(steps);
                body.push("try_files /none @named".to_owned());
                if self.random.chance(40) {
                    body.extend(headers);
                    body.push(PASS.to_owned());
                }
            }
            16 => {
                body.extend(steps);
                body.push("try_files /none /t".to_owned());
            }
            17 => {
                body.push("error_page 404 403 = @named".to_owned());
                body.extend(steps);
                body.push(self.random.word(&["return 404", "deny all", "return 403"]));
            }
            18 if path != "/t" => {
                body.push("error_page 418 = /t".to_owned());
                body.extend(steps);
                body.push("return 418".to_owned());
            }
            _ => {
                body = self.mixed(steps, headers);
                body.push(PASS.to_owned());
                if head == path {
                    let mut nested =
                        if self.random.chance(60) { self.steps(Some(path), 1) } else { Vec::new() };
                    if self.random.chance(40) {
                        nested.extend(self.headers());
                    }
                    nested.push(PASS.to_owned());
                    body.push(block(&format!("location {path}/pub"), &nested));
                }
            }
        }
        block(&format!("location {head}"), &body)
    }

    fn pass(&mut self, head: &str) -> Line {
        let with_uri = !head.starts_with('~') && self.random.chance(12);
        let uri = match self.random.below(24) {
            0 => "$uri",
            1 => "$request_uri",
            _ if with_uri => "/x/",
            _ => "",
        };
        format!("{PASS}{uri}")
    }

    /// The steps in their order, with the other lines between and after them.
    fn mixed(&mut self, steps: Vec<Line>, others: Vec<Line>) -> Vec<Line> {
        let mut lines = steps;
        for other in others {
            let at = if self.random.chance(30) {
                self.random.below(lines.len() + 1)
            } else {
                lines.len()
            };
            lines.insert(at, other);
        }
        lines
    }

    /// Directives of the rewrite module: for a server, or for the location of a path.
    fn steps(&mut self, path: Option<&str>, depth: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        for _ in 0..=self.random.below(if depth == 0 { 3 } else { 2 }) {
            match self.random.below(12) {
                0..6 => lines.push(self.set()),
                6..8 => lines.push(self.rewrite(path)),
                8 => lines.push("break".to_owned()),
                _ if depth == 0 => {
                    let condition = self.condition(path.unwrap_or("/ws"));
                    let mut inside = self.steps(path, 1);
                    if self.random.chance(8) {
                        inside.push(self.random.word(&["return 418", "return 403"]));
                    }
                    if path.is_some() && self.random.chance(20) {
                        inside.push(PASS.to_owned());
                    }
                    lines.push(block(&format!("if {condition}"), &inside));
                }
                _ => {}
            }
        }
        lines
    }

    fn set(&mut self) -> Line {
        match self.random.below(20) {
            0..11 => format!("set $c {}", self.value()),
            11..16 => format!("set $up {}", self.upgrade_value()),
            16 => format!("set {} {}", self.map_or("$c"), self.value()),
            17 => format!("set $connection_upgrade {}", self.value()),
            18 => format!("set $method {}", self.random.pick(&["GET", "POST", "\"\""])),
            _ => format!("set $args {}", self.random.pick(&["a=1", "$http_upgrade"])),
        }
    }

    fn rewrite(&mut self, path: Option<&str>) -> Line {
        let here = path.unwrap_or("/ws");
        let pattern = self.random.word(&[
            "^",
            "^/never",
            "^/(.*)$",
            &format!("^{here}(.*)$"),
            &format!("^{here}/pub"),
            &format!("^{here}/(?<group>[a-z]+)"),
        ]);
        let target =
            self.random.word(&["/t", "/t", "/t?a=1", "/x$1", "/chat", &format!("{here}$1")]);
        let flag = self.random.pick(&["", "", " break", " break", " last"]);
        format!("rewrite {pattern} {target}{flag}")
    }

    fn condition(&mut self, path: &str) -> String {
        if self.random.chance(15) {
            return format!("({})", self.map_or("$c"));
        }
        self.random.word(&[
            "($http_upgrade)",
            "($http_upgrade)",
            "($http_upgrade = websocket)",
            "($http_upgrade = \"\")",
            "($http_upgrade ~* ^(web))",
            "($uri ~ pub)",
            &format!("($uri ~ ^{path}/(.*)$)"),
            &format!("($request_uri ~ \"^{path}(.*)$\")"),
            "($arg_a)",
            "($arg_a = 1)",
            "(!-f $request_filename)",
            "(!-e /none)",
            "($request_method = GET)",
            "($request_method != GET)",
            "($c)",
            "($c = \"\")",
            "($c != upgrade)",
            "($up = \"\")",
            "($host = one.test)",
            "($http_connection ~* (upgrade))",
            "($http_connection ~* \"(?<c>upgrade)\")",
        ])
    }

    /// The lines of a handshake, one of which often has a variable.
    fn headers(&mut self) -> Vec<Line> {
        let mut upgrade = "$http_upgrade".to_owned();
        let mut connection = self.random.word(&["upgrade", "$connection_upgrade"]);
        let choice = self.random.below(10);
        if choice < 6 {
            connection = match self.random.below(12) {
                0..5 => "$c".to_owned(),
                5..9 => self.map_or("$c"),
                9 if !self.has_regexes => "$1".to_owned(),
                _ => self.random.word(&["\"keep-alive, $c\"", "$http_connection"]),
            };
        }
        if matches!(choice, 5..8) {
            upgrade = match self.random.below(10) {
                0..6 => "$up".to_owned(),
                6..9 => self.map_or("$up"),
                _ if self.has_regexes => "$http_upgrade".to_owned(),
                _ => "$1".to_owned(),
            };
        }
        let spelling = self.random.below(10);
        let spell = |name: &str| match spelling {
            0 => name.to_lowercase(),
            1 => name.to_uppercase(),
            _ => name.to_owned(),
        };
        let mut lines = Vec::new();
        match self.random.below(12) {
            0 => {}
            1 => lines.push("proxy_http_version 1.0".to_owned()),
            _ => lines.push("proxy_http_version 1.1".to_owned()),
        }
        lines.push(format!("proxy_set_header {} {upgrade}", spell("Upgrade")));
        lines.push(format!("proxy_set_header {} {connection}", spell("Connection")));
        if self.random.chance(10) {
            lines.push(self.random.word(&[
                "proxy_set_header connection $c",
                "proxy_set_header Connection \"\"",
                "proxy_set_header upgrade \"\"",
                "proxy_set_header Host $host",
                "proxy_set_header Host $host",
                "proxy_set_header Host $c",
                "proxy_set_header Host \"\"",
                "proxy_set_header Sec-WebSocket-Version $c",
                "proxy_set_header Sec-WebSocket-Key $http_sec_websocket_key",
            ]));
        }
        if self.random.chance(8) {
            let path = format!("snippets/{}.conf", self.files.len());
            self.files.push((path.clone(), in_a_file(&lines)));
            lines = vec![format!("include {path}")];
        }
        lines
    }

    /// Other settings of the proxy module.
    fn others(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        if self.random.chance(7) {
            let method =
                self.random.pick(&["\"\"", "$method", "$method", "$c", "GET", "$request_method"]);
            lines.push(format!("proxy_method {method}"));
        }
        if self.random.chance(4) {
            lines.push(self.random.word(&[
                "proxy_pass_request_headers off",
                "proxy_hide_header Upgrade",
                "proxy_hide_header Sec-WebSocket-Accept",
            ]));
        }
        if self.random.chance(4) {
            let body = self.random.word(&["allow all", "deny all", PASS]);
            lines.push(block(
                &format!("limit_except {}", self.random.pick(&["GET", "POST"])),
                &[body],
            ));
        }
        if self.has_cache && self.random.chance(80) {
            let zone = self.random.pick(&["$zone", "$zone", "pages", "off"]);
            lines.push(format!("proxy_cache {zone}"));
            if self.random.chance(40) {
                lines.push(self.random.word(&[
                    "proxy_cache_bypass $http_upgrade",
                    "proxy_cache_bypass $c",
                    "proxy_no_cache $http_upgrade",
                    "proxy_no_cache 1",
                    "proxy_cache_key $uri$http_upgrade",
                    "proxy_cache_key $uri$c",
                    "proxy_cache_valid 404 1m",
                ]));
            }
        }
        lines
    }

    /// Handshakes for every path and host.
    fn routes(&mut self, hosts: &[&str], paths: &[String]) -> Vec<Route> {
        let mut all = Vec::new();
        for path in paths {
            for host in hosts {
                let route = Route {
                    address: [127, 0, 0, 1],
                    other_port: false,
                    host: (*host).to_owned(),
                    target: path.clone(),
                    browser: *self.random.pick(&[&Browser::Chrome, &Browser::Firefox]),
                    fields: Vec::new(),
                    primed: false,
                };
                all.push(route);
            }
        }
        all
    }
}
