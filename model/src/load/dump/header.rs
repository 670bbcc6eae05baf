//! The lines that nginx itself writes into a dump.

use std::ops::Range;

use memchr::memchr;

const START: &[u8] = b"# configuration file ";

/// `# configuration file NAME:` and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The name's bytes within the text.
    pub(super) name: Range<usize>,
    /// The whole line, with what ends it.
    pub(super) line: Range<usize>,
    /// The line ends with CR LF: a terminal, or Windows, stood in between.
    pub(super) has_cr: bool,
}

/// How a text begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// With a header, perhaps behind messages of nginx.
    Header(Header),
    /// There is nothing but messages of nginx; this is the most telling one.
    Messages(String),
    /// As any other text.
    Other,
}

/// Finds out how a text begins.
pub(super) fn opening(text: &[u8]) -> Opening {
    let mut at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut messages: Vec<&[u8]> = Vec::new();
    while at < text.len() {
        let end = memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length + 1);
        let line = text[at..end].trim_ascii_end();
        if let Some(header) = header_at(text, at) {
            let name = &text[header.name.clone()];
            // `nginx -p .` gives relative names; then its messages, or the dot, tell that it is
            // nginx who speaks.
            if is_absolute(name) || name.starts_with(b".") || !messages.is_empty() {
                return Opening::Header(header);
            }
            return Opening::Other;
        }
        if is_message(line) {
            messages.push(line);
        } else if !line.is_empty() {
            return Opening::Other;
        }
        at = end;
    }
    let refusal = messages.iter().find(|line| memchr::memmem::find(line, b"[emerg]").is_some());
    match refusal.or(messages.last()) {
        Some(line) => Opening::Messages(String::from_utf8_lossy(line).into_owned()),
        None => Opening::Other,
    }
}

/// The header that starts at `at`, if one does.
pub(super) fn header_at(text: &[u8], at: usize) -> Option<Header> {
    let rest = text[at..].strip_prefix(START)?;
    let start = at + START.len();
    let length = memchr(b'\n', rest)?;
    let line = &rest[..length];
    let (line, has_cr) = match line.strip_suffix(b"\r") {
        Some(line) => (line, true),
        None => (line, false),
    };
    let name = line.strip_suffix(b":")?;
    let header = Header { name: start..start + name.len(), line: at..start + length + 1, has_cr };
    (!name.is_empty()).then_some(header)
}

/// The headers behind `from`, and comments that look like one.
pub(super) fn candidates(text: &[u8], from: usize) -> impl Iterator<Item = Header> + '_ {
    memchr::memmem::find_iter(&text[from..], START)
        .map(move |offset| from + offset)
        .filter(|&at| at == 0 || text[at - 1] == b'\n')
        .filter_map(|at| header_at(text, at))
}

/// Whether a path starts at the root, or on a drive of Windows.
pub(super) fn is_absolute(name: &[u8]) -> bool {
    match name {
        [b'/', ..] => true,
        [drive, b':', b'/' | b'\\', ..] => drive.is_ascii_alphabetic(),
        _ => false,
    }
}

/// Whether nginx says such a thing on standard error: `nginx: …` (`ngx_log_stderr`), or with the
/// time, once the log is open: `2026/01/31 12:00:00 [warn] 1#1: …` (`ngx_log_error_core`).
fn is_message(line: &[u8]) -> bool {
    line.starts_with(b"nginx: ") || line.starts_with(b"angie: ") || {
        line.len() > 22
            && line[..19].iter().zip(b"0000/00/00 00:00:00").all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                shape => byte == shape,
            })
            && line[19..].starts_with(b" [")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts_with_header(text: &str) -> bool {
        matches!(opening(text.as_bytes()), Opening::Header(_))
    }

    #[test]
    fn only_messages_may_stand_before_the_first_header() {
        let header = "# configuration file /etc/nginx/nginx.conf:\n";
        for before in [
            "",
            "\n",
            "\u{feff}",
            "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n",
            "nginx: [warn] conflicting server name \"a\" on 0.0.0.0:80, ignored\nnginx: ok\n",
            "2026/11/21 09:07:46 [warn] 2#2: the \"user\" directive makes sense only\n",
        ] {
            assert!(starts_with_header(&format!("{before}{header}")), "{before}");
        }
        for before in ["events {}\n", "# a comment\n", "x\nnginx: ok\n", "2026/11/21 09:07\n"] {
            assert!(!starts_with_header(&format!("{before}{header}")), "{before}");
        }
    }

    #[test]
    fn names_are_absolute_unless_nginx_speaks() {
        let header = |name: &str| format!("# configuration file {name}:\n");
        assert!(starts_with_header(&header("./nginx.conf")));
        assert!(starts_with_header(&header("C:\\nginx/conf/nginx.conf")));
        assert!(!starts_with_header(&header("for the chat server")));
        assert!(!starts_with_header(&header("conf/nginx.conf")));
        assert!(starts_with_header(&format!("nginx: is ok\n{}", header("conf/nginx.conf"))));
        assert!(!starts_with_header("# configuration file /etc/nginx.conf\n"));
    }

    #[test]
    fn messages_alone_say_what_nginx_refuses() {
        let refused = "nginx: [emerg] unknown directive \"x\" in /n/nginx.conf:1";
        let text = format!("{refused}\nnginx: configuration file /n/nginx.conf test failed\n");
        assert_eq!(opening(text.as_bytes()), Opening::Messages(refused.to_owned()));
        assert_eq!(opening(b""), Opening::Other);
        assert_eq!(opening(b"\n\n"), Opening::Other);
    }
}
