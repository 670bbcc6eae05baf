//! nginx's tokens, as nom parsers over bytes.
//!
//! Every parser here follows `ngx_conf_read_token` (nginx, src/core/ngx_conf_file.c): only space,
//! tab, CR and LF are blank; a word ends at a blank, `;` or `{` but not at `}`; quotes and `#`
//! are special only where a word could start; a backslash takes the next byte's meaning away;
//! `{` directly after `$` opens no block.

use nom::bytes::complete::{tag, take, take_till};
use nom::{IResult, Parser};

use crate::Quote;

/// nom's result with an error that costs nothing: these parsers fail only on a wrong first byte.
type Lexed<'s, T> = IResult<&'s [u8], T, ()>;

/// nginx's `NGX_CONF_BUFFER`: the bytes that one token, with what ends it, may take.
pub(crate) const BUFFER: usize = 4096;

const BLANK: u8 = 1;
const ENDS_WORD: u8 = 2;
const SPECIAL: u8 = 4;
const NO_START: u8 = 8;

/// What each byte means inside a word that is not quoted.
static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    class[b' ' as usize] = BLANK | ENDS_WORD | NO_START;
    class[b'\t' as usize] = BLANK | ENDS_WORD | NO_START;
    class[b'\r' as usize] = BLANK | ENDS_WORD | NO_START;
    class[b'\n' as usize] = BLANK | ENDS_WORD | NO_START;
    class[b';' as usize] = ENDS_WORD | NO_START;
    class[b'{' as usize] = ENDS_WORD | NO_START;
    class[b'}' as usize] = NO_START;
    class[b'#' as usize] = NO_START;
    class[b'"' as usize] = NO_START;
    class[b'\'' as usize] = NO_START;
    class[b'\\' as usize] = SPECIAL;
    class[b'$' as usize] = SPECIAL;
    class
};

/// Whether nginx takes `byte` for white space.
pub(crate) fn is_blank(byte: u8) -> bool {
    CLASS[byte as usize] & BLANK != 0
}

/// Whether `byte` begins a word that is not quoted, and nothing else.
pub(crate) fn begins_bare_word(byte: u8) -> bool {
    CLASS[byte as usize] & NO_START == 0
}

/// What stands behind a run of white space, and whether a line ends in it. There need not be any,
/// so this cannot fail.
pub(crate) fn blanks(input: &[u8]) -> (&[u8], bool) {
    let mut ends_line = false;
    let mut length = 0;
    while let Some(&byte) = input.get(length)
        && is_blank(byte)
    {
        length += 1;
        if byte == b'\n' {
            ends_line = true;
            // Indentation is most of what is blank.
            while input[length..].first_chunk() == Some(b"        ") {
                length += 8;
            }
        }
    }
    (&input[length..], ends_line)
}

/// A comment: from `#` to the end of the line, without the LF.
pub(crate) fn comment(input: &[u8]) -> Lexed<'_, &[u8]> {
    let until_newline = |input: &[u8]| memchr::memchr(b'\n', input).unwrap_or(input.len());
    let (_, _) = tag(&b"#"[..]).parse(input)?;
    take(until_newline(input)).parse(input)
}

/// A word that does not start with a quote; tells whether a backslash stands in it.
pub(crate) fn bare_word(input: &[u8]) -> Lexed<'_, bool> {
    let mut escaped = false;
    let mut rest = input;
    loop {
        (rest, _) = take_till(|byte| CLASS[byte as usize] & (ENDS_WORD | SPECIAL) != 0)(rest)?;
        match rest {
            [b'\\', tail @ ..] => {
                escaped = true;
                rest = tail.get(1..).unwrap_or_default();
            }
            [b'$', tail @ ..] => rest = skip_braces(tail),
            _ => return Ok((rest, escaped)),
        }
    }
}

/// After `$`, every `{` that follows directly belongs to the word.
fn skip_braces(input: &[u8]) -> &[u8] {
    let braces = input.iter().take_while(|&&byte| byte == b'{').count();
    &input[braces..]
}

/// What lies between two quotes.
pub(crate) struct Quoted {
    /// Whether the closing quote was found.
    pub(crate) closed: bool,
    /// Whether a backslash stands in it.
    pub(crate) escaped: bool,
}

/// A quoted word: the opening quote up to and with the closing one, or up to the end of the text.
pub(crate) fn quoted_word(input: &[u8]) -> Lexed<'_, Quoted> {
    let (&quote, mut rest) = input.split_first().ok_or(nom::Err::Error(()))?;
    let mut escaped = false;
    loop {
        let Some(found) = memchr::memchr2(quote, b'\\', rest) else {
            return Ok((&[], Quoted { closed: false, escaped }));
        };
        if rest[found] == quote {
            return Ok((&rest[found + 1..], Quoted { closed: true, escaped }));
        }
        escaped = true;
        rest = rest.get(found + 2..).unwrap_or_default();
    }
}

/// The quote that opens a word, when the word's first byte is one.
pub(crate) fn quote_of(first: u8) -> Quote {
    match first {
        b'"' => Quote::Double,
        b'\'' => Quote::Single,
        _ => Quote::None,
    }
}

/// Undoes the escapes that nginx undoes: `\"`, `\'`, `\\` lose the backslash, `\t`, `\r`, `\n`
/// become the control character, any other backslash stays.
pub(crate) fn unescape(text: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = memchr::memchr(b'\\', rest) {
        result.extend_from_slice(&rest[..found]);
        let replacement = match rest.get(found + 1) {
            Some(&byte @ (b'"' | b'\'' | b'\\')) => byte,
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'n') => b'\n',
            _ => {
                result.push(b'\\');
                rest = &rest[found + 1..];
                continue;
            }
        };
        result.push(replacement);
        rest = &rest[found + 2..];
    }
    result.extend_from_slice(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(input: &[u8]) -> &[u8] {
        let (rest, _) = bare_word(input).unwrap();
        &input[..input.len() - rest.len()]
    }

    #[test]
    fn a_word_ends_at_a_blank_a_semicolon_or_an_opening_brace() {
        assert_eq!(bare(b"close; }"), b"close");
        assert_eq!(bare(b"close{"), b"close");
        assert_eq!(bare(b"close\r\n"), b"close");
        assert_eq!(bare(b"close}\n"), b"close}");
        assert_eq!(bare(b"a#b\"c d"), b"a#b\"c");
        assert_eq!(bare(b"a\xa0\x0b\0b "), b"a\xa0\x0b\0b");
    }

    #[test]
    fn a_brace_after_a_dollar_opens_no_block() {
        assert_eq!(bare(b"${name}x; "), b"${name}x");
        assert_eq!(bare(b"$${{x; "), b"$${{x");
        assert_eq!(bare(b"$a{ "), b"$a");
    }

    #[test]
    fn a_backslash_hides_the_next_byte() {
        assert_eq!(bare(b"a\\;b\\ c d"), b"a\\;b\\ c");
        assert_eq!(bare(b"a\\"), b"a\\");
    }

    #[test]
    fn a_quoted_word_runs_to_its_own_quote() {
        let (rest, quoted) = quoted_word(b"\"a'\\\" ;\n{\" x").unwrap();
        assert_eq!(rest, b" x");
        assert!(quoted.closed && quoted.escaped);
        let (rest, quoted) = quoted_word(b"'a\\'").unwrap();
        assert_eq!(rest, b"");
        assert!(!quoted.closed);
    }

    #[test]
    fn only_six_escapes_are_undone() {
        assert_eq!(unescape(br#"\"\'\\\t\r\n"#), b"\"'\\\t\r\n");
        assert_eq!(unescape(br"\d\$\;\ \"), br"\d\$\;\ \");
    }
}
