//! Arguments as nginx reads them: times, sizes, numbers (nginx, src/core/ngx_parse.c and the
//! `ngx_conf_set_*_slot` functions of src/core/ngx_conf_file.c).

use std::ops::Range;

use wslint_grammar::catalogue::Value;

/// What nginx says about an argument that it refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The number of the word: 0 is the directive's name, 1 its first argument, as in nginx.
    pub word: usize,
    /// The part of the word's value that is at fault; all of it without one.
    pub part: Option<Range<usize>>,
    /// nginx's message, without the place.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl Refused {
    /// A refusal of a whole word, which should have been what is `expected`.
    pub fn new(word: usize, message: String, expected: &str) -> Self {
        Self { word, part: None, message, help: format!("it takes {expected}") }
    }
}

/// Checks a directive's arguments against the type that its module declares.
pub fn check(name: &str, value: &Value, arguments: &[&[u8]]) -> Option<Refused> {
    let first = *arguments.first()?;
    let shown = || String::from_utf8_lossy(first);
    let refuse = |message: String, expected: &str| Some(Refused::new(1, message, expected));
    let invalid = || format!("\"{name}\" directive invalid value");
    match value {
        Value::Flag if !is_flag(first) => refuse(
            format!(
                "invalid value \"{}\" in \"{name}\" directive, it must be \"on\" or \"off\"",
                shown()
            ),
            "`on` or `off`",
        ),
        Value::Number(bounds) => match (number(first), bounds) {
            (None, _) => refuse(format!("\"{name}\" directive invalid number"), "a number"),
            (Some(value), Some((least, most)))
                if value < i64::from(*least) || (*most != -1 && value > i64::from(*most)) =>
            {
                let (message, expected) = match most {
                    -1 => (
                        format!("value must be equal to or greater than {least}"),
                        format!("a number from {least} on"),
                    ),
                    _ => (
                        format!("value must be between {least} and {most}"),
                        format!("a number from {least} to {most}"),
                    ),
                };
                refuse(message, &expected)
            }
            _ => None,
        },
        Value::Size if size(first, false).is_none() => {
            refuse(invalid(), "a size such as `512`, `16k` or `1m`")
        }
        Value::Offset if size(first, true).is_none() => {
            refuse(invalid(), "a size such as `512`, `16k`, `1m` or `2g`")
        }
        Value::Milliseconds if !is_time(first, false) => {
            refuse(invalid(), "a time such as `500ms`, `60s`, `5m`, `1h` or `7d`")
        }
        Value::Seconds if !is_time(first, true) => {
            refuse(invalid(), "a time such as `60s`, `5m`, `1h`, `7d` or `1y`")
        }
        Value::Buffers => check_buffers(name, arguments),
        Value::OneOf(words) if !is_word(first, words) => {
            refuse(format!("invalid value \"{}\"", shown()), &one_of(words))
        }
        Value::AnyOf(words) => {
            let argument = arguments.iter().position(|argument| !is_word(argument, words))?;
            let shown = String::from_utf8_lossy(arguments[argument]);
            Some(Refused::new(argument + 1, format!("invalid value \"{shown}\""), &one_of(words)))
        }
        Value::Access => {
            let argument = arguments.iter().position(|argument| !is_access(argument))?;
            let shown = String::from_utf8_lossy(arguments[argument]);
            let expected = "`user:`, `group:` or `all:` with `rw` or `r`, as in `user:rw`";
            let message = format!("invalid value \"{shown}\"");
            Some(Refused::new(argument + 1, message, expected))
        }
        _ => None,
    }
}

/// `ngx_conf_set_access_slot`
fn is_access(text: &[u8]) -> bool {
    let rights = [&b"user:"[..], b"group:", b"all:"].iter().find_map(|who| text.strip_prefix(*who));
    matches!(rights, Some(b"rw" | b"r"))
}

fn check_buffers(name: &str, arguments: &[&[u8]]) -> Option<Refused> {
    let count = number(arguments[0]).filter(|&count| count > 0);
    let argument = match (count, arguments.get(1)) {
        (None, _) => 1,
        (Some(_), Some(text)) if size(text, false).is_none_or(|size| size == 0) => 2,
        _ => return None,
    };
    let message = format!("\"{name}\" directive invalid value");
    Some(Refused::new(argument, message, "a number of buffers and their size, as in `8 16k`"))
}

/// `on` and `off` are compared without regard to case (`ngx_conf_set_flag_slot`).
fn is_flag(text: &[u8]) -> bool {
    text.eq_ignore_ascii_case(b"on") || text.eq_ignore_ascii_case(b"off")
}

/// Enumerations are compared without regard to case (`ngx_conf_set_enum_slot`).
fn is_word(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
}

pub(crate) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => quoted.join(""),
    }
}

/// Digits and nothing else (`ngx_atoi`).
pub fn number(text: &[u8]) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_i64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// A size in bytes (`ngx_parse_size`; with `gigabytes`, `ngx_parse_offset`).
pub fn size(text: &[u8], gigabytes: bool) -> Option<i64> {
    let (digits, scale) = match text.split_last()? {
        (b'k' | b'K', digits) => (digits, 1 << 10),
        (b'm' | b'M', digits) => (digits, 1 << 20),
        (b'g' | b'G', digits) if gigabytes => (digits, 1 << 30),
        _ => (text, 1),
    };
    number(digits)?.checked_mul(scale)
}

/// Whether nginx takes a text for a time, see [`time`].
pub fn is_time(text: &[u8], in_seconds: bool) -> bool {
    time(text, in_seconds).is_some()
}

/// A time, in seconds or in milliseconds (`ngx_parse_time`): numbers with units that grow smaller,
/// `1h 30m`; the last may stand without a unit. Milliseconds exist where times are not counted in
/// seconds, and months and years where they are.
pub fn time(text: &[u8], in_seconds: bool) -> Option<i64> {
    const YEAR: u8 = 1;
    const MONTH: u8 = 2;
    const SECOND: u8 = 7;
    const MILLISECOND: u8 = 8;
    const LAST: u8 = 9;
    const DAY: i64 = 24 * 60 * 60;
    let scale_of_seconds = if in_seconds { 1 } else { 1000 };
    let mut step = if in_seconds { 0 } else { MONTH };
    let mut some_digit = false;
    let (mut value, mut total) = (0_i64, 0_i64);
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        if byte.is_ascii_digit() {
            value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
            some_digit = true;
            continue;
        }
        let (next, seconds) = match byte {
            b'y' => (YEAR, 365 * DAY),
            b'M' => (MONTH, 30 * DAY),
            b'w' => (3, 7 * DAY),
            b'd' => (4, DAY),
            b'h' => (5, 60 * 60),
            b'm' if text.get(at) == Some(&b's') => {
                if in_seconds {
                    return None;
                }
                at += 1;
                (MILLISECOND, 0)
            }
            b'm' => (6, 60),
            b's' => (SECOND, 1),
            b' ' if step < SECOND => (LAST, 1),
            _ => return None,
        };
        if step >= next {
            return None;
        }
        step = next;
        let scale = if next == MILLISECOND { 1 } else { seconds * scale_of_seconds };
        total = total.checked_add(value.checked_mul(scale)?)?;
        value = 0;
        while text.get(at) == Some(&b' ') {
            at += 1;
        }
    }
    total.checked_add(value.checked_mul(scale_of_seconds)?).filter(|_| some_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for text in ["60", "60s", "1h 30m", "500ms", "7d", "1h30m", "5m 3s", "1d 12"] {
            assert!(is_time(text.as_bytes(), false), "{text}");
        }
        for text in ["", "h", "1hr", "60sec", "off", "-1", "1M", "1y", "1s 1h", "$x", "1 h 1 d"] {
            assert!(!is_time(text.as_bytes(), false), "{text}");
        }
        assert!(is_time(b"1y 2M", true));
        assert_eq!(time(b"1h 30m", true), Some(5400));
        assert_eq!(time(b"1s 5ms", false), Some(1005));
        assert_eq!(time(b"2", false), Some(2000));
        assert!(!is_time(b"9223372036854775807", false));
        assert!(is_time(b"9223372036854775807", true));
        assert!(!is_time(b"9223372036854775807d", true));
        assert!(!is_time(b"500ms", true));
    }

    #[test]
    fn sizes() {
        assert_eq!(size(b"16k", false), Some(16384));
        assert_eq!(size(b"1M", false), Some(1_048_576));
        assert_eq!(size(b"1g", true), Some(1_073_741_824));
        for text in ["", "k", "1g", "1kb", "-1", "1.5m", "off"] {
            assert_eq!(size(text.as_bytes(), false), None, "{text}");
        }
    }

    #[test]
    fn words_and_flags() {
        assert!(check("x", &Value::Flag, &[b"ON"]).is_none());
        let refused = check("proxy_buffering", &Value::Flag, &[b"no"]).unwrap();
        assert!(refused.message.contains("it must be \"on\" or \"off\""));
        let words = Value::OneOf(&["1.0", "1.1"]);
        assert!(check("x", &words, &[b"1.1"]).is_none());
        assert_eq!(check("x", &words, &[b"2.0"]).unwrap().help, "it takes `1.0` or `1.1`");
        let any = Value::AnyOf(&["error", "timeout"]);
        assert_eq!(check("x", &any, &[b"error", b"of"]).unwrap().word, 2);
        assert_eq!(check("x", &Value::Buffers, &[b"8", b"0"]).unwrap().word, 2);
    }
}
