//! What nginx refuses because of the relation of several directives: wslint and the installed nginx
//! say the same of each of these configurations.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;
use wslint_test_support::installed::Installed;
use wslint_test_support::{Check, Folder, Nginx, Version, check_verbatim, require_nginx};

/// What a configuration needs so that an unprivileged nginx may read it anywhere.
const MAIN: &str = "pid @PREFIX@/nginx.pid; error_log stderr; events { worker_connections 64; }\n";
const HTTP: &str = "client_body_temp_path @PREFIX@/a; proxy_temp_path @PREFIX@/b; \
                    fastcgi_temp_path @PREFIX@/c; uwsgi_temp_path @PREFIX@/d; \
                    scgi_temp_path @PREFIX@/e; access_log off;\n";

fn http(text: &str) -> String {
    format!("{MAIN}http {{ {HTTP}{text}\n}}\n")
}

fn stream(text: &str) -> String {
    format!("{MAIN}stream {{\n{text}\n}}\n")
}

/// The errors that keep nginx from loading, as wslint finds them for this version.
fn wslint(text: &str, version: Version) -> Vec<String> {
    let Version(major, minor, patch) = version;
    let mut child = Command::new(env!("CARGO_BIN_EXE_wslint"))
        .args(["--format", "json", "--nginx-version", &format!("{major}.{minor}.{patch}")])
        .args(["--stdin-filename", "nginx.conf", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("wslint runs");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("wslint reads");
    let output = child.wait_with_output().expect("wslint ends");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let found = report["diagnostics"].as_array().expect("a list");
    found
        .iter()
        .filter(|it| it["effect"] == "not-loaded" && it["severity"] == "error")
        .map(|it| it["message"].as_str().expect("a message").to_owned())
        .collect()
}

/// Asks both. Where nginx refuses, wslint has one finding, which begins with nginx's words.
fn compare(texts: impl IntoIterator<Item = String>) {
    let version = Nginx::version();
    let mut differences = Vec::new();
    for text in texts {
        let module = Installed::expect().stream_module();
        let load = match module.filter(|_| text.contains("stream {")) {
            Some(module) => format!("load_module {module};\n"),
            None => String::new(),
        };
        let Check { ok, message, .. } = check_verbatim(&Folder::new(&format!("{load}{text}")));
        let found = wslint(&text, version);
        let same = match found.as_slice() {
            [] => ok,
            [one] => !ok && one.starts_with(&message),
            _ => false,
        };
        if !same {
            let text = text.replace(HTTP, "").replace(MAIN, "");
            differences.push(format!("{text}nginx: {ok} {message}\nwslint: {found:?}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

#[test]
fn locations() {
    require_nginx!();
    let texts = [
        "location /a {} location /a {}",
        "location /a {} location ^~ /a {}",
        "location /a {} location = /a {} location =/a {}",
        "location /a {} location = /a {} location ^~/a {}",
        "location /a {} location /A {} location /a/ {} location = /a {}",
        "location \"\" {} location \"\" {}",
        "location ~ a {} location ~ a {} location ~* a {}",
        "location @a {} location @a {}",
        "location /a { location /a/b {} location /a/b {} }",
        "location /a { location = /a {} location /a {} }",
        "location /a { location ~ b { location ~ c {} location ~ c {} } }",
        "location ~ ^/a { location ^/a/b {} location ^/a/b {} }",
        "location ~ ^/a { location /a/b {} }",
        "location ~ ^/a { location ~ b {} }",
        "location = /a { location /a {} }",
        "location = /a { location ~ /a {} }",
        "location @a { location /a {} }",
        "location /a { location @b {} }",
        "location /a { location /b {} }",
        "location /a/ { location /a {} }",
        "location ^~ /a { location = /ab {} }",
        "location / { location = / {} location / { location /x {} } }",
    ];
    compare(texts.map(|text| http(&format!("server {{ listen 18080; {text} }}"))));
}

#[test]
fn listens() {
    require_nginx!();
    let texts = [
        "server { listen 18080; listen *:18080; }",
        "server { listen 18080; listen 127.0.0.1:18080; }",
        "server { listen 18080-18082; listen 18081; }",
        "server { listen [::1]:18080; listen [0:0::1]:18080; }",
        "server { listen unix:/tmp/a.sock; listen unix:/tmp/a.sock; }",
        "server { listen 18080 default_server; } server { listen 0.0.0.0:18080 default_server; }",
        "server { listen 18080 default_server; } server { listen 18080; }",
        "server { listen 18080; } server { listen 18080 default; } server { listen 18080 default; }",
        "server { listen 18080 default_server; } \
         server { listen 127.0.0.1:18080 default_server; }",
        "server { listen 18080 backlog=5; } server { listen 18080 reuseport; }",
        "server { listen 18080 backlog=5; } server { listen 18080; } server { listen 18080 bind; }",
        "server { listen 18080 so_keepalive=on; } server { listen 18080 rcvbuf=8k; }",
        "server { listen [::]:18080 ipv6only=on; } server { listen [::]:18080 ipv6only=off; }",
        "server { listen 18080 proxy_protocol; } server { listen 18080; }",
        "server { listen 18080; } server { listen 18080; listen 18081 default_server; }",
        "server { } server { }",
    ];
    compare(texts.map(http));
    let texts = [
        "server { listen 18080; listen 0.0.0.0:18080; return ''; }",
        "server { listen 18080; listen 18080 udp; return ''; }",
        "server { return ''; }",
        "server { listen 18080; return ''; }",
        "server { listen 18080; proxy_timeout 1m; }",
        "server { listen 18080; listen 18081; return ''; } server { listen 18082; return ''; }",
    ];
    // Before, `stream` had other words for the same.
    if Nginx::version() >= Version(1, 25, 5) {
        compare(texts.map(stream));
    } else {
        compare(texts[1..].iter().map(|text| stream(text)));
    }
}

#[test]
fn upstreams() {
    const A: &str = "server 127.0.0.1:1";
    require_nginx!();
    let texts = [
        format!("upstream a {{ {A}; }} upstream A {{ {A}; }}"),
        format!("upstream a {{ {A}; }} upstream b {{ {A}; }}"),
        format!("upstream a {{ {A} backup; }}"),
        format!("upstream a {{ {A} backup; {A} down; }}"),
        format!("upstream a {{ ip_hash; {A}; {A} backup; }}"),
        format!("upstream a {{ {A}; {A} backup; ip_hash; }}"),
        format!("upstream a {{ hash $uri; {A} backup; {A}; }}"),
        format!("upstream a {{ random; {A}; {A} weight=2 backup; }}"),
        format!("upstream a {{ least_conn; {A}; {A} backup; }}"),
        format!("upstream a {{ ip_hash; {A}; least_conn; {A} backup; }}"),
        format!("upstream a {{ zone z; {A}; }}"),
        format!("upstream a {{ zone z 64k; {A}; }} upstream b {{ zone z; {A}; }}"),
        format!("upstream a {{ zone z 64k; {A}; }} upstream b {{ zone z 128k; {A}; }}"),
        "upstream a { server http://127.0.0.1:1; }".to_owned(),
        "upstream a { server https://127.0.0.1; }".to_owned(),
        "upstream a { server 127.0.0.1:1/x; }".to_owned(),
        "upstream a { server 127.0.0.1:1/; }".to_owned(),
        "upstream a { server /run/a.sock; }".to_owned(),
        "upstream a { server unix:/run/a.sock; }".to_owned(),
        "upstream a { server 127.0.0.1; }".to_owned(),
    ];
    let passes = [
        "proxy_pass http://A:80",
        "proxy_pass http://a",
        "proxy_pass https://a:443/x",
        "proxy_pass http://127.0.0.1:80",
        "fastcgi_pass a:9000",
        "fastcgi_pass a",
        "fastcgi_pass 127.0.0.1",
        "uwsgi_pass nobody",
        "scgi_pass 127.0.0.1:1",
        "memcached_pass nobody",
        "grpc_pass grpc://a:50051",
        "grpc_pass 127.0.0.1",
        "grpc_pass grpc://nobody",
        "grpc_pass grpcs://a:443",
    ];
    let passes = passes.map(|pass| {
        format!("upstream a {{ {A}; }} server {{ listen 18080; location / {{ {pass}; }} }}")
    });
    compare(texts.iter().chain(&passes).map(|text| http(text)));
    let texts = [
        format!("upstream a {{ {A}; }} upstream A {{ {A}; }}"),
        format!("upstream a {{ {A} backup; }}"),
        format!("upstream a {{ hash $remote_addr; {A}; {A} backup; }}"),
        "upstream a { server 127.0.0.1; }".to_owned(),
        "upstream a { server http://127.0.0.1:1; }".to_owned(),
        format!("upstream a {{ {A}; }} server {{ listen 18080; proxy_pass a; }}"),
        format!("upstream a {{ {A}; }} server {{ listen 18080; proxy_pass a:1; }}"),
        "server { listen 18080; proxy_pass 127.0.0.1; }".to_owned(),
        "server { listen 18080; proxy_pass nobody; }".to_owned(),
    ];
    compare(texts.map(|text| stream(&text)));
}

#[test]
fn variables() {
    require_nginx!();
    let texts = [
        "log_format a $nope; server { listen 18080; }",
        "log_format a '$remote_addr $1'; server { listen 18080; }",
        "log_format a escape=json '$remote_addr $time_local ${request_time}'; \
         server { listen 18080; }",
        "geo $1 $x { default 0; } server { listen 18080; }",
        "geo $nope $x { default 0; } server { listen 18080; }",
        "geo $x { default 0; } server { listen 18080; }",
        "geo $arg_x $x { default 0; } server { listen 18080; }",
        "map $1 $x { default 0; } server { listen 18080; }",
        "map $nope $x { default 0; } server { listen 18080; }",
        "map $host $x { default $nope; } server { listen 18080; }",
        "split_clients $nope $x { * a; } server { listen 18080; }",
        "split_clients ${remote_addr}x $x { * a; } server { listen 18080; }",
        "limit_conn_zone $nope zone=a:1m; server { listen 18080; }",
        "server { listen 18080; access_log @PREFIX@/$nope.log; }",
        "server { listen 18080; access_log @PREFIX@/a.log combined if=$nope; }",
        "upstream a { hash $nope; server 127.0.0.1:1; } server { listen 18080; }",
        "server { listen 18080; if ($1 = a) { return 200; } }",
        "server { listen 18080; if ($1) { return 200; } }",
        "server { listen 18080; if ( $1 = a ) { return 200; } }",
        "server { listen 18080; set $a $1; set $b ${a}; }",
        "server { listen 18080; set $a ${1}; }",
        "map $http_a $http_host { default 0; } server { listen 18080; }",
        "map $http_a $http_upgrade { default 0; } server { listen 18080; }",
        "map $http_a $arg_x { default 0; } server { listen 18080; }",
        "map $http_a $Request_Method { default 0; } server { listen 18080; }",
        "geo $server_name { default 0; } server { listen 18080; }",
        "geo $arg_a $uri { default 0; } server { listen 18080; }",
        "split_clients $arg_a $host { * a; } server { listen 18080; }",
        "server { listen 18080; set $host x; }",
        "server { listen 18080; set $args x; set $limit_rate 1; }",
        "server { listen 18080; location ~ (?<host>a) {} }",
        "server { listen 18080; location ~ (?<room>a) {} location /(?<uri>x) {} }",
        "server { listen 18080; server_name ~^(?<uri>a)$ b; }",
        "server { listen 18080; if ($arg_a ~ (?P<scheme>a)) { return 200; } }",
        "server { listen 18080; rewrite (?<request>a) /b; }",
    ];
    compare(texts.map(http));
    let texts = [
        "map $nope $x { default 0; } server { listen 18080; return $x; }",
        "map $remote_addr $x { default 0; } server { listen 18080; return $x; }",
        "server { listen 18080; return $http_upgrade; }",
        "server { listen 18080; proxy_pass $nope; }",
        "log_format a '$remote_addr $status $nope'; server { listen 18080; return ''; }",
        "log_format a '$remote_addr $status $session_time'; server { listen 18080; return ''; }",
        "map $remote_addr $status { default 0; } server { listen 18080; return ''; }",
    ];
    compare(texts.map(stream));
}

#[test]
fn log_formats() {
    const LOG: &str = "access_log @PREFIX@/a.log";
    require_nginx!();
    let texts = [
        format!("server {{ listen 18080; {LOG} main; }}"),
        format!("server {{ listen 18080; {LOG} main; }} log_format main a;"),
        format!("log_format main a; server {{ listen 18080; {LOG} MAIN; }}"),
        format!("{LOG} main; log_format main a; server {{ listen 18080; }}"),
        format!("log_format main a; {LOG} main; server {{ listen 18080; }}"),
        format!("server {{ listen 18080; {LOG} combined; location / {{ {LOG}; }} }}"),
        format!("server {{ listen 18080; location / {{ {LOG} buffer=32k; }} }}"),
        format!("server {{ listen 18080; location / {{ location /a {{ {LOG} x; }} }} }}"),
        "log_format a a; log_format a b; server { listen 18080; }".to_owned(),
        "log_format a a; log_format A b; server { listen 18080; }".to_owned(),
        "log_format combined a; server { listen 18080; }".to_owned(),
    ];
    compare(texts.map(|text| http(&text)));
    let texts = [
        format!("server {{ listen 18080; return ''; {LOG} main; }}"),
        format!("log_format main a; server {{ listen 18080; return ''; {LOG} main; }}"),
        format!("server {{ listen 18080; return ''; {LOG} main; }} log_format main a;"),
    ];
    compare(texts.map(|text| stream(&text)));
}

#[test]
fn zones() {
    const REQ: &str = "limit_req_zone $host zone=x:1m rate=1r/s;";
    const CONN: &str = "limit_conn_zone $host zone=x:1m;";
    require_nginx!();
    let server = |text: &str| format!("server {{ listen 18080; location / {{ {text} }} }}");
    let texts = [
        server("limit_req zone=x;"),
        server("limit_conn x 1;"),
        server("proxy_cache x;"),
        server("proxy_cache off; fastcgi_cache off;"),
        server("proxy_cache $host;"),
        format!("{} {CONN}", server("limit_conn x 1;")),
        format!("{REQ} {}", server("limit_conn x 1;")),
        format!("{CONN} {}", server("limit_conn X 1;")),
        format!("{CONN} {}", server("limit_conn x 1; limit_conn x 2;")),
        format!("{REQ} {}", server("limit_req zone=x; limit_req zone=x burst=5;")),
        format!("{CONN} {CONN} server {{ listen 18080; }}"),
        format!("{REQ} {REQ} server {{ listen 18080; }}"),
        format!("{REQ} {CONN} server {{ listen 18080; }}"),
        format!("{CONN} limit_conn_zone $host zone=x:2m; server {{ listen 18080; }}"),
        format!("proxy_cache_path @PREFIX@/p keys_zone=x:1m; {}", server("fastcgi_cache x;")),
        format!("proxy_cache_path @PREFIX@/p keys_zone=x:1m; {}", server("proxy_cache x;")),
        "proxy_cache_path @PREFIX@/p keys_zone=x:1m; proxy_cache_path @PREFIX@/q keys_zone=x:1m; \
         server { listen 18080; }"
            .to_owned(),
        "ssl_session_cache shared:S:1m; server { listen 18080; ssl_session_cache shared:S:2m; }"
            .to_owned(),
        "ssl_session_cache shared:S:1m; server { listen 18080; ssl_session_cache shared:S:1m; }"
            .to_owned(),
    ];
    compare(texts.map(|text| http(&text)));
}

#[test]
fn certificates() {
    require_nginx!();
    let texts = [
        "server { listen 18443 ssl; }",
        "server { listen 18443; } server { listen 18443 ssl; }",
        "server { listen 18443 ssl; ssl_reject_handshake on; }",
        "ssl_reject_handshake on; server { listen 18443 ssl; }",
        "server { listen 18443 ssl; ssl_reject_handshake on; } server { listen 18443; }",
        "server { listen 18443 ssl; } \
         server { listen 18443 ssl default_server; ssl_reject_handshake on; }",
        "server { listen 18443 ssl default_server; } \
         server { listen 18443 ssl; ssl_reject_handshake on; }",
        "server { listen 18080; ssl_certificate a.pem; }",
        "ssl_certificate a.pem; server { listen 18080; }",
        "server { listen 18080; ssl_certificate_key a.key; }",
    ];
    compare(texts.map(http));
}

#[test]
fn events_and_connections() {
    require_nginx!();
    let server = format!("http {{ {HTTP} server {{ listen 18080; }} }}\n");
    let several = format!(
        "http {{ {HTTP} server {{ listen 18080; listen 127.0.0.1:18080; listen 18081; }} }}\n"
    );
    let with = |events: &str, http: &str| MAIN.replace("worker_connections 64;", events) + http;
    compare([
        MAIN.replace("events { worker_connections 64; }", "") + &server,
        with("", &server),
        with("worker_connections 0;", &server),
        with("worker_connections 1;", &server),
        with("worker_connections 2;", &server),
        with("worker_connections 2;", &several),
        with("worker_connections 3;", &several),
        http("server { listen 18080; location / { root /a; alias /b; } }"),
        http("server { listen 18080; location / { alias /b; root /a; } }"),
        http("server { listen 18080; root /a; location / { alias /b; } }"),
    ]);
}
