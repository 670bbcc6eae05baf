//! HTTP/1.x message heads and bodies, as little as the harness needs.

use std::io::{self, BufRead, Read};

/// Longest head either side accepts; nginx's own default is 32 KiB.
const MAX_HEAD: u64 = 64 * 1024;

/// The start line and the header lines of a message, in the order received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Request line or status line, without its line ending.
    pub start_line: String,
    /// Header names as sent, with their values trimmed of blanks.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// Reads one head; `None` when the peer closed before sending anything.
    pub fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut reader = reader.take(MAX_HEAD);
        let Some(start_line) = read_line(&mut reader)? else {
            return Ok(None);
        };
        let mut headers = Vec::new();
        loop {
            let line = read_line(&mut reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
            if line.is_empty() {
                return Ok(Some(Self { start_line, headers }));
            }
            let (name, value) = line.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
            headers.push((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()));
        }
    }

    /// Every value of the header `name`, in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The header's lines joined with `", "` (RFC 9110, section 5.3); `None` when absent.
    pub fn joined(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.values(name).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Whether the comma-separated list in `name` holds `token`, whatever its case.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.values(name)
            .flat_map(|value| value.split(','))
            .any(|item| item.trim().eq_ignore_ascii_case(token))
    }

    /// Reads the body this head announces: chunked, counted, or up to the end.
    ///
    /// `until_end` says what a head that announces nothing means: a response
    /// then lasts until the connection closes, a request has no body.
    pub fn read_body(&self, reader: &mut impl BufRead, until_end: bool) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if self.has_token("Transfer-Encoding", "chunked") {
            read_chunks(reader, &mut body)?;
        } else if let Some(length) = self.joined("Content-Length") {
            let length: u64 = length.parse().map_err(io::Error::other)?;
            reader.take(length).read_to_end(&mut body)?;
        } else if until_end {
            reader.read_to_end(&mut body)?;
        }
        Ok(body)
    }
}

/// One line without its CR LF; `None` at the end of the stream.
fn read_line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    if reader.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    // Header values are octets; the few that are not UTF-8 are only displayed.
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}

fn read_chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let line = read_line(reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let size = u64::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        reader.take(size).read_to_end(body)?;
        // The line ending after the data, or the empty trailer section.
        read_line(reader)?;
        if size == 0 {
            return Ok(());
        }
    }
}
