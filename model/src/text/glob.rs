//! Patterns of file names, as glob(3) reads them for nginx. There is no `**`, and a leading dot is
//! only matched by a dot.

/// Whether a word of the configuration is a pattern (`ngx_conf_include`).
pub(crate) fn is_pattern(word: &[u8]) -> bool {
    word.iter().any(|byte| b"*?[".contains(byte))
}

/// Whether `pattern` matches the whole of `name`. After a mistake only the last star is tried
/// again, so that the time is at most the product of the lengths.
pub fn matches(pattern: &[u8], name: &[u8]) -> bool {
    if name.first() == Some(&b'.') && pattern.first() != Some(&b'.') {
        return false;
    }
    let (mut at, mut done) = (0, 0);
    let mut star = None;
    while done < name.len() {
        if pattern.get(at) == Some(&b'*') {
            at += 1;
            star = Some((at, done));
        } else if let Some(length) = matches_one(&pattern[at..], name[done]) {
            at += length;
            done += 1;
        } else if let Some((behind, from)) = star {
            (at, done) = (behind, from + 1);
            star = Some((behind, from + 1));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

/// The length of the first element of `pattern`, if it matches `byte`.
fn matches_one(pattern: &[u8], byte: u8) -> Option<usize> {
    let (&first, rest) = pattern.split_first()?;
    match first {
        b'?' => Some(1),
        b'\\' if !rest.is_empty() => (rest[0] == byte).then_some(2),
        b'[' => match set(rest) {
            Some((set, negated)) => {
                (in_set(set, byte) != negated).then_some(1 + usize::from(negated) + set.len() + 1)
            }
            // Without its `]` it is a character like any other.
            None => (byte == b'[').then_some(1),
        },
        _ => (first == byte).then_some(1),
    }
}

/// What stands between `[` and `]`, and whether it is what must not match.
fn set(behind_bracket: &[u8]) -> Option<(&[u8], bool)> {
    let negated = matches!(behind_bracket.first(), Some(b'!' | b'^'));
    let set = &behind_bracket[usize::from(negated)..];
    // A `]` that comes first belongs to the set.
    let end = set.iter().skip(1).position(|&byte| byte == b']')? + 1;
    Some((&set[..end], negated))
}

fn in_set(mut set: &[u8], byte: u8) -> bool {
    loop {
        set = match set {
            [] => return false,
            [first, b'-', last, rest @ ..] => {
                if (*first..=*last).contains(&byte) {
                    return true;
                }
                rest
            }
            [first, rest @ ..] => {
                if *first == byte {
                    return true;
                }
                rest
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let cases: [(&str, &str, bool); 20] = [
            ("*.conf", "a.conf", true),
            ("*.conf", ".conf", false),
            ("*.conf", "a.conf.bak", false),
            (".*", ".a", true),
            ("*a*b*", "xaxxb", true),
            ("*a*b*", "xbxxa", false),
            ("**", "ab", true),
            ("?", "", false),
            ("?.c", "a.c", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("[]]", "]", true),
            ("[!]]", "]", false),
            ("[a-]", "-", true),
            ("[a", "[a", true),
            ("[a", "a", false),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("caf?", "caf\u{e9}", false),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_take_no_longer() {
        assert!(!matches(&b"*a".repeat(2_000), &b"a".repeat(1_999)));
    }
}
