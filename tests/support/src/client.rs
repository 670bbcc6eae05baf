//! A WebSocket client that opens connections as browsers do.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{self, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::message::Head;
use super::websocket::{self, Frame};

/// Nothing a test waits for takes longer on a loopback interface.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The payload that has to come back before a connection counts as switched.
const PAYLOAD: &[u8] = b"echo?";

/// A browser, as far as its opening handshake differs from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Sends `Connection: Upgrade`, as do Safari and Edge.
    Chrome,
    /// Sends `Connection: keep-alive, Upgrade`.
    Firefox,
}

impl Browser {
    /// Both, for tests that must hold for either.
    pub const ALL: [Self; 2] = [Self::Chrome, Self::Firefox];

    /// The value of the `Connection` header.
    pub const fn connection(self) -> &'static str {
        match self {
            Self::Chrome => "Upgrade",
            Self::Firefox => "keep-alive, Upgrade",
        }
    }
}

/// An opening handshake to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The request target.
    pub uri: String,
    /// The value of `Host`, and the host in `Origin`.
    pub host: String,
    /// Whose `Connection` header to send.
    pub browser: Browser,
    /// The value of `Upgrade`.
    pub protocol: String,
    /// The `Sec-WebSocket-Key`, where it is not one of its own each time.
    pub key: Option<String>,
    /// Further headers, after the others.
    pub extra_headers: Vec<(String, String)>,
}

impl Handshake {
    /// A handshake without further headers.
    pub fn new(host: &str, uri: &str, browser: Browser) -> Self {
        let (uri, host) = (uri.to_owned(), host.to_owned());
        let protocol = "websocket".to_owned();
        Self { uri, host, browser, protocol, key: None, extra_headers: Vec::new() }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.extra_headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends the handshake to `address` and judges the answer.
    ///
    /// An error means that no response came: refused, closed or timed out.
    pub fn send(&self, address: SocketAddr) -> io::Result<Outcome> {
        let key = self.key.clone().unwrap_or_else(|| websocket::key(nonce()));
        let origin = format!("http://{}", self.host);
        let mut headers = vec![
            ("Host", self.host.as_str()),
            ("Upgrade", self.protocol.as_str()),
            ("Connection", self.browser.connection()),
            ("Sec-WebSocket-Key", &key),
            ("Sec-WebSocket-Version", "13"),
            ("Origin", &origin),
        ];
        let extra = self.extra_headers.iter();
        headers.extend(extra.map(|(name, value)| (name.as_str(), value.as_str())));

        let stream = send(address, &self.uri, &headers)?;
        let mut reader = BufReader::new(&stream);
        let head = Head::read(&mut reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let status = status(&head)?;
        let switched = status == 101
            && head.joined("Sec-WebSocket-Accept") == Some(websocket::accept(&key))
            && head.has_token("Upgrade", "websocket")
            && head.has_token("Connection", "upgrade")
            && echoes(&stream, &mut reader).unwrap_or(false);
        Ok(Outcome { status, head, switched })
    }
}

/// What came of a [`Handshake`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The response status.
    pub status: u16,
    /// The whole response head.
    pub head: Head,
    /// Whether a WebSocket connection stands: a correct `101`, and a masked
    /// text frame came back whole.
    pub switched: bool,
}

/// A response to a plain request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The response status.
    pub status: u16,
    /// The whole response head.
    pub head: Head,
    /// The body, free of any transfer coding.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as text, for assertions.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends a plain `GET`, as a browser would, with further `headers`.
pub fn get(
    address: SocketAddr,
    host: &str,
    uri: &str,
    headers: &[(&str, &str)],
) -> io::Result<Response> {
    let mut all = vec![("Host", host), ("Connection", "keep-alive")];
    all.extend(headers);
    let stream = send(address, uri, &all)?;
    let mut reader = BufReader::new(&stream);
    let head = Head::read(&mut reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(Response { status: status(&head)?, body: head.read_body(&mut reader, true)?, head })
}

/// Opens a connection and sends a request head over it.
fn send(address: SocketAddr, uri: &str, headers: &[(&str, &str)]) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.set_nodelay(true)?;
    let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let head = format!("GET {uri} HTTP/1.1\r\n{}\r\n", lines.collect::<String>());
    stream.write_all(head.as_bytes())?;
    Ok(stream)
}

fn status(head: &Head) -> io::Result<u16> {
    head.start_line
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3)?.parse().ok())
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Sends one masked text frame and tells whether it came back whole.
fn echoes(mut stream: &TcpStream, reader: &mut impl io::Read) -> io::Result<bool> {
    let sent =
        Frame { last: true, opcode: websocket::TEXT, masked: true, payload: PAYLOAD.to_vec() };
    let [a, b, c, d, ..] = nonce();
    sent.write(&mut stream, Some([a, b, c, d]))?;
    let echoed = Frame::read(reader)?;
    Ok(echoed == Frame { masked: false, ..sent })
}

/// Sixteen bytes that differ from call to call; the standard library seeds
/// every `RandomState` differently, which is all a handshake nonce needs.
fn nonce() -> [u8; 16] {
    let random = || RandomState::new().build_hasher().finish();
    let bytes = u128::from(random()) << 64 | u128::from(random());
    bytes.to_be_bytes()
}
