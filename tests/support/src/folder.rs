//! A folder of configuration files, held in memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use super::files::files_below;

/// The name of the main file unless a test says otherwise.
pub const MAIN: &str = "nginx.conf";

/// Configuration files by their path relative to the folder of the main file.
///
/// `@LISTEN@` stands for an address nginx may listen on, `@BACKEND@` for the
/// backend's address and `@PREFIX@` for the folder nginx runs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The file nginx is started with.
    pub main: String,
    /// Every file, the main one included.
    pub files: BTreeMap<String, String>,
}

impl Folder {
    /// A folder with only a main file.
    pub fn new(text: &str) -> Self {
        Self { main: MAIN.to_owned(), files: BTreeMap::from([(MAIN.to_owned(), text.to_owned())]) }
    }

    /// Adds a file.
    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    /// Reads a fixture from disk: all files beside and below `main`.
    pub fn read(main: &Path) -> io::Result<Self> {
        let name = main.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let root = main.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let mut files = BTreeMap::new();
        for path in files_below(root)? {
            let relative = path.strip_prefix(root).map_err(io::Error::other)?;
            // A file that is not UTF-8 is no text to rewrite; nginx would
            // still read it, so better to fail than to leave it out.
            files.insert(relative.to_string_lossy().into_owned(), fs::read_to_string(&path)?);
        }
        Ok(Self { main: name.to_string_lossy().into_owned(), files })
    }

    /// Writes the files below `root`.
    pub fn write(&self, root: &Path) -> io::Result<()> {
        for (path, text) in &self.files {
            let path = root.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, text)?;
        }
        Ok(())
    }

    /// The same folder with every file's text passed through `change`.
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        let files = self.files.iter();
        Self {
            main: self.main.clone(),
            files: files.map(|(path, text)| (path.clone(), change(text))).collect(),
        }
    }
}

impl From<&str> for Folder {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Folder {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}
