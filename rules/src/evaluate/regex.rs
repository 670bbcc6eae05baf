//! Regular expressions as nginx's PCRE reads them, in the engine that we have.

use std::sync::OnceLock;

use super::Value;

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

impl Captures {
    /// The group with that number, empty when there is none.
    pub fn group(&self, number: u8) -> Value {
        Value::Known(self.groups.get(usize::from(number)).cloned().unwrap_or_default())
    }
}

impl Pattern {
    /// A pattern that is not compiled yet.
    pub fn new(text: String, ignores_case: bool) -> Self {
        Self { text, ignores_case, compiled: OnceLock::new() }
    }

    fn compiled(&self) -> Option<&fancy_regex::Regex> {
        let compile = || {
            let flags = if self.ignores_case { "(?i)" } else { "" };
            fancy_regex::Regex::new(&format!("{flags}{}", translated(&self.text))).ok()
        };
        self.compiled.get_or_init(compile).as_ref()
    }

    /// Whether it matches; `None` when the pattern or the text is beyond the engine.
    pub fn is_match(&self, text: &[u8]) -> Option<bool> {
        self.compiled()?.is_match(std::str::from_utf8(text).ok()?).ok()
    }

    /// What it captures, or `Some(None)` when it does not match; `None` when the pattern or the
    /// text is beyond the engine.
    pub fn captures(&self, text: &[u8]) -> Option<Option<Captures>> {
        let regex = self.compiled()?;
        let Some(found) = regex.captures(std::str::from_utf8(text).ok()?).ok()? else {
            return Some(None);
        };
        let bytes = |group: Option<fancy_regex::Match<'_>>| {
            group.map_or(Vec::new(), |group| group.as_str().as_bytes().to_vec())
        };
        let groups = (0..found.len()).map(|number| bytes(found.get(number))).collect();
        let names = regex.capture_names().flatten();
        let names = names.map(|name| (name.to_ascii_lowercase(), bytes(found.name(name))));
        Some(Some(Captures { groups, names: names.collect() }))
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
    fn what_looks_around_is_understood() {
        assert!(groups("^/(?!static/)", "/ws").is_some());
        assert!(groups("^/(?!static/)", "/static/x").is_none());
    }
}
