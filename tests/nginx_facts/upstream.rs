//! What an `upstream` block takes.

use super::{PASS, TRIAD, location, on_line, rejection, require_nginx, verdict};

#[test]
fn an_address_needs_the_server_directive() {
    require_nginx!();
    let upstream = |content: &str| {
        format!(
            "upstream app {{\n{content}\n}}\n\
             server {{ location / {{ proxy_pass http://app; {TRIAD} }} }}"
        )
    };
    assert_eq!(
        rejection(upstream("127.0.0.1:3000;")),
        on_line(r#"unknown directive "127.0.0.1:3000""#, 2)
    );
    assert_eq!(rejection(upstream("")), on_line("no servers are inside upstream", 3));
    assert_eq!(verdict(upstream("server 127.0.0.1:3000;")), "switched");
}

#[test]
fn ports_are_numbers_from_1_to_65535() {
    require_nginx!();
    for address in ["127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:port", "127.0.0.1:"] {
        let message = format!("invalid port in upstream \"{address}\"");
        assert_eq!(
            rejection(format!("upstream app {{ server {address}; }}")),
            on_line(&message, 1)
        );
        assert_eq!(
            rejection(format!("location / {{ proxy_pass http://{address}; }}")),
            on_line(&message, 1)
        );
    }
    assert_eq!(verdict(location(TRIAD)), "switched");
}

#[test]
fn websocket_schemes_are_not_for_proxy_pass() {
    require_nginx!();
    for scheme in ["ws://", "wss://", ""] {
        assert_eq!(
            rejection(location("").replace("http://", scheme)),
            on_line("invalid URL prefix", 1),
            "{PASS} with {scheme:?}"
        );
    }
}
