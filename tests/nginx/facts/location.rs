//! Which location answers, and what stands in it.

use super::{Browser, PASS, TRIAD, on_every_nginx, on_line, rejection, start, verdict, verdict_at};

#[test]
fn an_if_inherits_headers_and_handler() {
    on_every_nginx!(an_if_inherits_headers_and_handler);
    let inside = |content: &str| {
        format!("location / {{ {PASS} {TRIAD} if ($http_upgrade) {{ {content} }} }}")
    };
    assert_eq!(verdict(inside("set $seen 1;")), "switched");
    assert_eq!(verdict(inside(PASS)), "switched");
    assert_eq!(verdict(inside("return 403;")), "403");
}

#[test]
fn an_if_takes_no_proxy_set_header() {
    on_every_nginx!(an_if_takes_no_proxy_set_header);
    assert_eq!(
        rejection("location / { if ($http_upgrade) { proxy_set_header Upgrade websocket; } }"),
        on_line(r#""proxy_set_header" directive is not allowed here"#, 1)
    );
}

#[test]
fn a_nested_location_inherits_headers_but_no_handler() {
    on_every_nginx!(a_nested_location_inherits_headers_but_no_handler);
    let nested = |content: &str| {
        start(format!("location / {{ {PASS} {TRIAD} location /ws {{ {content} }} }}"))
    };
    let site = nested("");
    assert_eq!(verdict_at(&site, "/ws", Browser::Chrome), "404");
    assert_eq!(verdict_at(&site, "/", Browser::Chrome), "switched");
    assert_eq!(verdict_at(&nested(PASS), "/ws", Browser::Chrome), "switched");
}
