//! What nginx says to a backend when it begins TLS with it.

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

use super::{Folder, Nginx, check_verbatim, on_every_nginx};

/// What a backend reads first from an nginx with these upstreams and directives; `@BACKEND@`
/// stands for the backend's port.
fn client_hello(upstreams: &str, directives: &str) -> Vec<u8> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let backend = listener.local_addr().expect("an address").port().to_string();
    let port = Cell::new(0);
    let nginx = Nginx::start_verbatim(|[first, _]| {
        port.set(first);
        let text = format!(
            "events {{}} http {{ access_log off; {upstreams} server {{ listen 127.0.0.1:{first}; \
             location / {{ {directives} }} }} }}"
        );
        Folder::new(&text.replace("@BACKEND@", &backend))
    });
    let _nginx = nginx.unwrap_or_else(|check| panic!("{check:?}"));
    let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, port.get())).expect("a connection");
    write!(client, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n").expect("nginx reads");
    let (mut stream, _) = listener.accept().expect("nginx connects");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    let mut hello = vec![0; 4096];
    let length = stream.read(&mut hello).expect("nginx begins TLS");
    hello.truncate(length);
    // A handshake record of TLS.
    assert_eq!(hello.first(), Some(&0x16));
    hello
}

fn names(hello: &[u8], name: &str) -> bool {
    hello.windows(name.len()).any(|window| window == name.as_bytes())
}

const TO_NAME: &str = "proxy_pass https://localhost:@BACKEND@;";

#[test]
fn no_name_is_sent_by_default() {
    on_every_nginx!(no_name_is_sent_by_default);
    assert!(!names(&client_hello("", TO_NAME), "localhost"));
    let on = format!("{TO_NAME} proxy_ssl_server_name on;");
    assert!(names(&client_hello("", &on), "localhost"));
}

#[test]
fn an_upstream_is_called_by_its_name_unless_another_is_set() {
    on_every_nginx!(an_upstream_is_called_by_its_name_unless_another_is_set);
    let group = "upstream chat_group { server localhost:@BACKEND@; }";
    let on = "proxy_pass https://chat_group; proxy_ssl_server_name on;";
    let hello = client_hello(group, on);
    assert!(names(&hello, "chat_group") && !names(&hello, "localhost"));
    let named = format!("{on} proxy_ssl_name chat.example.com;");
    let hello = client_hello(group, &named);
    assert!(names(&hello, "chat.example.com") && !names(&hello, "chat_group"));
    let off = on.replace("name on", "name off");
    assert!(!names(&client_hello(group, &off), "chat_group"));
}

#[test]
fn an_address_is_no_name() {
    on_every_nginx!(an_address_is_no_name);
    let on = "proxy_pass https://127.0.0.1:@BACKEND@; proxy_ssl_server_name on;";
    assert!(!names(&client_hello("", on), "127.0.0.1"));
}

#[test]
fn certificates_are_not_looked_at_without_those_who_sign() {
    on_every_nginx!(certificates_are_not_looked_at_without_those_who_sign);
    let config = |directives: &str| {
        let text = format!(
            "events {{}} http {{ server {{ listen 127.0.0.1:8; \
             location / {{ proxy_pass https://127.0.0.1:9; {directives} }} }} }}"
        );
        check_verbatim(&Folder::new(&text)).message
    };
    let refusal = "no proxy_ssl_trusted_certificate for proxy_ssl_verify";
    assert_eq!(config("proxy_ssl_verify on;"), refusal);
    assert_ne!(config(""), refusal);
}
