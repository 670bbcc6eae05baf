//! Where each file of a dump begins and ends.
//!
//! A file may have a comment that looks like one of nginx's headers. nginx prints a name once, and
//! only of a file that a file before it includes: what does not fit is taken for a comment.

use std::ops::Range;
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::DumpedFile;
use super::header::{Header, candidates, is_absolute};
use crate::load::is_whole;
use crate::load::path::{normalised, path_from};
use crate::text::glob;

/// How many patterns for one folder are tried.
const MOST_PATTERNS: usize = 1000;

/// The files of a dump whose first header is `first`.
pub(super) fn split(text: &[u8], first: Header) -> Vec<DumpedFile> {
    let main = path_from(&text[first.name.clone()]).into_owned();
    let folder = main.parent().unwrap_or(Path::new("")).to_owned();
    let mut included = Included::new(folder.clone());
    let mut printed: FxHashSet<&[u8]> = FxHashSet::default();
    printed.insert(&text[first.name.clone()]);
    let mut headers = vec![first];
    let mut looked_at = headers[0].line.end;
    let mut begins_with_main_file = None;
    for header in candidates(text, looked_at) {
        let name = &text[header.name.clone()];
        let path = path_from(name);
        if !(is_absolute(name) || path.starts_with(&folder)) || printed.contains(name) {
            continue;
        }
        let before = &text[looked_at..header.line.start];
        let whole = *begins_with_main_file
            .get_or_insert_with(|| is_whole(&wslint_grammar::parse(before.to_owned())));
        included.add_all_in(before);
        looked_at = header.line.end;
        // What somebody has cut out of a dump may include nothing of the rest.
        if !whole || included.has(&path) {
            printed.insert(name);
            headers.push(header);
        }
    }
    let mut files = Vec::with_capacity(headers.len());
    for (number, header) in headers.iter().enumerate() {
        let end = headers.get(number + 1).map_or(text.len(), |next| next.line.start);
        files.push(DumpedFile {
            path: path_from(&text[header.name.clone()]).into_owned(),
            text: without_line_feed(text, header.line.end..end, header.has_cr),
        });
    }
    files
}

/// The text of a file without the line feed that nginx prints behind it.
fn without_line_feed(text: &[u8], range: Range<usize>, has_cr: bool) -> Range<usize> {
    let file = &text[range.clone()];
    let ending: &[u8] = if has_cr && file.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
    let end = if file.ends_with(ending) { range.end - ending.len() } else { range.end };
    range.start..end
}

/// What the files so far include.
struct Included {
    folder: PathBuf,
    paths: FxHashSet<PathBuf>,
    /// Patterns by the folder that they look in, or without one when it is a pattern itself.
    patterns: FxHashMap<Option<PathBuf>, FxHashSet<PathBuf>>,
}

impl Included {
    fn new(folder: PathBuf) -> Self {
        Self { folder, paths: FxHashSet::default(), patterns: FxHashMap::default() }
    }

    /// Adds what a stretch of text includes. That a comment or a text in quotes may seem to
    /// include something does no harm: it is asked only of files that claim to be there.
    fn add_all_in(&mut self, text: &[u8]) {
        for at in memchr::memmem::find_iter(text, b"include") {
            let starts_word = at == 0 || b" \t\r\n;{}".contains(&text[at - 1]);
            let rest = &text[at + b"include".len()..];
            if starts_word && rest.first().is_some_and(u8::is_ascii_whitespace) {
                self.add(word(rest));
            }
        }
    }

    fn add(&mut self, written: &[u8]) {
        let path = normalised(&self.folder.join(path_from(written)));
        if !glob::is_pattern(written) {
            self.paths.insert(path);
            return;
        }
        let is_plain = |folder: &&Path| !glob::is_pattern(folder.as_os_str().as_encoded_bytes());
        let folder = path.parent().filter(is_plain).map(Path::to_owned);
        self.patterns.entry(folder).or_default().insert(path);
    }

    /// Whether they seem to include a file. Of more patterns than anybody has, none is tried: that
    /// would take as long as there are pairs of them and files.
    fn has(&self, path: &Path) -> bool {
        let path = normalised(path);
        if self.paths.contains(&path) {
            return true;
        }
        let here = self.patterns.get(&path.parent().map(Path::to_owned));
        let anywhere = self.patterns.get(&None);
        let mut sets = here.into_iter().chain(anywhere);
        sets.any(|patterns| {
            patterns.len() > MOST_PATTERNS || patterns.iter().any(|pattern| matches(pattern, &path))
        })
    }
}

/// The word that a text begins with, behind blanks.
fn word(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    let (text, end): (&[u8], &[u8]) = match text {
        [b'"', rest @ ..] => (rest, b"\""),
        [b'\'', rest @ ..] => (rest, b"'"),
        _ => (text, b" \t\r\n;"),
    };
    let length = text.iter().position(|byte| end.contains(byte)).unwrap_or(text.len());
    &text[..length]
}

/// Whether a pattern matches a path, name by name.
fn matches(pattern: &Path, path: &Path) -> bool {
    pattern.components().count() == path.components().count()
        && pattern.components().zip(path.components()).all(|(pattern, name)| {
            let bytes = |it: std::path::Component<'_>| it.as_os_str().as_encoded_bytes().to_owned();
            glob::matches(&bytes(pattern), &bytes(name))
        })
}
