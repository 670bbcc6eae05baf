//! Files that are in memory and nowhere else, as in a browser.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::directories::Directories;
use super::files::{FileRead, Files};
use super::path::normalised;
use super::read::{ReadError, reject_binary};

/// Files by their paths.
#[derive(Debug, Default)]
pub struct InMemory {
    texts: FxHashMap<PathBuf, Vec<u8>>,
    directories: Directories,
}

impl InMemory {
    /// Puts a file there, in the place of one with the same path.
    pub fn add(&mut self, path: &Path, text: impl Into<Vec<u8>>) {
        let path = normalised(path);
        self.directories.add(&path);
        self.texts.insert(path, text.into());
    }
}

impl Files for InMemory {
    fn read(&self, path: &Path) -> Result<FileRead, ReadError> {
        let missing = || ReadError::Io {
            path: path.to_owned(),
            reason: io::Error::from(io::ErrorKind::NotFound),
        };
        let text = self.texts.get(&normalised(path)).ok_or_else(missing)?.clone();
        reject_binary(path, &text)?;
        Ok(FileRead { text, origin: Some(path.to_owned()) })
    }

    fn exists(&self, path: &Path) -> bool {
        self.texts.contains_key(&normalised(path))
    }

    fn is_named(&self, path: &Path) -> bool {
        self.exists(path)
    }

    fn is_directory(&self, path: &Path) -> bool {
        self.directories.contains(path)
    }

    fn leads_elsewhere(&self, _: &Path) -> bool {
        false
    }

    fn names_in(&self, folder: &Path, start: &str) -> Vec<OsString> {
        self.directories.names_in(folder, start)
    }

    fn shown(&self, path: &Path) -> String {
        path.display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Include, LoadOptions, load_from};

    #[test]
    fn includes_are_found_in_memory() {
        let mut files = InMemory::default();
        files.add(Path::new("conf.d/a.conf"), "server { }");
        files.add(Path::new("conf.d/b.conf"), "server { }");
        files.add(Path::new("conf.d/c.txt"), "");
        let main = b"events { } http { include conf.d/*.conf; include none.conf; }".to_vec();
        let options = LoadOptions::default();
        let path = Path::new("nginx.conf");
        let loaded = load_from(&files, "nginx.conf".to_owned(), Some(path), main, &options);
        let names: Vec<&str> =
            loaded.sources.iter().map(|(_, source)| source.name.as_str()).collect();
        assert_eq!(names, ["nginx.conf", "conf.d/a.conf", "conf.d/b.conf"]);
        let unreachable =
            loaded.includes().filter(|(_, it)| matches!(it, Include::Unreachable(_))).count();
        assert_eq!(unreachable, 1);
    }
}
