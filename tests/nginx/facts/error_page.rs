//! What `error_page` makes of the answer to a handshake.

use super::{Browser, Handshake, PASS, Site, TRIAD, on_every_nginx, start, verdict_at};

/// A server whose `location /` has these directives, with a location for WebSockets that only
/// nginx itself can lead to.
fn server(directives: &str) -> Site {
    start(format!("server {{ location / {{ {directives} }} location @ws {{ {PASS} {TRIAD} }} }}"))
}

fn chrome(directives: &str) -> String {
    verdict_at(&server(directives), "/ws", Browser::Chrome)
}

#[test]
fn without_an_equals_sign_the_status_of_the_error_takes_the_place_of_the_101() {
    on_every_nginx!(without_an_equals_sign_the_status_of_the_error_takes_the_place_of_the_101);
    let seen = |directives: &str| {
        server(directives).handshake(Handshake::new("example.com", "/ws", Browser::Chrome))
    };
    for (directives, status) in [
        ("error_page 404 @ws;", 404),
        ("error_page 404 =200 @ws;", 200),
        ("error_page 418 @ws; if ($http_upgrade) { return 418; }", 418),
    ] {
        let seen = seen(directives);
        // The backend takes the handshake, and the client does not hear of it.
        assert_eq!(seen.upstream.expect("a request upstream").status, 101, "{directives}");
        assert_eq!((seen.status, seen.switched), (Some(status), false), "{directives}");
    }
    for directives in [
        "error_page 404 = @ws;",
        "error_page 404 =101 @ws;",
        "error_page 418 = @ws; if ($http_upgrade) { return 418; }",
        "try_files $uri @ws;",
    ] {
        assert_eq!(chrome(directives), "switched", "{directives}");
    }
}

#[test]
fn a_return_with_a_text_looks_for_no_error_page() {
    on_every_nginx!(a_return_with_a_text_looks_for_no_error_page);
    assert_eq!(chrome("error_page 418 = @ws; return 418 teapot;"), "418");
    assert_eq!(chrome("error_page 418 = @ws; return 418;"), "switched");
}

#[test]
fn an_error_page_for_failures_leaves_a_101_alone() {
    on_every_nginx!(an_error_page_for_failures_leaves_a_101_alone);
    let pass = format!("{PASS} {TRIAD} error_page 502 504 @ws;");
    assert_eq!(chrome(&pass), "switched");
}
