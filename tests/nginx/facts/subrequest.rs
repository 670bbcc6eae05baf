//! Requests that nginx makes for another one: for `auth_request` and `mirror`.

use wslint_test_support::check;

use super::{Browser, Handshake, PASS, Site, TRIAD, on_every_nginx, start, verdict_at};

/// A server whose locations proxy, one of them for sub-requests.
fn site(of_server: &str, of_location: &str, of_subrequest: &str) -> Option<Site> {
    let text = format!(
        "server {{ {of_server} location / {{ {of_location} {PASS} }} \
         location = /sub {{ internal; {of_subrequest} }} }}"
    );
    // Not every build has `auth_request`.
    let check = check(&text.as_str().into());
    if check.message.contains("unknown directive \"auth_request\"") {
        return None;
    }
    Some(start(text))
}

/// What becomes of a handshake that needs the permission of a sub-request.
fn asked(of_server: &str, of_location: &str, of_subrequest: &str) -> Option<String> {
    let of_location = format!("auth_request /sub; {of_location}");
    let site = site(of_server, &of_location, of_subrequest)?;
    Some(verdict_at(&site, "/ws", Browser::Chrome))
}

/// What becomes of one that is mirrored.
fn mirrored(of_server: &str, of_location: &str, of_subrequest: &str) -> String {
    let of_location = format!("mirror /sub; {of_location}");
    let site = site(of_server, &of_location, of_subrequest).expect("a part of every nginx");
    // Whether the 101, and even a message, comes through before the end is a matter of time.
    let is_closed = (0..5).any(|_| {
        let seen = site.handshake(Handshake::new("example.com", "/ws", Browser::Chrome));
        !seen.switched && matches!(seen.status, None | Some(101))
    });
    if is_closed { "closed".to_owned() } else { verdict_at(&site, "/ws", Browser::Chrome) }
}

const CLEARED: &str = "proxy_set_header Upgrade \"\"; proxy_set_header Connection \"\";";

#[test]
fn an_upgrade_in_the_sub_request_of_auth_request_closes_the_connection() {
    on_every_nginx!(an_upgrade_in_the_sub_request_of_auth_request_closes_the_connection);
    let Some(inherited) = asked(TRIAD, "", PASS) else { return };
    assert_eq!(inherited, "closed");
    let verdict = |server: &str, location: &str, sub: &str| asked(server, location, sub).unwrap();
    assert_eq!(verdict("", TRIAD, &format!("{TRIAD} {PASS}")), "closed");
    assert_eq!(verdict(TRIAD, "", &format!("{CLEARED} {PASS}")), "switched");
    // Any line of its own drops those of the server.
    assert_eq!(verdict(TRIAD, "", &format!("proxy_set_header X-A 1; {PASS}")), "switched");
    assert_eq!(verdict("", TRIAD, PASS), "switched");
}

#[test]
fn half_a_handshake_is_refused_by_the_backend_of_auth_request() {
    on_every_nginx!(half_a_handshake_is_refused_by_the_backend_of_auth_request);
    let half = format!("proxy_set_header Upgrade $http_upgrade; {PASS}");
    let of_location = format!("auth_request /sub; {TRIAD}");
    let Some(site) = site("", &of_location, &half) else { return };
    let seen = site.handshake(Handshake::new("example.com", "/ws", Browser::Chrome));
    assert_eq!(seen.status, Some(500));
}

#[test]
fn the_status_of_the_sub_request_decides() {
    on_every_nginx!(the_status_of_the_sub_request_decides);
    for (status, expected) in [
        ("200", "switched"),
        ("204", "switched"),
        ("401", "401"),
        ("403", "403"),
        ("404", "500"),
        ("302", "500"),
        ("444", "closed"),
    ] {
        let Some(verdict) = asked("", TRIAD, &format!("return {status};")) else { return };
        assert_eq!(verdict, expected, "{status}");
    }
}

#[test]
fn an_upgrade_of_a_mirrored_handshake_closes_the_connection() {
    on_every_nginx!(an_upgrade_of_a_mirrored_handshake_closes_the_connection);
    assert_eq!(mirrored(TRIAD, "", PASS), "closed");
    assert_eq!(mirrored("", TRIAD, &format!("{TRIAD} {PASS}")), "closed");
    assert_eq!(mirrored(TRIAD, "", &format!("{CLEARED} {PASS}")), "switched");
    assert_eq!(mirrored("", TRIAD, PASS), "switched");
}

#[test]
fn what_else_becomes_of_a_mirrored_handshake_does_not_matter() {
    on_every_nginx!(what_else_becomes_of_a_mirrored_handshake_does_not_matter);
    let half = format!("proxy_set_header Upgrade $http_upgrade; {PASS}");
    assert_eq!(mirrored("", TRIAD, &half), "switched");
    assert_eq!(mirrored("", TRIAD, "return 403;"), "switched");
    assert_eq!(mirrored("", TRIAD, "return 444;"), "closed");
}
