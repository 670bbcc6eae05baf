//! The URI of a request as nginx reads it (`ngx_http_parse_complex_uri` in
//! src/http/ngx_http_parse.c).

/// A request target, split and decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uri {
    /// The path: percent-decoded, without `.` and `..`, and slashes merged if that is on.
    pub path: Vec<u8>,
    /// What stands behind the first `?`, as it came.
    pub arguments: Vec<u8>,
    /// Whether a percent sign or a plus was in it: captures are escaped again then
    /// (`quoted_uri`, `plus_in_uri`).
    pub(crate) was_quoted: bool,
}

/// Reads a request target; `None` for one that nginx answers with `400`.
pub fn parse(target: &[u8], merges_slashes: bool) -> Option<Uri> {
    let question = target.iter().position(|&byte| byte == b'?');
    let (path, arguments) = match question {
        Some(at) => (&target[..at], target[at + 1..].to_vec()),
        None => (target, Vec::new()),
    };
    let was_quoted = path.iter().any(|byte| matches!(byte, b'%' | b'+'));
    let decoded = decode(path)?;
    let mut segments: Vec<&[u8]> = Vec::new();
    let parts: Vec<&[u8]> = decoded.strip_prefix(b"/")?.split(|&byte| byte == b'/').collect();
    let last = parts.len() - 1;
    for (number, part) in parts.iter().enumerate() {
        match *part {
            b"." => {
                if number == last {
                    segments.push(b"");
                }
            }
            b".." => {
                segments.pop()?;
                if number == last {
                    segments.push(b"");
                }
            }
            b"" if merges_slashes && number != last => {}
            part => segments.push(part),
        }
    }
    let mut path = Vec::with_capacity(decoded.len());
    for segment in &segments {
        path.push(b'/');
        path.extend_from_slice(segment);
    }
    if path.is_empty() {
        path.push(b'/');
    }
    Some(Uri { path, arguments, was_quoted })
}

fn decode(path: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.iter();
    while let Some(&byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digits = [*bytes.next()?, *bytes.next()?];
        let value = u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?;
        if value == 0 {
            return None;
        }
        decoded.push(value);
    }
    Some(decoded)
}

/// Escapes a path for the request to the backend (`ngx_escape_uri` with `NGX_ESCAPE_URI`).
pub fn escape(path: &[u8]) -> Vec<u8> {
    escape_where(path, |byte| b" %?#".contains(&byte))
}

/// Escapes a capture that becomes part of the arguments (`NGX_ESCAPE_ARGS`).
pub(crate) fn escape_arguments(text: &[u8]) -> Vec<u8> {
    escape_where(text, |byte| b" %?#&+;".contains(&byte))
}

/// What no URI may have as it is (RFC 3986); nginx escapes it from 1.21.1 on.
const NEVER: &[u8] = b"\"<>\\^`{|}";

fn escape_where(text: &[u8], escaped: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut written = Vec::with_capacity(text.len());
    for &byte in text {
        if escaped(byte) || NEVER.contains(&byte) || !(b' '..0x7f).contains(&byte) {
            written.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            written.push(byte);
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(target: &str) -> Option<String> {
        parse(target.as_bytes(), true).map(|uri| String::from_utf8(uri.path).unwrap())
    }

    #[test]
    fn paths_are_decoded_and_tidied() {
        for (target, expected) in [
            ("/", "/"),
            ("/ws", "/ws"),
            ("/ws/", "/ws/"),
            ("//ws//a", "/ws/a"),
            ("/a//", "/a/"),
            ("/a/./b", "/a/b"),
            ("/a/../b", "/b"),
            ("/a/..", "/"),
            ("/a/.", "/a/"),
            ("/%77s", "/ws"),
            ("/a%2Fb", "/a/b"),
            ("/a%20b?c%20", "/a b"),
        ] {
            assert_eq!(path(target).as_deref(), Some(expected), "{target}");
        }
    }

    #[test]
    fn what_nginx_refuses_is_none() {
        for target in ["/..", "/a/../../b", "/%", "/%0", "/%zz", "/%00"] {
            assert_eq!(path(target), None, "{target}");
        }
    }

    #[test]
    fn what_no_uri_may_have_is_escaped() {
        assert_eq!(escape(b"/a b|{c}?"), b"/a%20b%7C%7Bc%7D%3F");
        assert_eq!(escape(b"/a&b+c"), b"/a&b+c");
        assert_eq!(escape_arguments(b"a&b+c;d"), b"a%26b%2Bc%3Bd");
    }

    #[test]
    fn slashes_stay_where_they_are_not_merged() {
        assert_eq!(parse(b"//a//b", false).unwrap().path, b"//a//b");
    }
}
