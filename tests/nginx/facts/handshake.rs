//! What of a handshake reaches the backend.

use wslint_test_support::{RecordedRequest, Version};

use super::{
    Browser, Handshake, Nginx, PASS, TRIAD, location, on_every_nginx, start, verdict, verdict_at,
};

/// The request nginx sends upstream for a handshake.
fn upstream_request(config: &str) -> RecordedRequest {
    let handshake = Handshake::new("example.com", "/ws", Browser::Chrome);
    start(config).handshake(handshake).upstream.expect("a request upstream")
}

#[test]
fn default_version_and_connection_depend_on_the_release() {
    on_every_nginx!(default_version_and_connection_depend_on_the_release);
    let request = upstream_request(&location(""));
    let expected = if Nginx::version() < Version(1, 29, 7) {
        ("HTTP/1.0", Some("close".to_owned()))
    } else {
        ("HTTP/1.1", None)
    };
    assert_eq!((request.version(), request.header("Connection")), expected);
}

#[test]
fn upgrade_is_not_forwarded_by_default() {
    on_every_nginx!(upgrade_is_not_forwarded_by_default);
    let request = upstream_request(&location(""));
    assert_eq!(request.header("Upgrade"), None);
    assert!(request.header("Sec-WebSocket-Key").is_some());
}

#[test]
fn without_the_version_the_triad_is_refused_before_1_29_7() {
    on_every_nginx!(without_the_version_the_triad_is_refused_before_1_29_7);
    let headers = TRIAD.replace("proxy_http_version 1.1;", "");
    let expected = if Nginx::version() < Version(1, 29, 7) { "version" } else { "switched" };
    assert_eq!(verdict(location(&headers)), expected);
}

#[test]
fn upgrade_alone_is_refused_for_connection() {
    on_every_nginx!(upgrade_alone_is_refused_for_connection);
    let upgrade = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;";
    assert_eq!(verdict(location(upgrade)), "connection");
    assert_eq!(verdict(location(TRIAD)), "switched");
}

#[test]
fn connection_alone_is_refused_for_upgrade() {
    on_every_nginx!(connection_alone_is_refused_for_upgrade);
    let connection = "proxy_http_version 1.1; proxy_set_header Connection upgrade;";
    assert_eq!(verdict(location(connection)), "upgrade");
    assert_eq!(verdict(location(TRIAD)), "switched");
}

#[test]
fn the_case_of_the_connection_token_does_not_matter() {
    on_every_nginx!(the_case_of_the_connection_token_does_not_matter);
    let capital = TRIAD.replace("n upgrade", "n Upgrade");
    assert_eq!(verdict(location(&capital)), "switched");
}

#[test]
fn connection_without_the_token_is_refused() {
    on_every_nginx!(connection_without_the_token_is_refused);
    for value in ["keep-alive", "\"\"", "close"] {
        let directives = TRIAD.replace("n upgrade", &format!("n {value}"));
        assert_eq!(verdict(location(&directives)), "connection", "{value}");
    }
}

#[test]
fn connection_may_be_passed_on_from_the_client() {
    on_every_nginx!(connection_may_be_passed_on_from_the_client);
    let directives = TRIAD.replace("n upgrade", "n $http_connection");
    assert_eq!(verdict(location(&directives)), "switched");
}

#[test]
fn a_header_set_to_nothing_is_not_sent() {
    on_every_nginx!(a_header_set_to_nothing_is_not_sent);
    let empty = "proxy_http_version 1.1; proxy_set_header Connection \"\"; \
                 proxy_set_header Origin $http_absent;";
    let request = upstream_request(&location(empty));
    assert_eq!(request.header("Connection"), None);
    assert_eq!(request.header("Origin"), None);
    let request = upstream_request(&location("proxy_set_header Connection keep-alive;"));
    assert_eq!(request.header("Connection").as_deref(), Some("keep-alive"));
    assert!(request.header("Origin").is_some());
}

#[test]
fn a_header_set_twice_is_sent_twice() {
    on_every_nginx!(a_header_set_twice_is_sent_twice);
    let twice = format!("{TRIAD} proxy_set_header Upgrade websocket;");
    let request = upstream_request(&location(&twice));
    assert_eq!(request.header("Upgrade").as_deref(), Some("websocket, websocket"));
}

#[test]
fn client_headers_can_be_kept_from_the_backend() {
    on_every_nginx!(client_headers_can_be_kept_from_the_backend);
    let dropped = format!("{TRIAD} proxy_pass_request_headers off;");
    assert_eq!(verdict(location(&dropped)), "ws-version");
    let passed = format!("{TRIAD} proxy_pass_request_headers on;");
    assert_eq!(verdict(location(&passed)), "switched");
}

#[test]
fn one_proxy_set_header_drops_all_inherited_ones_but_no_other_directive() {
    on_every_nginx!(one_proxy_set_header_drops_all_inherited_ones_but_no_other_directive);
    let own = format!("server {{ {TRIAD} location / {{ {PASS} proxy_set_header Host $host; }} }}");
    let request = upstream_request(&own);
    assert_eq!(request.version(), "HTTP/1.1");
    assert_eq!(request.header("Host").as_deref(), Some("example.com"));
    assert_eq!(verdict(own), "upgrade");
    let inherited = format!("server {{ {TRIAD} location / {{ {PASS} }} }}");
    assert_eq!(verdict(inherited), "switched");
}

#[test]
fn a_cached_response_answers_the_handshake() {
    on_every_nginx!(a_cached_response_answers_the_handshake);
    let cached = |directives: &str| {
        let site = start(format!(
            "proxy_cache_path cache keys_zone=pages:1m; server {{ location / {{ {PASS} {TRIAD} \
             proxy_cache pages; proxy_cache_valid 200 1m; {directives} }} }}"
        ));
        let plain = site.get("example.com", "/ws").expect("a response");
        assert_eq!(plain.status, 200);
        verdict_at(&site, "/ws", Browser::Chrome)
    };
    assert_eq!(cached(""), "200");
    assert_eq!(cached("proxy_cache_bypass $http_upgrade;"), "switched");
}

/// What the backend reads of a plain request: `Upgrade`, `Connection`, and why it is no handshake.
fn plain(directives: &str) -> (Option<String>, Option<String>, Option<String>) {
    let site = start(location(directives));
    let marker = site.backend.marker();
    site.get("example.com", "/").expect("a response");
    let request = site.backend.since(marker).pop().expect("a request upstream");
    let refusal = request.refusal.as_ref().map(ToString::to_string);
    (request.header("Upgrade"), request.header("Connection"), refusal)
}

#[test]
fn plain_requests_get_what_is_written_into_the_headers() {
    on_every_nginx!(plain_requests_get_what_is_written_into_the_headers);
    let text = |text: &str| Some(text.to_owned());
    let (upgrade, connection, _) = plain(TRIAD);
    assert_eq!((upgrade, connection), (None, text("upgrade")));
    let (upgrade, connection, refusal) = plain(&TRIAD.replace("$http_upgrade", "websocket"));
    assert_eq!((upgrade, connection), (text("websocket"), text("upgrade")));
    // It is taken for a handshake, and lacks the rest of one.
    assert_eq!(refusal.as_deref(), Some("ws-version"));
}

#[test]
fn close_ends_kept_connections_and_upgrade_does_not() {
    on_every_nginx!(close_ends_kept_connections_and_upgrade_does_not);
    let connections = |value: &str| {
        let site = start(format!(
            "upstream app {{ server 127.0.0.1:3000; keepalive 8; }} \
             server {{ location / {{ proxy_pass http://app; proxy_http_version 1.1; \
             proxy_set_header Connection \"{value}\"; }} }}"
        ));
        let before = site.backend.connections();
        for _ in 0..4 {
            site.get("example.com", "/").expect("a response");
        }
        site.backend.connections() - before
    };
    assert_eq!(connections("close"), 4);
    assert_eq!(connections(""), 1);
    assert_eq!(connections("upgrade"), 1);
}
