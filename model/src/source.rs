//! The files of a configuration, each read and parsed once.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use wslint_grammar::{Directive, LineIndex, Position, Span, Tree, parse};

/// The number of a file in its [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

impl FileId {
    /// The number, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A span together with the file that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// Where in the file.
    pub span: Span,
}

/// One directive of one of the files: eight bytes to store, [`Sources::directive`] to look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DirectiveRef {
    /// The file.
    pub file: FileId,
    /// [`Directive::index`] in that file's tree.
    pub index: u32,
}

/// A file and what it says.
#[derive(Debug)]
pub struct Source {
    /// How the file is called in reports: as it was given, or relative to the working folder.
    pub name: String,
    /// Where it was read from; `None` for standard input.
    pub path: Option<PathBuf>,
    /// Its tree.
    pub tree: Tree,
    lines: OnceLock<LineIndex>,
}

impl Source {
    /// Parses `text`.
    pub fn new(name: String, path: Option<PathBuf>, text: Vec<u8>) -> Self {
        Self { name, path, tree: parse(text), lines: OnceLock::new() }
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        let lines = self.lines.get_or_init(|| self.tree.line_index());
        lines.position(self.tree.text(), offset)
    }

    /// The line table, made when it is first asked for.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| self.tree.line_index())
    }
}

/// All files of one configuration.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a file.
    pub fn push(&mut self, source: Source) -> FileId {
        self.files.push(source);
        FileId(self.files.len() as u32 - 1)
    }

    /// The file with that number.
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.index()]
    }

    /// All files, the main one first.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(index, source)| (FileId(index as u32), source))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file at all.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The directive behind a reference.
    pub fn directive(&self, reference: DirectiveRef) -> Directive<'_> {
        self.get(reference.file).tree.directive(reference.index)
    }

    /// The file that was read from `path`, if it was.
    pub fn by_path(&self, path: &Path) -> Option<FileId> {
        self.iter().find(|(_, source)| source.path.as_deref() == Some(path)).map(|(file, _)| file)
    }
}
