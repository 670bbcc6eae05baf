//! Timeouts and limits: what closes a WebSocket, or keeps one out.

use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use wslint_test_support::installed::Installed;
use wslint_test_support::message::Head;
use wslint_test_support::websocket::{self, Frame, PONG, TEXT};
use wslint_test_support::{Backend, Folder, Site};

use super::{
    Browser, TRIAD, check, location, on_every_nginx, on_line, rejection, start, verdict, verdict_at,
};

/// A WebSocket that stays open.
struct Socket(BufReader<TcpStream>);

impl Socket {
    /// Opens one; the status where there is none.
    fn open(address: SocketAddr) -> Result<Self, u16> {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
        stream.set_nodelay(true).expect("a socket");
        let key = websocket::key([7; 16]);
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("a request");
        let mut reader = BufReader::new(stream);
        let head = Head::read(&mut reader).ok().flatten().ok_or(0_u16)?;
        match head.start_line.get(9..12).and_then(|status| status.parse().ok()) {
            Some(101) => Ok(Self(reader)),
            status => Err(status.unwrap_or(0)),
        }
    }

    fn send(&mut self, opcode: u8) -> io::Result<()> {
        let frame = Frame { last: true, opcode, masked: true, payload: b"x".to_vec() };
        frame.write(self.0.get_mut(), Some([1, 2, 3, 4]))
    }

    /// Whether a message comes back.
    fn echoes(&mut self) -> bool {
        self.send(TEXT).is_ok() && Frame::read(&mut self.0).is_ok_and(|frame| frame.payload == b"x")
    }

    /// How long it takes until the other side closes.
    fn closed_after(mut self) -> Duration {
        let began = Instant::now();
        let _ = self.0.read(&mut [0; 1]);
        began.elapsed()
    }
}

fn open(site: &Site) -> Result<Socket, u16> {
    Socket::open(site.nginx.address())
}

fn opened(directives: &str) -> (Site, Socket) {
    let site = start(location(&format!("{TRIAD} {directives}")));
    let socket = open(&site).expect("a WebSocket");
    (site, socket)
}

fn seconds(seconds: f32) -> Duration {
    Duration::from_secs_f32(seconds)
}

#[test]
fn the_read_timeout_closes_idle_sockets() {
    on_every_nginx!(the_read_timeout_closes_idle_sockets);
    let (_site, socket) = opened("proxy_read_timeout 1s;");
    let closed = socket.closed_after();
    assert!((seconds(0.8)..seconds(2.5)).contains(&closed), "{closed:?}");
}

/// The backend says nothing to a pong: the client alone keeps the connection open.
#[test]
fn what_the_client_sends_counts_too() {
    on_every_nginx!(what_the_client_sends_counts_too);
    let (_site, mut socket) = opened("proxy_read_timeout 1s;");
    for _ in 0..5 {
        thread::sleep(seconds(0.4));
        socket.send(PONG).expect("an open connection");
    }
    assert!(socket.echoes());
}

#[test]
fn other_timeouts_close_no_idle_socket() {
    on_every_nginx!(other_timeouts_close_no_idle_socket);
    let sockets = [
        "proxy_send_timeout 1s;",
        "send_timeout 1s;",
        "proxy_connect_timeout 1s;",
        "keepalive_timeout 0;",
        "keepalive_timeout 1s;",
        "client_body_timeout 1s;",
        "lingering_timeout 1s;",
        "proxy_send_timeout 0;",
        "send_timeout 0;",
    ]
    .map(|directives| (directives, opened(directives)));
    thread::sleep(seconds(1.4));
    for (directives, (_site, mut socket)) in sockets {
        assert!(socket.echoes(), "{directives}");
    }
}

#[test]
fn a_read_timeout_of_zero_leaves_no_time_to_answer() {
    on_every_nginx!(a_read_timeout_of_zero_leaves_no_time_to_answer);
    for zero in ["0", "0s", "0ms"] {
        let directives = format!("{TRIAD} proxy_read_timeout {zero};");
        assert_eq!(verdict_at(&start(location(&directives)), "/ws", Browser::Chrome), "504");
        assert_eq!(start(location(&directives)).get("example.com", "/").unwrap().status, 504);
    }
    assert_eq!(verdict(location(&format!("{TRIAD} proxy_read_timeout 1h;"))), "switched");
}

#[test]
fn timeouts_are_read_strictly() {
    on_every_nginx!(timeouts_are_read_strictly);
    let names = ["proxy_read_timeout", "proxy_send_timeout", "send_timeout", "keepalive_timeout"];
    for name in names {
        let message = format!("\"{name}\" directive invalid value");
        for value in
            ["1hr", "60sec", "60S", "off", "-1", "1M", "1y", "$time", "1.5h", "\"1 h\"", "“1h”"]
        {
            assert_eq!(
                rejection(location(&format!("{name} {value};"))),
                on_line(&message, 1),
                "{value}"
            );
        }
        for value in ["1h", "60s", "60", "30d", "365d", "90m", "1h30m", "60000", "500ms", "1w"] {
            assert!(check(&location(&format!("{name} {value};")).into()).ok, "{name} {value}");
        }
    }
    assert_eq!(
        rejection(location("proxy_read_timeout 1 h;")),
        on_line(r#"invalid number of arguments in "proxy_read_timeout" directive"#, 1)
    );
    // What goes into a header is counted in seconds.
    let keepalive = |second: &str| location(&format!("keepalive_timeout 60s {second};"));
    assert!(check(&keepalive("1y").into()).ok);
    assert!(!check(&keepalive("500ms").into()).ok);
}

#[test]
fn a_stream_closes_idle_sockets() {
    on_every_nginx!(a_stream_closes_idle_sockets);
    let config = |timeout: &str| {
        format!(
            "events {{}} stream {{ server {{ listen 5000; {timeout} proxy_pass 127.0.0.1:3000; }} }}"
        )
    };
    // Not every build has the module, nor has to.
    if check(&Folder::new(&config(""))).message.contains("unknown directive") {
        return;
    }
    let site = start(config("proxy_timeout 1s;"));
    let closed = open(&site).expect("a WebSocket").closed_after();
    assert!((seconds(0.8)..seconds(2.5)).contains(&closed), "{closed:?}");

    let mut socket = open(&site).expect("a WebSocket");
    for _ in 0..5 {
        thread::sleep(seconds(0.4));
        socket.send(PONG).expect("an open connection");
    }
    assert!(socket.echoes());

    let site = start(config(""));
    let mut socket = open(&site).expect("a WebSocket");
    thread::sleep(seconds(1.4));
    assert!(socket.echoes());

    // Zero is no time at all here, too.
    assert_eq!(open(&start(config("proxy_timeout 0;"))).err(), Some(0));
}

/// Whatever sizes hold around it, for buffers that WebSockets do not use.
#[test]
fn a_location_may_have_a_smaller_buffer() {
    on_every_nginx!(a_location_may_have_a_smaller_buffer);
    let around = "proxy_buffer_size 256k; proxy_buffers 4 256k; proxy_busy_buffers_size 256k;";
    for beside in ["", "proxy_buffers 8 128k;", "proxy_busy_buffers_size 512k;"] {
        let config = location(&format!("{TRIAD} proxy_buffer_size 8k; {beside}"));
        assert_eq!(verdict(format!("{around} {config}")), "switched", "{beside}");
    }
}

#[test]
fn every_socket_takes_two_connections() {
    on_every_nginx!(every_socket_takes_two_connections);
    let site = start(format!(
        "events {{ worker_connections 16; }} http {{ server {{ {} }} }}",
        location(TRIAD)
    ));
    let open: Vec<Result<Socket, u16>> = (0..9).map(|_| open(&site)).collect();
    let (good, refused): (Vec<_>, Vec<_>) = open.into_iter().partition(Result::is_ok);
    assert!((6..8).contains(&good.len()), "{}", good.len());
    assert!(refused.iter().all(|one| matches!(one, Err(500 | 0))));
    assert!(refused.iter().any(|one| matches!(one, Err(500))));
    assert!(site.nginx.error_log().contains("worker_connections are not enough"));
}

#[test]
fn an_open_socket_counts_in_limit_conn() {
    on_every_nginx!(an_open_socket_counts_in_limit_conn);
    let config = |limit: &str| {
        format!(
            "limit_conn_zone $binary_remote_addr zone=clients:1m;\n\
             server {{ {} }}",
            location(&format!("{TRIAD} {limit}"))
        )
    };
    let site = start(config("limit_conn clients 1;"));
    let first = open(&site).expect("a WebSocket");
    assert_eq!(open(&site).err(), Some(503));
    drop(first);
    thread::sleep(seconds(0.2));
    assert!(open(&site).is_ok());

    let site = start(config("limit_conn clients 1; limit_conn_dry_run on;"));
    let _first = open(&site).expect("a WebSocket");
    assert!(open(&site).is_ok());
}

#[test]
fn limit_req_counts_handshakes_and_no_messages() {
    on_every_nginx!(limit_req_counts_handshakes_and_no_messages);
    let config = |limit: &str| {
        format!(
            "limit_req_zone $binary_remote_addr zone=clients:1m rate=1r/s;\n\
             server {{ {} }}",
            location(&format!("{TRIAD} {limit}"))
        )
    };
    let site = start(config("limit_req zone=clients;"));
    let mut first = open(&site).expect("a WebSocket");
    assert!((0..20).all(|_| first.echoes()));
    assert_eq!(open(&site).err(), Some(503));

    for limit in ["zone=clients burst=5 nodelay;", "zone=clients; limit_req_dry_run on;"] {
        let site = start(config(&format!("limit_req {limit}")));
        assert!((0..5).all(|_| open(&site).is_ok()), "{limit}");
    }
}

#[test]
fn a_tiny_limit_rate_cuts_the_head() {
    on_every_nginx!(a_tiny_limit_rate_cuts_the_head);
    for limit in ["limit_rate 10;", "limit_rate 100;", "limit_rate 90; limit_rate_after 90;"] {
        let site = start(location(&format!("{TRIAD} {limit}")));
        assert_ne!(verdict_at(&site, "/ws", Browser::Chrome), "switched", "{limit}");
    }
    for limit in ["limit_rate 512;", "limit_rate 1k;", "limit_rate 10; limit_rate_after 1k;"] {
        assert_eq!(verdict(location(&format!("{TRIAD} {limit}"))), "switched", "{limit}");
    }
    // Messages are not limited.
    let (_site, mut socket) = opened("limit_rate 512;");
    let began = Instant::now();
    assert!((0..1000).all(|_| socket.echoes()));
    assert!(began.elapsed() < seconds(2.0), "{:?}", began.elapsed());
}

/// nginx with a main process and a worker, as it usually runs.
struct WithWorkers {
    main: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl WithWorkers {
    fn start(directives: &str, backend: SocketAddr) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        allow_all(folder.path());
        let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port");
        let config = format!(
            "pid nginx.pid; daemon off; {directives} events {{}}\n\
             http {{ access_log off; {}\n\
             server {{ listen {port}; location / {{ proxy_pass http://{backend}; {TRIAD} }} }} }}",
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map(|name| format!("{name}_temp_path {name};"))
                .concat()
        );
        fs::write(folder.path().join("nginx.conf"), config).expect("a file");
        let main = Command::new(&Installed::expect().program)
            .arg("-p")
            .arg(folder.path())
            .args(["-c", "nginx.conf", "-e", "error.log"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx runs");
        let this = Self { main, address: port, _folder: folder };
        let began = Instant::now();
        while TcpStream::connect(port).is_err() && began.elapsed() < seconds(5.0) {
            thread::sleep(seconds(0.02));
        }
        this
    }

    fn signal(&self, signal: &str) {
        let process = self.main.id().to_string();
        let _ = Command::new("kill").args([signal, &process]).status();
    }
}

impl Drop for WithWorkers {
    fn drop(&mut self) {
        // Killed, it would leave its workers behind.
        self.signal("-TERM");
        let _ = self.main.wait();
    }
}

/// nginx run by root hands its work to another user.
fn allow_all(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).expect("a folder of ours");
    }
}

#[cfg(unix)]
#[test]
fn a_reload_cuts_sockets_off_after_the_shutdown_timeout() {
    on_every_nginx!(a_reload_cuts_sockets_off_after_the_shutdown_timeout);
    let backend = Backend::start().expect("a free port");
    let after_reload = |directives: &str| {
        let nginx = WithWorkers::start(directives, backend.address());
        let socket = Socket::open(nginx.address).expect("a WebSocket");
        nginx.signal("-HUP");
        (nginx, socket)
    };
    let (_nginx, socket) = after_reload("worker_shutdown_timeout 1s;");
    let closed = socket.closed_after();
    assert!((seconds(0.5)..seconds(3.0)).contains(&closed), "{closed:?}");

    for directives in ["", "worker_shutdown_timeout 0;"] {
        let (_nginx, mut socket) = after_reload(directives);
        thread::sleep(seconds(1.5));
        assert!(socket.echoes(), "{directives}");
    }
}
