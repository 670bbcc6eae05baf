//! What becomes of lines about headers that are not quite what was meant.

use wslint_test_support::RecordedRequest;

use super::{Browser, Handshake, TRIAD, location, on_every_nginx, start, verdict, verdict_at};

fn upstream_request(directives: &str) -> RecordedRequest {
    let handshake = Handshake::new("example.com", "/ws", Browser::Chrome);
    start(location(directives)).handshake(handshake).upstream.expect("a request upstream")
}

/// The `Connection` that the backend gets for a handshake, when the line has this value.
fn connection(value: &str) -> Option<String> {
    upstream_request(&TRIAD.replace("n upgrade", &format!("n {value}"))).header("Connection")
}

#[test]
fn add_header_says_nothing_to_the_backend_and_a_101_only_gets_what_is_for_always() {
    on_every_nginx!(add_header_says_nothing_to_the_backend_and_a_101_only_gets_what_is_for_always);
    let added = "add_header Upgrade $http_upgrade; add_header Connection upgrade;";
    let request = upstream_request(&format!("proxy_http_version 1.1; {added}"));
    assert_eq!(request.header("Upgrade"), None);
    let seen = |parameter: &str| {
        let site = start(location(&format!("{TRIAD} add_header X-Added yes{parameter};")));
        let seen = site.handshake(Handshake::new("example.com", "/ws", Browser::Chrome));
        assert!(seen.switched);
        seen.outcome.expect("a response").head.joined("X-Added")
    };
    assert_eq!(seen(""), None);
    assert_eq!(seen(" always").as_deref(), Some("yes"));
}

#[test]
fn a_colon_is_a_part_of_the_name() {
    on_every_nginx!(a_colon_is_a_part_of_the_name);
    let request = upstream_request("proxy_http_version 1.1; proxy_set_header Upgrade: websocket;");
    // `Upgrade:: websocket`
    assert_eq!(request.header("Upgrade").as_deref(), Some(": websocket"));
}

#[test]
fn what_is_no_syntax_is_sent_along() {
    on_every_nginx!(what_is_no_syntax_is_sent_along);
    let sent = |value: &str| connection(value).unwrap_or_default();
    assert_eq!(sent("\\$http_upgrade"), "\\websocket");
    assert_eq!(sent("\u{201c}upgrade\u{201d}"), "\u{201c}upgrade\u{201d}");
    assert_eq!(sent("upgrade#note"), "upgrade#note");
    assert_eq!(connection("$http_conection"), None);
    assert_eq!(sent("$http_Connection"), "Upgrade");
}

#[test]
fn a_swallowed_line_is_an_argument() {
    on_every_nginx!(a_swallowed_line_is_an_argument);
    let swallowed =
        TRIAD.replace("proxy_set_header C", "proxy_cache_bypass $http_upgrade proxy_set_header C");
    assert_eq!(verdict(location(&swallowed)), "connection");
}

#[test]
fn the_method_may_be_another_one() {
    on_every_nginx!(the_method_may_be_another_one);
    assert_eq!(verdict(location(&format!("{TRIAD} proxy_method POST;"))), "method");
    assert_eq!(verdict(location(&format!("{TRIAD} proxy_method $request_method;"))), "switched");
}

#[test]
fn a_header_of_the_101_can_be_hidden_and_a_line_drops_the_inherited_ones_of_its_kind() {
    on_every_nginx!(
        a_header_of_the_101_can_be_hidden_and_a_line_drops_the_inherited_ones_of_its_kind
    );
    let verdict = |of_server: &str, of_location: &str| {
        let location = location(&format!("{TRIAD} {of_location}"));
        let site = start(format!("server {{ {of_server} {location} }}"));
        let seen = site.handshake(Handshake::new("example.com", "/ws", Browser::Chrome));
        assert_eq!(seen.status, Some(101));
        seen.switched
    };
    assert!(!verdict("proxy_hide_header Upgrade;", ""));
    assert!(!verdict("", "proxy_hide_header upgrade;"));
    assert!(!verdict("", "proxy_hide_header Sec-WebSocket-Accept;"));
    assert!(verdict("", "proxy_hide_header Connection;"));
    assert!(verdict("proxy_hide_header Upgrade;", "proxy_hide_header X-Powered-By;"));
    assert!(verdict("proxy_hide_header Upgrade;", "proxy_pass_header Upgrade;"));
    // The two lists are inherited each by itself.
    assert!(!verdict("proxy_hide_header Upgrade;", "proxy_pass_header X-Accel-Expires;"));
}

#[test]
fn fields_of_the_handshake_can_be_replaced() {
    on_every_nginx!(fields_of_the_handshake_can_be_replaced);
    let site = |line: &str| start(location(&format!("{TRIAD} proxy_set_header {line};")));
    let key = site("Sec-WebSocket-Key dGhlIHNhbXBsZSBub25jZQ==");
    let seen = key.handshake(Handshake::new("example.com", "/ws", Browser::Chrome));
    // The backend answers for that key, and the client sent another.
    assert_eq!((seen.status, seen.switched), (Some(101), false));
    let chrome = |line: &str| verdict_at(&site(line), "/ws", Browser::Chrome);
    assert_eq!(chrome("Sec-WebSocket-Version 8"), "ws-version");
    assert_eq!(chrome("Sec-WebSocket-Key \"\""), "key");
    assert_eq!(chrome("Sec-WebSocket-Key $http_sec_websocket_key"), "switched");
    assert_eq!(chrome("Sec-WebSocket-Extensions \"\""), "switched");
}
