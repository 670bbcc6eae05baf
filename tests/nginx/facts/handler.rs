//! What handlers other than `proxy_pass` say of a handshake to their backends.

use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use super::{Browser, Folder, Handshake, Nginx, on_every_nginx};

/// What a backend reads first of a handshake that a location with `directives` hands on.
fn first_bytes(directives: &str) -> Vec<u8> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let backend = listener.local_addr().expect("an address");
    let config = format!("server {{ location / {{ {directives} }} }}");
    let nginx = Nginx::start(&Folder::new(&config), backend).expect("nginx takes it");
    let address = nginx.address();
    let client = std::thread::spawn(move || {
        Handshake::new("example.com", "/ws", Browser::Chrome).send(address).ok()
    });
    let (mut stream, _) = listener.accept().expect("nginx connects");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    let mut bytes = vec![0; 4096];
    let length = stream.read(&mut bytes).expect("a request");
    bytes.truncate(length);
    drop(stream);
    client.join().expect("a thread");
    bytes
}

fn says(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn uwsgi_and_scgi_get_the_fields_of_a_handshake_by_themselves() {
    on_every_nginx!(uwsgi_and_scgi_get_the_fields_of_a_handshake_by_themselves);
    for directives in ["uwsgi_pass 127.0.0.1:3000;", "scgi_pass 127.0.0.1:3000;"] {
        let request = first_bytes(directives);
        for name in ["HTTP_UPGRADE", "HTTP_CONNECTION", "HTTP_SEC_WEBSOCKET_KEY", "websocket"] {
            assert!(says(&request, name), "{directives} {name}");
        }
    }
}

#[test]
fn grpc_gets_no_upgrade() {
    on_every_nginx!(grpc_gets_no_upgrade);
    let request = first_bytes("grpc_pass grpc://127.0.0.1:3000;");
    assert!(request.starts_with(b"PRI * HTTP/2.0"));
    assert!(!says(&request, "websocket"));
}
