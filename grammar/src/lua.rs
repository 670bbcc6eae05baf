//! The bodies of `*_by_lua_block`: text of another language, read only to find where it ends.
//!
//! OpenResty counts braces outside Lua's strings, long brackets and comments
//! (lua-nginx-module, src/ngx_http_lua_lex.rl).

/// The length of a Lua body from behind its `{` up to, not including, the `}` that closes it;
/// `None` when there is no such brace.
pub(crate) fn body_length(text: &[u8]) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            b'"' | b'\'' => at = string_end(text, at, byte)?,
            b'-' if text[at..].starts_with(b"--") => {
                at = comment_end(text, at + 2);
                continue;
            }
            b'[' => {
                if let Some(end) = long_bracket_end(text, at) {
                    at = end;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The index of the quote that closes the string at `open`. A string may not span lines, so a
/// lone quote costs no more than its line.
fn string_end(text: &[u8], open: usize, quote: u8) -> Option<usize> {
    let mut at = open + 1;
    loop {
        match text.get(at)? {
            b'\\' => at += 2,
            b'\n' => return Some(at),
            &byte if byte == quote => return Some(at),
            _ => at += 1,
        }
    }
}

fn comment_end(text: &[u8], at: usize) -> usize {
    if let Some(end) = long_bracket_end(text, at) {
        return end;
    }
    memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length)
}

/// The index behind `]]` (or `]=]`, `]==]`, …) when a long bracket opens at `at`.
fn long_bracket_end(text: &[u8], at: usize) -> Option<usize> {
    let tail = text.get(at..)?.strip_prefix(b"[")?;
    let level = tail.iter().take_while(|&&byte| byte == b'=').count();
    if tail.get(level) != Some(&b'[') {
        return None;
    }
    let mut close = vec![b'='; level + 2];
    close[0] = b']';
    close[level + 1] = b']';
    let body = at + level + 2;
    memchr::memmem::find(&text[body..], &close).map(|length| body + length + close.len())
}

#[cfg(test)]
mod tests {
    use super::body_length;

    fn body(text: &str) -> Option<&str> {
        body_length(text.as_bytes()).map(|length| &text[..length])
    }

    #[test]
    fn braces_are_counted() {
        assert_eq!(body(" local t = { {1}, {2} } } rest }"), Some(" local t = { {1}, {2} } "));
        assert_eq!(body("{ }"), None);
    }

    #[test]
    fn braces_in_strings_comments_and_long_brackets_do_not_count() {
        assert_eq!(body(r#" s = "}" .. '\'}' }x"#), Some(r#" s = "}" .. '\'}' "#));
        assert_eq!(body(" -- } \n }x"), Some(" -- } \n "));
        assert_eq!(body(" --[==[ } ]] } ]==] }x"), Some(" --[==[ } ]] } ]==] "));
        assert_eq!(body(" s = [[ } ]] t[1] = 2 }x"), Some(" s = [[ } ]] t[1] = 2 "));
    }
}
