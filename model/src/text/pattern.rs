//! Regular expressions as nginx's PCRE reads them, in the engine that we have.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::compiled_regex;

/// A pattern of the configuration, compiled when it is first asked.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The pattern, as written.
    pub text: String,
    /// Whether letters match without regard to case (`~*`, or `server_name`).
    pub ignores_case: bool,
    compiled: OnceLock<Option<fancy_regex::Regex>>,
}

/// What a pattern captured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures {
    /// The whole match and the groups by number; a group that took no part is empty.
    pub groups: Vec<Vec<u8>>,
    /// The groups that have a name, in lower case: each is a variable.
    pub names: Vec<(String, Vec<u8>)>,
}

impl Pattern {
    /// A pattern that is not compiled yet.
    pub fn new(text: String, ignores_case: bool) -> Self {
        Self { text, ignores_case, compiled: OnceLock::new() }
    }

    fn compiled(&self) -> Option<&fancy_regex::Regex> {
        let compile = || {
            let flags = if self.ignores_case { "(?i)" } else { "" };
            let text = match self.text.strip_prefix(UTF_8) {
                Some(rest) => rest.to_owned(),
                None => as_characters(self.text.as_bytes()).into_owned(),
            };
            compiled_regex::compiled(&format!("{flags}{}", translated(&text)))
        };
        self.compiled.get_or_init(compile).as_ref()
    }

    /// A text as the engine is to see it; `None` for one that is beyond it.
    fn subject<'t>(&self, text: &'t [u8]) -> Option<Cow<'t, str>> {
        match self.text.starts_with(UTF_8) {
            true => std::str::from_utf8(text).ok().map(Cow::Borrowed),
            false => Some(as_characters(text)),
        }
    }

    /// What the engine found, as the bytes that it stands for.
    fn bytes(&self, found: &str) -> Vec<u8> {
        match self.text.starts_with(UTF_8) || found.is_ascii() {
            true => found.as_bytes().to_vec(),
            // All are such by `as_characters`.
            false => found.chars().map(|character| character as u8).collect(),
        }
    }

    /// Whether it matches every path of a URI, as `^`, `.*` and `^/(.*)$` do. `false` when that is
    /// not plain to see.
    pub(crate) fn matches_every_path(&self) -> bool {
        let text = self.text.strip_prefix('^').unwrap_or(&self.text);
        let text = text.strip_suffix('$').unwrap_or(text);
        let text = text.strip_prefix('/').unwrap_or(text);
        let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
        matches!(inner.unwrap_or(text), ".*" | ".*?")
            || !self.text.ends_with('$')
                && matches!(self.text.as_str(), "" | "^" | "." | "/" | "^/")
    }

    /// Whether it matches; `None` when the pattern or the text is beyond the engine.
    pub fn is_match(&self, text: &[u8]) -> Option<bool> {
        self.compiled()?.is_match(&*self.subject(text)?).ok()
    }

    /// What it captures, or `Some(None)` when it does not match; `None` when the pattern or the
    /// text is beyond the engine.
    pub fn captures(&self, text: &[u8]) -> Option<Option<Captures>> {
        let regex = self.compiled()?;
        let subject = self.subject(text)?;
        let Some(found) = regex.captures(&*subject).ok()? else { return Some(None) };
        let bytes = |group: Option<fancy_regex::Match<'_>>| {
            group.map_or(Vec::new(), |group| self.bytes(group.as_str()))
        };
        let groups = (0..found.len()).map(|number| bytes(found.get(number))).collect();
        let names = regex.capture_names().flatten();
        let names = names.map(|name| (name.to_ascii_lowercase(), bytes(found.name(name))));
        Some(Some(Captures { groups, names: names.collect() }))
    }
}

/// What begins a pattern that is to read UTF-8; others read bytes.
const UTF_8: &str = "(*UTF8)";

/// A text with one character for each byte, as PCRE reads it.
fn as_characters(text: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(text) {
        Ok(text) if text.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(text.iter().map(|&byte| char::from(byte)).collect()),
    }
}

/// Writes a pattern so that the engine reads in it what PCRE does. Inside a character class it
/// takes `[`, `&&`, `--` and `~~` for operators, which are plain characters in PCRE.
fn translated(pattern: &str) -> String {
    let mut written = String::with_capacity(pattern.len());
    let mut characters = pattern.chars().peekable();
    let mut in_class = false;
    let mut class_start = false;
    while let Some(character) = characters.next() {
        let first_in_class = std::mem::take(&mut class_start);
        match character {
            '\\' => {
                written.push('\\');
                // Of the letters that PCRE takes for escapes, these are other ones here.
                match characters.next() {
                    Some('Z') => written.push('z'),
                    Some(class) if let Some(listed) = listed_class(class, in_class) => {
                        written.pop();
                        written.push_str(listed);
                    }
                    Some(next) => written.push(next),
                    None => {}
                }
            }
            '[' if in_class => match characters.peek() {
                Some(':') => written.push('['),
                _ => written.push_str("\\["),
            },
            '[' => {
                in_class = true;
                class_start = true;
                written.push('[');
                if characters.peek() == Some(&'^') {
                    characters.next();
                    written.push('^');
                }
            }
            ']' if in_class && first_in_class => written.push_str("\\]"),
            ']' if in_class => {
                // The end of `[:alpha:]` is not the end of the class around it.
                if written.ends_with(':') && has_open_name(&written) {
                    written.push(']');
                } else {
                    in_class = false;
                    written.push(']');
                }
            }
            '&' | '~' if in_class => {
                written.push('\\');
                written.push(character);
            }
            '-' if in_class && characters.peek() == Some(&'-') => written.push_str("\\-"),
            _ => written.push(character),
        }
    }
    written
}

/// The members of `\d`, `\w` and `\s`, which are ASCII's alone to PCRE.
fn listed_class(class: char, in_class: bool) -> Option<&'static str> {
    Some(match (class, in_class) {
        ('d', true) => "0-9",
        ('d', false) => "[0-9]",
        ('w', true) => "0-9A-Za-z_",
        ('w', false) => "[0-9A-Za-z_]",
        ('s', true) => "\\t\\n\\x0b\\x0c\\r ",
        ('s', false) => "[\\t\\n\\x0b\\x0c\\r ]",
        ('D', false) => "[^0-9]",
        ('W', false) => "[^0-9A-Za-z_]",
        ('S', false) => "[^\\t\\n\\x0b\\x0c\\r ]",
        _ => return None,
    })
}

/// Whether the last `[` is the beginning of a `[:name:`.
fn has_open_name(written: &str) -> bool {
    written.rfind('[').is_some_and(|start| {
        let name = &written[start + 1..];
        name.len() > 2
            && name.starts_with(':')
            && name[1..name.len() - 1]
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'^')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(pattern: &str, text: &str) -> Option<Vec<String>> {
        let found = Pattern::new(pattern.to_owned(), false).captures(text.as_bytes()).unwrap();
        let shown = |group: &Vec<u8>| String::from_utf8_lossy(group).into_owned();
        found.map(|captures| captures.groups.iter().map(shown).collect())
    }

    #[test]
    fn groups_come_by_number_and_name() {
        assert_eq!(groups("^/a/(.*)$", "/a/b").unwrap(), ["/a/b", "b"]);
        assert_eq!(groups("^/(x)?(b)", "/b").unwrap(), ["/b", "", "b"]);
        assert_eq!(groups("^/a$", "/b"), None);
        let named = Pattern::new("^(?<Room>[^.]+)".to_owned(), false);
        let captures = named.captures(b"chat.test").unwrap().unwrap();
        assert_eq!(captures.names, [("room".to_owned(), b"chat".to_vec())]);
    }

    #[test]
    fn classes_are_read_as_pcre_reads_them() {
        assert!(groups("^[[a]$", "[").is_some());
        assert!(groups("^[]a]+$", "]a").is_some());
        assert!(groups("^[^]]$", "x").is_some());
        assert!(groups("^[a&&b]+$", "&a").is_some());
        assert!(groups("^[[:alpha:]_]+$", "a_").is_some());
        assert!(groups(r"^\/a\-b\.c$", "/a-b.c").is_some());
    }

    #[test]
    fn bytes_are_matched_one_by_one() {
        assert_eq!(groups("^/(.)(.)$", "/\u{e9}").unwrap().len(), 3);
        assert!(groups("^/.$", "/\u{e9}").is_none());
        assert!(groups("^/\u{e9}$", "/\u{e9}").is_some());
        assert!(groups("\\w$", "/\u{e9}").is_none());
        assert!(groups("(*UTF8)^/.$", "/\u{e9}").is_some());
        assert!(groups("^[\\d.]+\\s\\w+\\W$", "1.2 a_b-").is_some());
        assert!(Pattern::new("^.$".to_owned(), false).captures(b"\xff").unwrap().is_some());
    }

    #[test]
    fn what_looks_around_is_understood() {
        assert!(groups("^/(?!static/)", "/ws").is_some());
        assert!(groups("^/(?!static/)", "/static/x").is_none());
    }
}
