//! A WebSocket backend that takes RFC 6455, section 4.2.1, at its word.
//!
//! Lenient backends hide proxy mistakes: some answer `101` to HTTP/1.0, some
//! do not look at `Connection`. This one switches protocols only for a request
//! that has every part of the opening handshake, and keeps what it was sent.

use std::fmt;
use std::io::{self, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::message::Head;
use super::websocket::{self, Frame};

/// The header a client marks its request with to find it again.
pub const PROBE_ID: &str = "X-Probe-Id";

/// The header of an answer that is no `101`: with it the client knows who answered.
pub const REFUSED: &str = "X-Refused";

/// How long a connection may stay idle. Longer than any client here waits.
const IDLE: Duration = Duration::from_secs(10);

/// The first part of the opening handshake a request lacks, in checking order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The method is not `GET`.
    Method,
    /// The version is not HTTP/1.1.
    Version,
    /// `Upgrade` is absent or does not contain the token `websocket`.
    Upgrade,
    /// `Connection` has no token `upgrade`.
    Connection,
    /// `Sec-WebSocket-Version` is not `13`.
    WsVersion,
    /// `Sec-WebSocket-Key` is not the base64 of 16 bytes.
    Key,
    /// There is no `Host`, or more than one.
    Host,
}

impl Refusal {
    /// The word reports use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Version => "version",
            Self::Upgrade => "upgrade",
            Self::Connection => "connection",
            Self::WsVersion => "ws-version",
            Self::Key => "key",
            Self::Host => "host",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// A request as it reached the backend, and what the backend made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// Request line and headers, exactly and in order.
    pub head: Head,
    /// The status answered: `101`, `200` or `400`.
    pub status: u16,
    /// Why the status is not `101`.
    pub refusal: Option<Refusal>,
}

impl RecordedRequest {
    /// The protocol version on the request line, such as `HTTP/1.1`.
    pub fn version(&self) -> &str {
        self.head.start_line.rsplit(' ').next().unwrap_or_default()
    }

    /// The request target, as nginx wrote it.
    pub fn target(&self) -> &str {
        self.head.start_line.split(' ').nth(1).unwrap_or_default()
    }

    /// The header's lines joined with `", "`; `None` when absent.
    pub fn header(&self, name: &str) -> Option<String> {
        self.head.joined(name)
    }
}

/// The running backend; dropping it closes every connection and joins its threads.
#[derive(Debug)]
pub struct Backend {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stopping: AtomicBool,
    takes_no_host: bool,
    requests: Mutex<Vec<RecordedRequest>>,
    connections: Mutex<Vec<(TcpStream, JoinHandle<()>)>>,
}

impl Backend {
    /// Starts listening on a free loopback port.
    pub fn start() -> io::Result<Self> {
        Self::start_with(Shared::default())
    }

    /// Starts a backend that takes a handshake without `Host`, too.
    pub fn start_taking_no_host() -> io::Result<Self> {
        Self::start_with(Shared { takes_no_host: true, ..Shared::default() })
    }

    fn start_with(shared: Shared) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(shared);
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept_connections(&listener, &shared)
        });
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// Where the backend listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        lock(&self.shared.connections).len()
    }

    /// A position in the record, to ask later what came [`since`](Self::since).
    pub fn marker(&self) -> usize {
        lock(&self.shared.requests).len()
    }

    /// The requests recorded after `marker` was taken, in order of arrival.
    pub fn since(&self, marker: usize) -> Vec<RecordedRequest> {
        lock(&self.shared.requests)[marker..].to_vec()
    }

    /// The latest request that carried `id` in [`PROBE_ID`].
    ///
    /// A configuration may drop client headers, so a request can be missed
    /// here that [`since`](Self::since) still finds.
    pub fn by_probe_id(&self, id: &str) -> Option<RecordedRequest> {
        lock(&self.shared.requests)
            .iter()
            .rfind(|request| request.head.values(PROBE_ID).any(|value| value == id))
            .cloned()
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // `accept` has no timeout: a connection of our own wakes it.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        for (stream, thread) in lock(&self.shared.connections).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
            let _ = thread.join();
        }
    }
}

fn accept_connections(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let Ok(handle) = stream.try_clone() else {
            continue;
        };
        // Who has an answer finds its connection counted.
        let mut connections = lock(&shared.connections);
        let thread = thread::spawn({
            let shared = Arc::clone(shared);
            move || {
                // A peer that goes away is its own business.
                let _ = serve(&stream, &shared);
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
        connections.push((handle, thread));
    }
}

/// Serves one connection until it closes or has switched protocols and ended.
fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_write_timeout(Some(IDLE))?;
    stream.set_nodelay(true)?;
    let mut writer = stream;
    let mut reader = BufReader::new(stream);
    while let Some(head) = Head::read(&mut reader)? {
        head.read_body(&mut reader, false)?;
        let is_taken = |refusal: &Refusal| {
            shared.takes_no_host
                && *refusal == Refusal::Host
                && head.values("Host").next().is_none()
        };
        let refusal = judge(&head).filter(|refusal| !is_taken(refusal));
        let status = match refusal {
            None => 101,
            Some(_) if head.joined("Upgrade").is_none() => 200,
            Some(_) => 400,
        };
        // Recorded before answering, so that whoever has the answer finds the record.
        lock(&shared.requests).push(RecordedRequest { head: head.clone(), status, refusal });
        if let Some(refusal) = refusal {
            writer.write_all(refuse(status, refusal).as_bytes())?;
            if !keeps_alive(&head) {
                return Ok(());
            }
        } else {
            writer.write_all(switching_protocols(&head).as_bytes())?;
            return echo(&mut reader, &mut writer);
        }
    }
    Ok(())
}

/// The first requirement of the opening handshake that `head` fails.
fn judge(head: &Head) -> Option<Refusal> {
    let mut request_line = head.start_line.split(' ');
    let method = request_line.next();
    let version = request_line.next_back();
    let is = |name: &str, test: &dyn Fn(&str) -> bool| head.joined(name).is_some_and(|v| test(&v));
    let checks = [
        (method == Some("GET"), Refusal::Method),
        (version == Some("HTTP/1.1"), Refusal::Version),
        (head.has_token("Upgrade", "websocket"), Refusal::Upgrade),
        (head.has_token("Connection", "upgrade"), Refusal::Connection),
        (is("Sec-WebSocket-Version", &|value| value == "13"), Refusal::WsVersion),
        (is("Sec-WebSocket-Key", &websocket::is_key), Refusal::Key),
        (head.values("Host").count() == 1, Refusal::Host),
    ];
    checks.into_iter().find_map(|(passes, refusal)| (!passes).then_some(refusal))
}

fn switching_protocols(head: &Head) -> String {
    let key = head.joined("Sec-WebSocket-Key").unwrap_or_default();
    format!(
        "HTTP/1.1 101 Switching Protocols\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        websocket::accept(&key)
    )
}

fn refuse(status: u16, refusal: Refusal) -> String {
    let phrase = if status == 200 { "OK" } else { "Bad Request" };
    let body = format!("no handshake: {refusal}\n");
    format!(
        "HTTP/1.1 {status} {phrase}\r\n\
         Content-Type: text/plain\r\n\
         {REFUSED}: {refusal}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Whether the connection outlives a plain answer.
fn keeps_alive(head: &Head) -> bool {
    head.start_line.ends_with(" HTTP/1.1") && !head.has_token("Connection", "close")
}

/// Sends every data frame back until the client closes or breaks the protocol.
fn echo(reader: &mut impl io::Read, writer: &mut impl Write) -> io::Result<()> {
    loop {
        let frame = Frame::read(reader)?;
        if !frame.masked {
            // RFC 6455, section 5.1: a server must close on an unmasked frame.
            return Err(io::ErrorKind::InvalidData.into());
        }
        match frame.opcode {
            websocket::PONG => {}
            websocket::PING => Frame { opcode: websocket::PONG, ..frame }.write(writer, None)?,
            websocket::CLOSE => return frame.write(writer, None),
            _ => frame.write(writer, None)?,
        }
    }
}

/// A panic elsewhere must not hide what was recorded so far.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
