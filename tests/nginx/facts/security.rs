//! What nginx hands on of what clients say, and what a tunnel is good for.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use wslint_test_support::message::Head;
use wslint_test_support::{RecordedRequest, Version};

use super::{
    Browser, Folder, Handshake, Nginx, PASS, TRIAD, location, on_every_nginx, start, verdict,
    verdict_at,
};

/// A backend that takes an upgrade to h2c, and answers lines in the tunnel in the place of HTTP/2:
/// what nginx does not read need not be right.
fn h2c_backend() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(&stream));
        }
    });
    address
}

fn serve(stream: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let Some(head) = Head::read(&mut reader)? else { return Ok(()) };
    if !head.has_token("Upgrade", "h2c") {
        let asked = head.joined("Upgrade").unwrap_or_else(|| "nothing".to_owned());
        return write!(
            writer,
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{asked}",
            asked.len()
        );
    }
    write!(
        writer,
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    )?;
    let mut line = String::new();
    reader.read_line(&mut line)?;
    write!(writer, "here is {line}")
}

/// The status of a request for h2c, and what the backend answers in the tunnel to a line about
/// `/admin`; without a tunnel what stands there instead.
fn ask_for_h2c(config: &str) -> (String, String) {
    ask_for("h2c", config)
}

/// As [`ask_for_h2c`], with that `Upgrade`.
fn ask_for(upgrade: &str, config: &str) -> (String, String) {
    let nginx = Nginx::start(&Folder::new(config), h2c_backend()).expect("nginx takes it");
    let mut stream = TcpStream::connect(nginx.address()).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    write!(
        stream,
        "GET /ws HTTP/1.1\r\nHost: example.com\r\nUpgrade: {upgrade}\r\n\
         Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"
    )
    .expect("nginx reads");
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let head = Head::read(&mut reader).expect("a response").expect("a response");
    let status = head.start_line.split(' ').nth(1).unwrap_or_default().to_owned();
    if status != "101" {
        let body = head.read_body(&mut reader, true).unwrap_or_default();
        return (status, String::from_utf8_lossy(&body).into_owned());
    }
    writeln!(stream, "/admin").expect("nginx reads");
    let mut line = String::new();
    reader.read_line(&mut line).expect("an answer");
    (status, line.trim_end().to_owned())
}

fn is(answer: (&str, &str)) -> (String, String) {
    (answer.0.to_owned(), answer.1.to_owned())
}

/// The request nginx sends upstream for a handshake with that `Host`.
fn upstream_request(config: &str, host: &str) -> RecordedRequest {
    let handshake = Handshake::new(host, "/ws", Browser::Chrome);
    start(config).handshake(handshake).upstream.expect("a request upstream")
}

const ONLY_WEBSOCKET: &str = "map $http_upgrade $upgrade_websocket { default ''; \
                              websocket websocket; }";

#[test]
fn an_upgrade_to_h2c_is_tunnelled_past_what_guards_other_paths() {
    on_every_nginx!(an_upgrade_to_h2c_is_tunnelled_past_what_guards_other_paths);
    let guarded = format!(
        "server {{ location /ws {{ {PASS} {TRIAD} }} location /admin {{ {PASS} deny all; }} }}"
    );
    assert_eq!(start(guarded.as_str()).get("example.com", "/admin").unwrap().status, 403);
    assert_eq!(ask_for_h2c(&guarded), is(("101", "here is /admin")));
}

#[test]
fn all_that_goes_through_a_tunnel_counts_as_one_request() {
    on_every_nginx!(all_that_goes_through_a_tunnel_counts_as_one_request);
    let config = format!(
        "limit_req_zone $binary_remote_addr zone=each:1m rate=1r/m;\n\
         server {{ limit_req zone=each; location / {{ {PASS} {TRIAD} }} }}"
    );
    let site = start(config.as_str());
    site.get("example.com", "/admin").unwrap();
    assert_eq!(site.get("example.com", "/admin").unwrap().status, 503);
    assert_eq!(ask_for_h2c(&config), is(("101", "here is /admin")));
}

#[test]
fn the_connection_header_does_not_keep_an_upgrade_from_the_backend() {
    on_every_nginx!(the_connection_header_does_not_keep_an_upgrade_from_the_backend);
    for connection in ["''", "close", "$http_connection"] {
        let directives = TRIAD.replace("n upgrade", &format!("n {connection}"));
        assert_eq!(ask_for_h2c(&location(&directives)).0, "101", "{connection}");
    }
}

#[test]
fn a_map_lets_websockets_alone_pass() {
    on_every_nginx!(a_map_lets_websockets_alone_pass);
    let only = TRIAD.replace("$http_upgrade", "$upgrade_websocket");
    let config = format!("{ONLY_WEBSOCKET} server {{ location / {{ {PASS} {only} }} }}");
    assert_eq!(ask_for_h2c(&config), is(("200", "nothing")));
    assert_eq!(verdict(config), "switched");
    // Keys of a map are compared without regard to case.
    let site = start(format!("{ONLY_WEBSOCKET} server {{ return 200 [$upgrade_websocket]; }}"));
    let get = |value| {
        let headers = [("Upgrade", value)];
        wslint_test_support::client::get(site.nginx.address(), "example.com", "/", &headers)
    };
    assert_eq!(get("WebSocket").unwrap().text(), "[websocket]");
    assert_eq!(get("h2c").unwrap().text(), "[]");
}

#[test]
fn a_constant_or_an_if_keeps_h2c_out() {
    on_every_nginx!(a_constant_or_an_if_keeps_h2c_out);
    let constant = TRIAD.replace("$http_upgrade", "websocket");
    assert_eq!(ask_for_h2c(&location(&constant)), is(("200", "websocket")));
    let guard = format!("{TRIAD} if ($http_upgrade !~* ^websocket$) {{ return 426; }}");
    assert_eq!(ask_for_h2c(&location(&guard)).0, "426");
    assert_eq!(verdict(location(&guard)), "switched");
}

#[test]
fn a_pattern_that_asks_for_websocket_anywhere_passes_a_list() {
    on_every_nginx!(a_pattern_that_asks_for_websocket_anywhere_passes_a_list);
    let in_map = |value: &str| {
        format!(
            "map $http_upgrade $protocol {{ ~*websocket {value}; }} \
             server {{ location / {{ {PASS} {} }} }}",
            TRIAD.replace("$http_upgrade", "$protocol")
        )
    };
    let tunnel = is(("101", "here is /admin"));
    assert_eq!(ask_for_h2c(&in_map("$http_upgrade")), is(("200", "nothing")));
    assert_eq!(ask_for("websocket, h2c", &in_map("$http_upgrade")), tunnel);
    assert_eq!(ask_for("websocket, h2c", &in_map("websocket")), is(("200", "websocket")));
    let guarded =
        |test: &str| location(&format!("{TRIAD} if ($http_upgrade {test}) {{ return 426; }}"));
    assert_eq!(ask_for("websocket, h2c", &guarded("!~* websocket")), tunnel);
    assert_eq!(ask_for("websocket, h2c", &guarded("!~* ^websocket$")).0, "426");
}

#[test]
fn an_if_with_a_proxy_pass_of_its_own_takes_the_request() {
    on_every_nginx!(an_if_with_a_proxy_pass_of_its_own_takes_the_request);
    let config = format!(
        "server {{ location / {{ root html; {TRIAD} \
         if ($http_upgrade = websocket) {{ {PASS} }} }} }}"
    );
    assert_eq!(ask_for_h2c(&config).0, "404");
    assert_eq!(verdict(config), "switched");
}

#[test]
fn the_origin_of_the_client_reaches_the_backend_unless_a_line_replaces_it() {
    on_every_nginx!(the_origin_of_the_client_reaches_the_backend_unless_a_line_replaces_it);
    let origin = |line: &str| {
        upstream_request(&location(&format!("{TRIAD} {line}")), "example.com").header("Origin")
    };
    assert_eq!(origin("").as_deref(), Some("http://example.com"));
    assert_eq!(origin("proxy_set_header Origin $http_origin;"), origin(""));
    assert_eq!(origin("proxy_set_header Origin '';"), None);
    assert_eq!(
        origin("proxy_set_header Origin https://trusted.example;").as_deref(),
        Some("https://trusted.example")
    );
}

#[test]
fn host_is_what_stands_in_proxy_pass_unless_a_line_sets_it() {
    on_every_nginx!(host_is_what_stands_in_proxy_pass_unless_a_line_sets_it);
    let host = |config: &str| upstream_request(config, "example.com:8080").header("Host");
    let group = |line: &str| {
        format!(
            "upstream my_app {{ server 127.0.0.1:3000; }} \
             server {{ location / {{ proxy_pass http://my_app; {TRIAD} {line} }} }}"
        )
    };
    assert_eq!(host(&group("")).as_deref(), Some("my_app"));
    assert_eq!(host(&group("proxy_set_header Host $proxy_host;")).as_deref(), Some("my_app"));
    assert_eq!(host(&group("proxy_set_header Host $host;")).as_deref(), Some("example.com"));
    assert_eq!(
        host(&group("proxy_set_header Host $http_host;")).as_deref(),
        Some("example.com:8080")
    );
    let address = host(&location(TRIAD)).expect("a Host");
    assert!(address.starts_with("127.0.0.1:"), "{address}");
}

#[test]
fn two_host_lines_are_both_sent_before_1_31_4() {
    on_every_nginx!(two_host_lines_are_both_sent_before_1_31_4);
    let twice =
        format!("{TRIAD} proxy_set_header Host $http_host; proxy_set_header host $host:81;");
    let request = upstream_request(&location(&twice), "example.com");
    let (sent, expected) = if Nginx::version() < Version(1, 31, 4) {
        ("example.com, example.com:81", "host")
    } else {
        ("example.com:81", "switched")
    };
    assert_eq!(request.header("Host").as_deref(), Some(sent));
    assert_eq!(verdict(location(&twice)), expected);
    let one_empty = twice.replace("$http_host", "''");
    assert_eq!(verdict(location(&one_empty)), "switched");
}

#[test]
fn the_connection_of_the_client_reaches_the_backend_when_it_is_passed_on() {
    on_every_nginx!(the_connection_of_the_client_reaches_the_backend_when_it_is_passed_on);
    let directives = "proxy_http_version 1.1; proxy_set_header Connection $http_connection;";
    let site = start(location(directives));
    let marker = site.backend.marker();
    let mut stream = TcpStream::connect(site.nginx.address()).expect("a connection");
    write!(
        stream,
        "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close, X-Forwarded-For\r\n\r\n"
    )
    .expect("nginx reads");
    Head::read(&mut BufReader::new(&stream)).expect("a response");
    let request = site.backend.since(marker).pop().expect("a request upstream");
    assert_eq!(request.header("Connection").as_deref(), Some("close, X-Forwarded-For"));
}

#[test]
fn the_scheme_is_not_told_by_itself() {
    on_every_nginx!(the_scheme_is_not_told_by_itself);
    let forwarded = format!("{TRIAD} proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;");
    let request = upstream_request(&location(&forwarded), "example.com");
    assert_eq!(request.header("X-Forwarded-For").as_deref(), Some("127.0.0.1"));
    assert_eq!(request.header("X-Forwarded-Proto"), None);
}

#[test]
fn a_policy_of_the_server_is_not_added_where_the_location_adds_another_header() {
    on_every_nginx!(a_policy_of_the_server_is_not_added_where_the_location_adds_another_header);
    let policy = |directives: &str| {
        let site = start(format!(
            "server {{ add_header Content-Security-Policy \"default-src https:\"; \
             location / {{ {PASS} {directives} }} }}"
        ));
        let response = site.get("example.com", "/").expect("a response");
        response.head.joined("Content-Security-Policy")
    };
    assert_eq!(policy("").as_deref(), Some("default-src https:"));
    assert_eq!(policy("add_header X-Frame-Options DENY;"), None);
}

#[test]
fn a_location_of_its_own_keeps_a_path_from_the_backend_around_it() {
    on_every_nginx!(a_location_of_its_own_keeps_a_path_from_the_backend_around_it);
    let config =
        format!("server {{ location / {{ {PASS} {TRIAD} }} location /admin {{ deny all; }} }}");
    let site = start(config.as_str());
    assert_eq!(site.get("example.com", "/admin/users").unwrap().status, 403);
    assert_eq!(verdict_at(&site, "/ws", Browser::Chrome), "switched");
    assert_eq!(ask_for_h2c(&config).1, "here is /admin");
}
