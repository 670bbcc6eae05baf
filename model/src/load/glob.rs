//! The patterns of `include`, as glob(3) expands them for nginx.
//!
//! Names are bytes: neither the folders nor the files need be UTF-8. There is no `**`, and a
//! leading dot is only matched by a dot.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::files::Files;

/// Whether a word of the configuration is a pattern (`ngx_conf_include`).
pub(super) fn is_pattern(word: &[u8]) -> bool {
    word.iter().any(|byte| b"*?[".contains(byte))
}

/// The paths below `folder` that a pattern matches, sorted by bytes as in the C locale.
pub(super) fn expand(files: &dyn Files, folder: &Path, pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for component in pattern.components() {
        found = match component {
            Component::Normal(name) if is_pattern(name.as_encoded_bytes()) => {
                found.iter().flat_map(|folder| matches_in(files, folder, name)).collect()
            }
            other => found.into_iter().map(|folder| folder.join(other)).collect(),
        };
    }
    // What a folder lists is there; a plain name behind a pattern may not be.
    if !pattern.file_name().is_some_and(|name| is_pattern(name.as_encoded_bytes())) {
        found.retain(|path| files.is_named(path));
    }
    found.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    found
}

/// Whether the folder is there in which a pattern begins to look.
pub(super) fn folder_exists(files: &dyn Files, folder: &Path, pattern: &Path) -> bool {
    let plain = |it: &Component<'_>| !is_pattern(it.as_os_str().as_encoded_bytes());
    let start: PathBuf = pattern.components().take_while(plain).collect();
    let start = folder.join(start);
    start == Path::new("") || files.is_folder(&start)
}

/// What lies in `folder` under a name that `pattern` matches.
fn matches_in(files: &dyn Files, folder: &Path, pattern: &OsStr) -> Vec<PathBuf> {
    let plain = |byte: &u8| !b"*?[\\".contains(byte);
    let bytes = pattern.as_encoded_bytes().iter();
    let length = bytes.take_while(|byte| plain(byte)).count();
    let start = pattern.to_str().and_then(|pattern| pattern.get(..length)).unwrap_or_default();
    files
        .names_in(folder, start)
        .into_iter()
        .filter(|name| matches(pattern.as_encoded_bytes(), name.as_encoded_bytes()))
        .map(|name| folder.join(name))
        .collect()
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
