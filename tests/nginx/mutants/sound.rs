//! Configurations that nginx loads, as varied as those of real servers.

mod lines;

use lines::WORDS;
use wslint_test_support::Folder;
use wslint_test_support::installed::Installed;
use wslint_test_support::random::Random;

/// A whole configuration: `nginx.conf` and the few files that it includes.
pub(crate) fn configuration(random: &mut Random) -> Folder {
    let mut writer = Writer { random, text: String::new(), depth: 0 };
    writer.main();
    let text = writer.text;
    Folder::new(&text)
        .with("extra.map", "e.example.test e;\nf.example.test f;\n")
        .with("fastcgi_extra", "fastcgi_param X_HOST $host;\nfastcgi_param X_URI $uri;\n")
        .with("conf.d/one.conf", "location /included/ {\n    return 204;\n}\n")
}

struct Writer<'r> {
    random: &'r mut Random,
    text: String,
    depth: usize,
}

impl Writer<'_> {
    /// Writes a line with its placeholders filled.
    fn line(&mut self, template: &str) {
        let Some(line) = available(template) else { return };
        let mut line = line.to_owned();
        for (placeholder, words) in WORDS {
            while line.contains(placeholder) {
                line = line.replacen(placeholder, self.random.pick(words), 1);
            }
        }
        // Some people write a directive a line, some do not.
        let is_flat = !line.contains(['{', '"', '\'', '\\']);
        if is_flat && self.random.chance(50) {
            line = line.replace("; ", ";\n");
        }
        for part in line.split('\n') {
            self.text.push_str(&"    ".repeat(self.depth));
            self.text.push_str(part);
            if self.random.chance(3) {
                self.text.push_str(" # a comment; with { signs }");
            }
            self.text.push('\n');
        }
    }

    /// Up to `most` of each list, none of which gives twice what may be given once.
    fn lines(&mut self, lists: &[(usize, &[&str])]) {
        let mut chosen = Vec::new();
        for (most, templates) in lists {
            let count = self.random.below(most + 1);
            chosen.extend(self.random.some_of(templates, count));
        }
        for template in without_doubles(&chosen) {
            self.line(template);
        }
    }

    fn block(&mut self, head: &str, body: impl FnOnce(&mut Self)) {
        self.line(&format!("{head} {{"));
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.line("}");
    }

    fn main(&mut self) {
        let stream = self.random.chance(30).then(stream_header).flatten();
        if let Some(header) = &stream {
            self.line(header);
        }
        // `aio threads=io` needs it.
        self.line("@threads thread_pool io threads=8 max_queue=1000;");
        self.lines(&[(4, lines::MAIN)]);
        self.block("events", |writer| writer.lines(&[(3, lines::EVENTS)]));
        self.block("http", Self::http);
        if stream.is_some() {
            self.block("stream", Self::stream);
        }
    }

    fn http(&mut self) {
        // The places that nginx was built with may not be ours to write to.
        self.line("access_log @PREFIX@/default.log;");
        for module in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            self.line(&format!("{module}_temp_path @PREFIX@/{module}_temp;"));
        }
        self.line("log_format main '$remote_addr - $remote_user [$time_local] \"$request\" '");
        self.line("                '$status $body_bytes_sent \"$http_referer\"';");
        self.line("limit_req_zone $binary_remote_addr zone=requests:1m rate=10r/s;");
        self.line("limit_conn_zone $binary_remote_addr zone=connections:1m;");
        self.line("proxy_cache_path @PREFIX@/cache keys_zone=content:1m;");
        self.line("geo $is_inside { default 0; 10.0.0.0/8 1; }");
        self.line("split_clients \"${remote_addr}x\" $variant { 50% a; * b; }");
        // After the first `map` it is too late for these.
        self.lines(&[(2, &["map_hash_max_size 4096;", "map_hash_bucket_size 128;"])]);
        self.block("map $http_upgrade $connection_upgrade", |writer| {
            writer.line("default upgrade;");
            writer.line("''      close;");
        });
        self.block("upstream app", |writer| {
            writer.lines(&[(2, &["least_conn;", "zone app 64k;"])]);
            writer.line("server 127.0.0.1:9000 weight=2 max_fails=3 fail_timeout=10s;");
            writer.lines(&[(1, &["server <peer>;"]), (1, &["server 127.0.0.1:9009 backup;"])]);
            writer.lines(&[(1, &["keepalive <count>;"])]);
        });
        self.lines(&[(5, lines::HTTP), (7, lines::COMMON)]);
        for number in 0..=self.random.below(3) {
            self.block("server", |writer| writer.server(number));
        }
    }

    fn server(&mut self, number: usize) {
        let port = 20080 + number;
        let listens: [&[&str]; 3] = [
            &["listen <port>;", "listen <port> default_server;", "listen 127.0.0.1:<port>;"],
            &["listen unix:@PREFIX@/<port>.sock;", "listen 127.0.0.1:<port> backlog=511;"],
            &["listen *:<port> reuseport;", "listen <port> so_keepalive=on deferred;"],
        ];
        let listen = self.random.pick(listens[0]).replace("<port>", &port.to_string());
        self.line(&listen);
        if self.random.chance(30) {
            let more = listens[1 + self.random.below(2)];
            let listen = self.random.pick(more);
            let listen = listen.replace("<port>", &(port + 100).to_string());
            self.line(&listen);
        }
        let names = [
            "server_name _;",
            "server_name example.test *.example.test www.example.*;",
            "server_name ~^www\\d+\\.example\\.test$ .example.org;",
            "server_name \"~^(?<part>.+)\\.example\\.test$\" \"\";",
            "server_name $hostname localhost;",
        ];
        let name = self.random.pick(&names);
        self.line(name);
        self.lines(&[(4, lines::SERVER), (5, lines::COMMON)]);
        let heads = [
            "location / ",
            "location = /health",
            "location ^~ /static/",
            "location ~ \\.php$",
            "location ~* ^/img/(.*)\\.(png|jpg)$",
            "location /chat/",
            "location ~ \"^/v[0-9]{1,2}/(?<rest>.*)$\"",
            "location =/exact",
            "location /ws",
            "location /files\\ here/",
        ];
        let count = 1 + self.random.below(4);
        for head in self.random.some_of(&heads, count) {
            self.block(head, Self::location);
        }
        if self.random.chance(25) {
            self.block("location /outer/", |writer| {
                writer.lines(&[(3, lines::COMMON)]);
                writer.block("location /outer/inner/", Self::location);
                writer.block("location ~ ^/outer/(.+)\\.txt$", Self::location);
            });
        }
        if self.random.chance(30) {
            self.block("location /alias/", |writer| {
                writer.line("alias /srv/alias/;");
                writer.lines(&[(3, lines::COMMON)]);
            });
        }
        if self.random.chance(20) {
            self.line("include conf.d/*.conf;");
        }
        self.block("location @fallback", |writer| {
            writer.line("proxy_pass http://app;");
            writer.lines(&[(3, lines::COMMON)]);
        });
    }

    fn location(&mut self) {
        let answer = [self.random.pick(lines::ANSWERS)];
        let lists: [(usize, &[&str]); 3] = [(1, &answer), (2, lines::LOCATION), (4, lines::COMMON)];
        self.lines(&lists);
    }

    fn stream(&mut self) {
        self.block("upstream stream_app", |writer| {
            writer.lines(&[(
                1,
                &["least_conn;", "hash $remote_addr consistent;", "zone stream_app 64k;"],
            )]);
            writer.line("server 127.0.0.1:9100 max_conns=5;");
            writer.line("server unix:/tmp/stream.sock max_fails=2 fail_timeout=1m30s;");
        });
        self.lines(&[(4, lines::STREAM)]);
        for number in 0..=self.random.below(2) {
            self.block("server", |writer| {
                let listens = [
                    "listen <port>;",
                    "listen 127.0.0.1:<port> udp;",
                    "listen <port> so_keepalive=30m::10;",
                ];
                let listen = writer.random.pick(&listens);
                writer.line(&listen.replace("<port>", &(20380 + number).to_string()));
                writer.lines(&[(4, lines::STREAM_SERVER)]);
                let answers = [
                    "proxy_pass stream_app;",
                    "proxy_pass 127.0.0.1:9100;",
                    "return \"$time_iso8601\\n\";",
                ];
                let answer = writer.random.pick(&answers);
                writer.line(answer);
            });
        }
    }
}

/// The line without its condition, when nginx was built with what it needs.
fn available(template: &str) -> Option<&str> {
    let Some(rest) = template.strip_prefix('@').filter(|_| !template.starts_with("@PREFIX@"))
    else {
        return Some(template);
    };
    let (part, line) = rest.split_once(' ')?;
    let needed = format!("--with-{part}");
    let arguments = &Installed::expect().configure_arguments;
    arguments.split_whitespace().any(|argument| argument == needed).then_some(line)
}

/// Leaves out lines with a directive that an earlier one has: most may be given once a block.
fn without_doubles<'l>(chosen: &[&'l str]) -> Vec<&'l str> {
    let mut seen = std::collections::BTreeSet::new();
    let names = |line: &'l str| {
        let line = line
            .strip_prefix('@')
            .and_then(|rest| rest.split_once(' '))
            .map_or(line, |(_, line)| line);
        line.split("; ").filter_map(|part| part.split_whitespace().next()).collect::<Vec<_>>()
    };
    let mut kept = Vec::new();
    for line in chosen {
        let names = names(line);
        let repeats = [
            "if",
            "map",
            "geo",
            "upstream",
            "log_format",
            "rewrite",
            "set",
            "split_clients",
            "limit_req_zone",
            "limit_conn_zone",
        ];
        let is_new = names.iter().all(|name| repeats.contains(name) || !seen.contains(name));
        if is_new {
            seen.extend(names);
            kept.push(*line);
        }
    }
    kept
}

/// What loads the stream module where it is not built in; `None` where there is none.
fn stream_header() -> Option<String> {
    let installed = Installed::expect();
    match installed.stream_module() {
        Some(file) => Some(format!("load_module {file};")),
        None => installed
            .configure_arguments
            .split_whitespace()
            .any(|argument| argument == "--with-stream")
            .then(|| "# The stream module is built in.".to_owned()),
    }
}
