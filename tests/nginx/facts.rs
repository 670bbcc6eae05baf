//! What wslint takes for granted about nginx, shown against every nginx that is there.
//!
//! A fact that holds for some versions only states them.
//!
//! Most tests set a configuration that fails beside its twin that works. One file has one subject.

mod balancing;
mod cache;
mod capacity;
mod error_page;
mod handler;
mod handshake;
mod harness;
mod header_lines;
mod include;
mod location;
mod map;
mod routing;
mod security;
mod subrequest;
mod tls;
mod tokenizer;
mod upstream;

use wslint_test_support::{
    Browser, Check, Folder, Handshake, Nginx, Site, check, check_verbatim, on_every_nginx,
};

/// The three directives every WebSocket location needs.
const TRIAD: &str = "proxy_http_version 1.1; \
                     proxy_set_header Upgrade $http_upgrade; \
                     proxy_set_header Connection upgrade;";

const PASS: &str = "proxy_pass http://127.0.0.1:3000;";

fn start(config: impl Into<Folder>) -> Site {
    Site::start(&config.into()).unwrap_or_else(|check| panic!("{check:?}"))
}

/// What becomes of a handshake at `uri`: `switched`, the backend's reason to
/// refuse, or the status with which nginx answers by itself.
fn verdict_at(site: &Site, uri: &str, browser: Browser) -> String {
    let seen = site.handshake(Handshake::new("example.com", uri, browser));
    match (seen.switched, seen.reason, seen.status) {
        (true, ..) => "switched".to_owned(),
        (_, Some(reason), _) => reason.to_string(),
        (_, None, Some(status)) => status.to_string(),
        (_, None, None) => "closed".to_owned(),
    }
}

/// The verdict at `/ws`, which is the same for all browsers.
fn verdict(config: impl Into<Folder>) -> String {
    let site = start(config);
    let [first, second] = Browser::ALL.map(|browser| verdict_at(&site, "/ws", browser));
    assert_eq!(first, second, "the verdict depends on the browser");
    first
}

/// A location that proxies with `directives`.
fn location(directives: &str) -> String {
    format!("location / {{ {PASS} {directives} }}")
}

/// A server with the triad whose `Connection` comes from `map`.
fn with_map(map: &str) -> String {
    format!(
        "{map} server {{ location / {{ {PASS} proxy_http_version 1.1; \
         proxy_set_header Upgrade $http_upgrade; \
         proxy_set_header Connection $connection_upgrade; }} }}"
    )
}

/// The body of the response to a plain request.
fn body(config: impl Into<Folder>) -> String {
    start(config).get("example.com", "/").expect("a response").text()
}

/// The message and the line with which nginx rejects `config`.
fn rejection(config: impl Into<Folder>) -> (String, Option<u32>) {
    rejected(check(&config.into()))
}

fn rejected(check: Check) -> (String, Option<u32>) {
    assert!(!check.ok, "nginx accepts the configuration");
    (check.message, check.line)
}

fn on_line(message: &str, line: u32) -> (String, Option<u32>) {
    (message.to_owned(), Some(line))
}
