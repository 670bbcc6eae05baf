//! What a cache does with handshakes.

use std::io::{BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use wslint_test_support::message::Head;

use super::{
    Browser, Folder, Handshake, Nginx, Site, TRIAD, location, on_every_nginx, start, verdict_at,
};

/// A proxied location with a cache and `directives`.
fn cached(directives: &str) -> String {
    format!(
        "proxy_cache_path /var/cache/nginx keys_zone=pages:1m;\n\
         server {{ {} }}",
        location(&format!("{TRIAD} proxy_cache pages; {directives}"))
    )
}

/// What a handshake gets after a page was asked for.
fn after_page(directives: &str) -> String {
    let site = start(cached(directives));
    assert_eq!(plain(&site), 200);
    verdict_at(&site, "/ws", Browser::Chrome)
}

fn plain(site: &Site) -> u16 {
    site.get("example.com", "/ws").expect("a response").status
}

/// What a plain request gets after a handshake without a sound key.
fn after_bad_handshake(directives: &str) -> u16 {
    let site = start(cached(directives));
    refused(&site);
    plain(&site)
}

fn refused(site: &Site) {
    let handshake = Handshake {
        key: Some("bad".to_owned()),
        ..Handshake::new("example.com", "/ws", Browser::Chrome)
    };
    assert_eq!(site.handshake(handshake).status, Some(400));
}

#[test]
fn a_stored_page_answers_handshakes() {
    on_every_nginx!(a_stored_page_answers_handshakes);
    assert_eq!(after_page("proxy_cache_valid 200 1m;"), "200");
    assert_eq!(after_page("proxy_cache_valid 200 1m; proxy_no_cache $http_upgrade;"), "200");
    let bypass = "proxy_cache_valid 200 1m; proxy_cache_bypass $http_upgrade;";
    assert_eq!(after_page(bypass), "switched");
    let key = "proxy_cache_valid 200 1m; proxy_cache_key $uri$http_upgrade;";
    assert_eq!(after_page(key), "switched");
    assert_eq!(after_page(""), "switched", "the backend does not say that it may be stored");
}

#[test]
fn lines_of_one_level_add_up_and_drop_those_of_the_level_above() {
    on_every_nginx!(lines_of_one_level_add_up_and_drop_those_of_the_level_above);
    let after = |of_server: &str, of_location: &str| {
        let config = cached(&format!("proxy_cache_valid 200 1m; {of_location}"))
            .replace("server {", &format!("server {{ {of_server}"));
        let site = start(config);
        assert_eq!(plain(&site), 200);
        verdict_at(&site, "/ws", Browser::Chrome)
    };
    let (upgrade, cookie) =
        ("proxy_cache_bypass $http_upgrade;", "proxy_cache_bypass $cookie_session;");
    assert_eq!(after(upgrade, ""), "switched");
    assert_eq!(after(upgrade, cookie), "200");
    assert_eq!(after("", &format!("{cookie} {upgrade}")), "switched");
}

#[test]
fn an_empty_zone_is_no_cache() {
    on_every_nginx!(an_empty_zone_is_no_cache);
    for zone in ["\"\"", "off"] {
        let map = format!("map $http_upgrade $zone {{ default {zone}; '' pages; }}\n");
        let directives = "proxy_cache_valid 200 1m;";
        let config = cached(directives).replace("proxy_cache pages", "proxy_cache $zone");
        let site = start(map + &config);
        assert_eq!(plain(&site), 200);
        assert_eq!(verdict_at(&site, "/ws", Browser::Chrome), "switched", "{zone}");
    }
}

#[test]
fn a_101_is_never_stored() {
    on_every_nginx!(a_101_is_never_stored);
    let site = start(cached("proxy_cache_valid any 1m;"));
    assert_eq!(verdict_at(&site, "/ws", Browser::Chrome), "switched");
    assert_eq!(verdict_at(&site, "/ws", Browser::Chrome), "switched");
    assert_eq!(plain(&site), 200);
}

#[test]
fn a_refused_handshake_is_stored_for_everybody() {
    on_every_nginx!(a_refused_handshake_is_stored_for_everybody);
    let bypass = "proxy_cache_bypass $http_upgrade;";
    for valid in ["any 1m", "400 1m", "200 400 1m"] {
        let valid = format!("proxy_cache_valid {valid};");
        assert_eq!(after_bad_handshake(&valid), 400, "{valid}");
        assert_eq!(after_bad_handshake(&format!("{valid} {bypass}")), 400, "{valid}");
        let neither = format!("{valid} {bypass} proxy_no_cache $http_upgrade;");
        assert_eq!(after_bad_handshake(&neither), 200, "{valid}");
    }
    for valid in ["1m", "200 1m", "400 0"] {
        let valid = format!("proxy_cache_valid {valid}; {bypass}");
        assert_eq!(after_bad_handshake(&valid), 200, "{valid}");
    }
}

/// With a key that tells handshakes apart, it is other handshakes that find it.
#[test]
fn a_refused_handshake_is_stored_for_handshakes() {
    on_every_nginx!(a_refused_handshake_is_stored_for_handshakes);
    let key = "proxy_cache_valid any 1m; proxy_cache_key $uri$http_upgrade;";
    let verdict = |directives: &str| {
        let site = start(cached(directives));
        refused(&site);
        assert_eq!(plain(&site), 200);
        verdict_at(&site, "/ws", Browser::Chrome)
    };
    assert_eq!(verdict(key), "400");
    assert_eq!(verdict(&format!("{key} proxy_cache_bypass $http_upgrade;")), "switched");
    assert_eq!(verdict(&format!("{key} proxy_no_cache $http_upgrade;")), "switched");
}

/// How long the slower of two handshakes takes that come at nearly the same time, when the backend
/// takes a fifth of a second for each.
fn slower_of_two(directives: &str) -> Duration {
    let nginx = Nginx::start(&Folder::new(&cached(directives)), slow_backend())
        .expect("nginx takes the configuration");
    let address = nginx.address();
    let handshake = move || {
        let began = Instant::now();
        let outcome = Handshake::new("example.com", "/ws", Browser::Chrome).send(address);
        assert_eq!(outcome.expect("a response").status, 101);
        began.elapsed()
    };
    let first = thread::spawn(handshake);
    thread::sleep(Duration::from_millis(60));
    let second = thread::spawn(handshake);
    first.join().expect("a thread").max(second.join().expect("a thread"))
}

/// Answers `101` after a while, and closes. It ends with the process.
fn slow_backend() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let head = Head::read(&mut BufReader::new(&stream));
                thread::sleep(Duration::from_millis(200));
                let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
                head.and_then(|_| (&stream).write_all(answer.as_bytes()))
            });
        }
    });
    address
}

#[test]
fn a_locked_cache_makes_handshakes_wait_half_a_second() {
    on_every_nginx!(a_locked_cache_makes_handshakes_wait_half_a_second);
    let half_a_second = Duration::from_millis(500);
    for directives in [
        "proxy_cache_lock on;",
        "proxy_cache_lock ON; proxy_cache_key $uri$http_upgrade;",
        "proxy_cache_lock on; proxy_no_cache $http_upgrade;",
    ] {
        assert!(slower_of_two(directives) >= half_a_second, "{directives}");
    }
    for directives in [
        "proxy_cache_lock off;",
        "proxy_cache_lock on; proxy_cache_bypass $http_upgrade;",
        "proxy_cache_lock on; proxy_cache_lock_timeout 0;",
    ] {
        assert!(slower_of_two(directives) < half_a_second, "{directives}");
    }
}
