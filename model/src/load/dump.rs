//! The output of `nginx -T`: all files of a configuration in one text.
//!
//! nginx prints `# configuration file NAME:`, the bytes of the file and a line feed, for each file
//! in the order in which it first opened them, and each name once (`main` in src/core/nginx.c,
//! `ngx_conf_add_dump`). Its messages, which go to standard error, come before that.

mod header;
mod named;

use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::directories::Directories;
use super::files::{FileRead, Files};
use super::include::Resolver;
use super::loaded::Loaded;
use super::options::LoadOptions;
use super::outer::is_whole;
use super::path::normalised;
use super::read::{ReadError, reject_binary};
use crate::source::Source;

/// What a text turned out to be.
#[derive(Debug)]
pub enum Text {
    /// No output of `nginx -T`: the text as it was.
    Plain(Vec<u8>),
    /// The files that nginx printed.
    Dump(Dump),
    /// Only messages of nginx, of which this is the one that says why there is nothing else.
    Messages(String),
}

/// The files of a text that `nginx -T` printed.
#[derive(Debug)]
pub struct Dump {
    text: Vec<u8>,
    /// The files in nginx's order; the main file is the first.
    files: Vec<DumpedFile>,
    by_path: FxHashMap<PathBuf, usize>,
    folders: Directories,
}

/// One file of a dump.
#[derive(Debug)]
struct DumpedFile {
    /// Its path as nginx printed it.
    path: PathBuf,
    /// Its bytes within the dump.
    text: Range<usize>,
}

/// Finds out whether a text is the output of `nginx -T`.
pub fn recognise(text: Vec<u8>) -> Text {
    match header::opening(&text) {
        header::Opening::Other => Text::Plain(text),
        header::Opening::Messages(last) => Text::Messages(last),
        header::Opening::Header(first) => {
            let files = named::split(&text, first);
            Text::Dump(Dump::new(text, files))
        }
    }
}

impl Dump {
    fn new(text: Vec<u8>, files: Vec<DumpedFile>) -> Self {
        let mut by_path = FxHashMap::default();
        let mut folders = Directories::default();
        for (number, file) in files.iter().enumerate() {
            let path = normalised(&file.path);
            // Of several spellings of one path the first counts: the bytes are the same.
            by_path.entry(path.clone()).or_insert(number);
            folders.add(&path);
        }
        Self { text, files, by_path, folders }
    }

    /// The configurations in it: the main file with what it includes, and what a shortened dump
    /// has besides.
    pub fn load(&self, options: &LoadOptions) -> Vec<Loaded> {
        let mut reached: FxHashSet<String> = FxHashSet::default();
        let mut all = Vec::new();
        for file in &self.files {
            if reached.contains(&self.shown(&file.path)) {
                continue;
            }
            let loaded = self.load_from(file, options);
            if !options.ignore_includes {
                reached.extend(loaded.sources.iter().map(|(_, source)| source.name.clone()));
            }
            all.push(loaded);
        }
        all
    }

    fn load_from(&self, main: &DumpedFile, options: &LoadOptions) -> Loaded {
        let text = self.text[main.text.clone()].to_owned();
        let source = Source::new(self.shown(&main.path), None, text);
        let resolver = Resolver::in_dump(&main.path, is_whole(&source.tree));
        let loaded = Loaded { is_dump: true, ..Loaded::of(source) };
        if options.ignore_includes {
            loaded
        } else {
            loaded.follow(Some(&main.path), &resolver, self)
        }
    }

    fn get(&self, path: &Path) -> Option<&DumpedFile> {
        self.by_path.get(&normalised(path)).map(|&number| &self.files[number])
    }
}

impl Files for Dump {
    fn read(&self, path: &Path) -> Result<FileRead, ReadError> {
        let file = self.get(path).ok_or_else(|| ReadError::NotInDump(path.to_owned()))?;
        let text = self.text[file.text.clone()].to_owned();
        reject_binary(path, &text)?;
        Ok(FileRead { text, origin: None })
    }

    fn exists(&self, path: &Path) -> bool {
        self.get(path).is_some()
    }

    fn is_named(&self, path: &Path) -> bool {
        self.exists(path)
    }

    fn is_directory(&self, path: &Path) -> bool {
        self.folders.contains(path)
    }

    fn names_in(&self, folder: &Path, start: &str) -> Vec<OsString> {
        self.folders.names_in(folder, start)
    }

    fn shown(&self, path: &Path) -> String {
        self.get(path).map_or(path, |file| &file.path).display().to_string()
    }

    fn leads_elsewhere(&self, _: &Path) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(text: &[u8]) -> Dump {
        match recognise(text.to_owned()) {
            Text::Dump(dump) => dump,
            other => panic!("{other:?}"),
        }
    }

    /// The files of a dump, and their texts.
    fn files(text: &[u8]) -> Vec<(String, String)> {
        let dump = dump(text);
        let shown = |file: &DumpedFile| {
            let text = String::from_utf8_lossy(&dump.text[file.text.clone()]).into_owned();
            (file.path.display().to_string(), text)
        };
        dump.files.iter().map(shown).collect()
    }

    fn pairs(files: &[(String, String)]) -> Vec<(&str, &str)> {
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
    }

    #[test]
    fn one_line_feed_behind_each_file_is_nginxs() {
        let text = b"# configuration file /n/nginx.conf:\ninclude *.conf;\n\n\
            # configuration file /n/a.conf:\ngzip on;\n\
            # configuration file /n/b.conf:\n\n\
            # configuration file /n/c.conf:\na 1;\r\n\r\n\n";
        let files = files(text);
        assert_eq!(
            pairs(&files),
            [
                ("/n/nginx.conf", "include *.conf;\n"),
                ("/n/a.conf", "gzip on;"),
                ("/n/b.conf", ""),
                ("/n/c.conf", "a 1;\r\n\r\n"),
            ]
        );
    }

    #[test]
    fn a_terminal_makes_two_characters_of_each_line_feed() {
        let text = b"nginx: configuration file /n/nginx.conf test is successful\r\n\
            # configuration file /n/nginx.conf:\r\ninclude a;\r\n\r\n\
            # configuration file /n/a:\r\ngzip on;\r\n";
        let files = files(text);
        assert_eq!(pairs(&files), [("/n/nginx.conf", "include a;\r\n"), ("/n/a", "gzip on;")]);
    }

    #[test]
    fn a_comment_of_a_file_is_no_header() {
        let text = b"# configuration file /n/nginx.conf:\n\
            # configuration file /n/other.conf:\n\
            events {}\n\
            # configuration file /n/nginx.conf:\n\
            include a;\n\n\
            # configuration file /n/a:\ngzip on;\n\
            # configuration file a:\n\n";
        let files = files(text);
        assert_eq!(files.len(), 2, "{files:?}");
        assert!(files[0].1.ends_with("include a;\n"), "{files:?}");
        assert_eq!(files[1].1, "gzip on;\n# configuration file a:\n");
    }

    #[test]
    fn files_of_a_shortened_dump_are_kept_apart() {
        let text = b"# configuration file /n/conf.d/a.conf:\nserver {}\n\n\
            # configuration file /n/conf.d/b.conf:\nserver {}\n\n";
        let loaded = dump(text).load(&LoadOptions::default());
        let names: Vec<_> = loaded.iter().map(|it| it.main().name.as_str()).collect();
        assert_eq!(names, ["/n/conf.d/a.conf", "/n/conf.d/b.conf"]);
    }

    proptest::proptest! {
        #[test]
        fn every_file_comes_back(texts in proptest::collection::vec("[a-z{};# \r\n\u{fc}]{0,40}", 0..6)) {
            let mut written = b"# configuration file /n/nginx.conf:\ninclude *;".to_vec();
            for (number, text) in texts.iter().enumerate() {
                written.extend(format!("\n# configuration file /n/{number}:\n{text}").bytes());
            }
            written.push(b'\n');
            let files = files(&written);
            proptest::prop_assert_eq!(files.len(), texts.len() + 1);
            for (file, text) in files[1..].iter().zip(&texts) {
                proptest::prop_assert_eq!(&file.1, text);
            }
        }

        #[test]
        fn no_text_is_too_much(text in "((nginx: |# configuration file |/a|/n/\\[|\\*:|\r|\n|:|include |;|http|\\{|\\})){0,40}") {
            if let Text::Dump(dump) = recognise(text.into_bytes()) {
                dump.load(&LoadOptions::default());
            }
        }
    }

    #[test]
    fn includes_lead_to_files_of_the_dump() {
        let text = b"# configuration file /n/nginx.conf:\n\
            http { include conf.d/[ab].conf; include /m/../m/x; include gone; }\n\n\
            # configuration file /n/conf.d/a.conf:\n\n\
            # configuration file /n/conf.d/b.conf:\ninclude snippets/s;\n\n\
            # configuration file /n/snippets/s:\n\n\
            # configuration file /m/../m/x:\n\n";
        let all = dump(text).load(&LoadOptions::default());
        let [loaded] = &all[..] else { panic!("{all:?}") };
        let names: Vec<_> = loaded.sources.iter().map(|(_, source)| source.name.as_str()).collect();
        assert_eq!(
            names,
            ["/n/nginx.conf", "/n/conf.d/a.conf", "/n/conf.d/b.conf", "/m/../m/x", "/n/snippets/s"]
        );
        assert!(loaded.is_dump);
        let unreachable = loaded.includes().filter(
            |(_, include)| matches!(include, crate::load::Include::Unreachable(it) if it.elsewhere),
        );
        assert_eq!(unreachable.count(), 1);
    }
}
