//! Which server of an `upstream` gets a request, and over which connection.

use std::cell::Cell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use wslint_test_support::{Backend, client};

use super::{Browser, Folder, Nginx, TRIAD, check, location, on_every_nginx, start, verdict};

/// An nginx in front of two backends.
struct Pair {
    nginx: Nginx,
    port: u16,
    backends: [Backend; 2],
}

impl Pair {
    /// `http` gets that content: `@A@` and `@B@` are the backends' addresses, `@LISTEN@` and
    /// `@OTHER@` free ports.
    fn start(content: &str) -> Self {
        let backends = [(), ()].map(|()| Backend::start().expect("a free port"));
        let port = Cell::new(0);
        let nginx = Nginx::start_verbatim(|[listen, other]| {
            port.set(listen);
            let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map(|module| format!("{module}_temp_path @PREFIX@/temp;\n"))
                .concat();
            let content = content
                .replace("@A@", &backends[0].address().to_string())
                .replace("@B@", &backends[1].address().to_string())
                .replace("@LISTEN@", &listen.to_string())
                .replace("@OTHER@", &other.to_string());
            Folder::new(&format!("events {{}}\nhttp {{\naccess_log off;\n{paths}{content}}}\n"))
        })
        .unwrap_or_else(|check| panic!("{check:?}"));
        Self { nginx, port: port.get(), backends }
    }

    /// A server that proxies everything to an upstream with that content.
    fn behind(upstream: &str) -> Self {
        Self::start(&format!(
            "upstream app {{ {upstream} }}\n\
             server {{ listen 127.0.0.1:@LISTEN@; location / {{ proxy_pass http://app; {TRIAD} }} }}\n"
        ))
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    fn get(&self, uri: &str) -> u16 {
        client::get(self.address(), "example.com", uri, &[]).expect("a response").status
    }

    fn handshake(&self, uri: &str) -> u16 {
        let handshake = client::Handshake::new("example.com", uri, Browser::Chrome);
        handshake.send(self.address()).expect("a response").status
    }

    /// How many requests each backend has got.
    fn shares(&self) -> [usize; 2] {
        self.backends.each_ref().map(|backend| backend.since(0).len())
    }
}

/// How many of a client's requests come to each server: it polls as Socket.IO does, a new `t` each
/// time, and then opens a WebSocket.
fn session(upstream: &str) -> [usize; 2] {
    let pair = Pair::behind(upstream);
    assert_eq!(pair.get("/socket.io/?EIO=4&transport=polling&t=a0"), 200);
    for number in 1..11 {
        let uri = format!("/socket.io/?EIO=4&transport=polling&t=a{number}&sid=s");
        assert_eq!(pair.get(&uri), 200);
    }
    assert_eq!(pair.handshake("/socket.io/?EIO=4&transport=websocket&sid=s"), 101);
    pair.shares()
}

fn is_with_one_server(shares: [usize; 2]) -> bool {
    shares.contains(&0)
}

#[test]
fn without_a_method_each_request_comes_to_the_next_server() {
    on_every_nginx!(without_a_method_each_request_comes_to_the_next_server);
    assert_eq!(session("server @A@; server @B@;"), [6, 6]);
    assert_eq!(session("least_conn; server @A@; server @B@;"), [6, 6]);
}

#[test]
fn some_methods_keep_a_client_at_its_server() {
    on_every_nginx!(some_methods_keep_a_client_at_its_server);
    for method in ["ip_hash;", "hash $remote_addr consistent;", "hash $uri;"] {
        let shares = session(&format!("{method} server @A@; server @B@;"));
        assert!(is_with_one_server(shares), "{method} {shares:?}");
    }
}

/// Behind another proxy all have its address, unless nginx is told where theirs is.
#[test]
fn ip_hash_goes_by_the_first_three_numbers_of_the_address() {
    on_every_nginx!(ip_hash_goes_by_the_first_three_numbers_of_the_address);
    let upstream = "upstream app { ip_hash; server @A@; server @B@; }";
    let server = |directives: &str| {
        Pair::start(&format!(
            "{upstream}\nserver {{ listen 127.0.0.1:@LISTEN@; {directives} \
             location / {{ proxy_pass http://app; }} }}\n"
        ))
    };
    let shares = |pair: &Pair, addresses: &dyn Fn(u8) -> String| {
        for number in 0..40 {
            let address = addresses(number);
            let fields = [("X-Forwarded-For", address.as_str())];
            client::get(pair.address(), "example.com", "/", &fields).expect("a response");
        }
        pair.shares()
    };
    let told = "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;";
    let probe = format!("server {{ {told} location / {{ return 204; }} }}");
    // Not every build has the module.
    if check(&Folder::new(&probe)).message.contains("unknown directive") {
        return;
    }
    let (far, near) = (|it: u8| format!("10.{it}.7.1"), |it: u8| format!("10.7.7.{it}"));
    assert!(is_with_one_server(shares(&server(""), &far)));
    assert!(!is_with_one_server(shares(&server(told), &far)));
    assert!(is_with_one_server(shares(&server(told), &near)));
}

#[test]
fn backups_are_refused_only_behind_a_method_that_has_no_use_for_them() {
    on_every_nginx!(backups_are_refused_only_behind_a_method_that_has_no_use_for_them);
    let message = |content: &str| {
        let server = location("").replace("127.0.0.1:3000", "app");
        check(&Folder::new(&format!("upstream app {{ {content} }} server {{ {server} }}"))).message
    };
    let servers = "server 127.0.0.1:3000; server 127.0.0.1:3001 backup;";
    for method in ["ip_hash;", "hash $uri;", "random;"] {
        assert_eq!(
            message(&format!("{method} {servers}")),
            "balancing method does not support parameter \"backup\"",
            "{method}"
        );
        assert_eq!(message(&format!("{servers} {method}")), "", "{method}");
    }
    assert_eq!(message(&format!("least_conn; {servers}")), "");
}

#[test]
fn a_hash_of_what_changes_keeps_no_client() {
    on_every_nginx!(a_hash_of_what_changes_keeps_no_client);
    for key in ["$request_uri", "$args", "$arg_t", "$remote_addr$request_uri", "$request_id"] {
        let shares = session(&format!("hash {key}; server @A@; server @B@;"));
        assert!(!is_with_one_server(shares), "{key} {shares:?}");
    }
}

#[test]
fn servers_that_are_down_or_backups_get_nothing() {
    on_every_nginx!(servers_that_are_down_or_backups_get_nothing);
    assert_eq!(session("server @A@; server @B@ down;"), [12, 0]);
    assert_eq!(session("server @A@; server @B@ backup;"), [12, 0]);
}

#[test]
fn nobody_answers_for_an_upstream_whose_servers_are_all_down() {
    on_every_nginx!(nobody_answers_for_an_upstream_whose_servers_are_all_down);
    let upstream = |server: &str| {
        format!(
            "upstream app {{ server 127.0.0.1:3000 down; {server} }}\n\
             server {{ location / {{ proxy_pass http://app; {TRIAD} }} }}"
        )
    };
    assert_eq!(verdict(upstream("server 127.0.0.1:3001 down;")), "502");
    assert_eq!(verdict(upstream("server 127.0.0.1:3001 backup;")), "switched");
}

#[test]
fn an_open_websocket_takes_one_of_max_conns() {
    on_every_nginx!(an_open_websocket_takes_one_of_max_conns);
    let pair = Pair::behind("server @A@ max_conns=1;");
    let open = TcpStream::connect(pair.address()).expect("nginx listens");
    open.set_read_timeout(Some(Duration::from_secs(2))).expect("a timeout");
    (&open)
        .write_all(
            b"GET / HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\n\
              Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
              Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .expect("a request");
    let mut status = String::new();
    BufReader::new(&open).read_line(&mut status).expect("an answer");
    assert!(status.starts_with("HTTP/1.1 101"), "{status}");
    assert_eq!(pair.handshake("/"), 502);
    assert!(pair.nginx.error_log().contains("no live upstreams"));
}

#[test]
fn a_server_has_port_80_whatever_the_scheme() {
    on_every_nginx!(a_server_has_port_80_whatever_the_scheme);
    let content = |url: &str| {
        format!(
            "upstream app {{ server 127.0.0.1; }}\n\
             server {{ listen 127.0.0.1:@LISTEN@; proxy_connect_timeout 1s;\n\
             location / {{ proxy_pass {url}; }} }}\n"
        )
    };
    for (url, reached) in [
        ("https://app", "upstream: \"https://127.0.0.1:80/"),
        ("https://127.0.0.1", "upstream: \"https://127.0.0.1:443/"),
    ] {
        let pair = Pair::start(&content(url));
        assert_eq!(pair.get("/"), 502, "{url}");
        assert!(pair.nginx.error_log().contains(reached), "{url}");
    }
}

#[test]
fn the_scheme_must_fit_the_port() {
    on_every_nginx!(the_scheme_must_fit_the_port);
    let content = |parameter: &str, scheme: &str| {
        format!(
            "server {{ listen 127.0.0.1:@LISTEN@;\n\
             location / {{ proxy_pass {scheme}://127.0.0.1:@OTHER@; }} }}\n\
             server {{ listen 127.0.0.1:@OTHER@{parameter}; return 200 ok; }}\n"
        )
    };
    // No certificate is at hand, and none is needed to see what plain HTTP gets.
    let tls = content(" ssl", "http").replace("return", "ssl_reject_handshake on; return");
    if !check(&Folder::new("server { ssl_reject_handshake on; }")).ok {
        return;
    }
    assert_eq!(Pair::start(&tls).get("/"), 400);
    assert_eq!(Pair::start(&content("", "https")).get("/"), 502);
    assert_eq!(Pair::start(&content("", "http")).get("/"), 200);
}

/// How many connections six plain requests take.
fn connections(upstream: &str, directives: &str) -> usize {
    let site = start(format!(
        "upstream app {{ {upstream} }}\n\
         server {{ location / {{ proxy_pass http://app; proxy_http_version 1.1; \
         proxy_set_header Upgrade $http_upgrade; {directives} }} }}"
    ));
    for _ in 0..6 {
        assert_eq!(site.get("example.com", "/").expect("a response").status, 200);
    }
    site.backend.connections()
}

#[test]
fn close_defeats_keepalive() {
    on_every_nginx!(close_defeats_keepalive);
    let with = |value: &str| {
        connections(
            "server 127.0.0.1:3000; keepalive 8;",
            &format!("proxy_set_header Connection {value};"),
        )
    };
    assert_eq!(with("close"), 6);
    assert_eq!(with("\"upgrade, close\""), 6);
    assert_eq!(with("\"\""), 1);
    assert_eq!(with("upgrade"), 1);
    let set = |value: &str| {
        connections(
            "server 127.0.0.1:3000; keepalive 8;",
            &format!(
                "set $hop {value}; if ($http_upgrade) {{ set $hop upgrade; }} \
                 proxy_set_header Connection $hop;"
            ),
        )
    };
    assert_eq!(set("close"), 6);
    assert_eq!(set("\"\""), 1);
}

#[test]
fn a_method_behind_another_one_or_keepalive_takes_its_place() {
    on_every_nginx!(a_method_behind_another_one_or_keepalive_takes_its_place);
    let warnings = |upstream: &str| {
        let server = location(TRIAD).replace("127.0.0.1:3000", "app");
        check(&Folder::new(&format!("upstream app {{\n{upstream}\n}}\nserver {{ {server} }}")))
            .warnings
    };
    let redefined = |upstream: &str| {
        warnings(upstream).iter().any(|warning| warning.contains("load balancing method redefined"))
    };
    let servers = "server 127.0.0.1:3000; server 127.0.0.1:3001;";
    for methods in ["least_conn; ip_hash;", "ip_hash; ip_hash;", "hash $uri; random;"] {
        assert!(redefined(&format!("{methods} {servers}")), "{methods}");
    }
    assert!(!redefined(&format!("least_conn; {servers}")));
    assert!(!redefined(&format!("least_conn; keepalive 8; {servers}")));

    let empty = "proxy_set_header Connection \"\";";
    assert_eq!(connections("least_conn; keepalive 8; server 127.0.0.1:3000;", empty), 1);
    // From 1.29.7 on the order does not matter.
    if Nginx::version() < wslint_test_support::Version(1, 29, 7) {
        assert!(redefined(&format!("keepalive 8; least_conn; {servers}")));
        assert_eq!(connections("keepalive 8; least_conn; server 127.0.0.1:3000;", empty), 6);
    }
}

#[test]
fn the_last_of_two_methods_counts() {
    on_every_nginx!(the_last_of_two_methods_counts);
    assert_eq!(session("ip_hash; least_conn; server @A@; server @B@;"), [6, 6]);
    assert!(is_with_one_server(session("least_conn; ip_hash; server @A@; server @B@;")));
}

#[test]
fn localhost_is_a_server_for_each_of_its_addresses() {
    on_every_nginx!(localhost_is_a_server_for_each_of_its_addresses);
    let addresses = std::net::ToSocketAddrs::to_socket_addrs(&("localhost", 80));
    let several = addresses.is_ok_and(|mut found| {
        let addresses: Vec<SocketAddr> = found.by_ref().collect();
        addresses.iter().any(SocketAddr::is_ipv6) && addresses.iter().any(SocketAddr::is_ipv4)
    });
    let pair = Pair::start(
        "server { listen 127.0.0.1:@OTHER@; return 200 ok; }\n\
         server { listen 127.0.0.1:@LISTEN@; location / { proxy_pass http://localhost:@OTHER@; } }\n",
    );
    for _ in 0..4 {
        assert_eq!(pair.get("/"), 200);
    }
    // Not every machine has an IPv6 address for it.
    if several {
        assert!(pair.nginx.error_log().contains("upstream: \"http://[::1]:"));
    }
}
