//! Why a file could not be read.

use std::io;
use std::path::{Path, PathBuf};

use wslint_grammar::Span;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system said no.
    #[error("cannot read {}: {}", .path.display(), io_reason(.reason))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// A folder, FIFO, socket or device: reading it could wait for ever.
    #[error("cannot read {}: it is {what}, not a file{}", .path.display(), stdin_hint(.what))]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it is instead.
        what: &'static str,
    },
    /// Bytes that are no text: a NUL is among the first.
    #[error("{} is not text: byte {offset} is NUL", .path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// Where the first NUL is.
        offset: usize,
    },
    /// An included file that the output of `nginx -T` does not have.
    #[error("{} is not in the output of `nginx -T`", .0.display())]
    NotInDump(PathBuf),
    /// Larger than spans can tell.
    #[error("{} is too large: {size} bytes, and at most {} can be read", .path.display(), Span::MAX_LEN)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
    },
}

impl ReadError {
    /// The reason alone, without the path.
    pub fn reason(&self) -> String {
        match self {
            ReadError::Io { reason, .. } => io_reason(reason),
            ReadError::NotAFile { what, .. } => format!("it is {what}, not a file"),
            ReadError::NotText { .. } => "it is not text".to_owned(),
            ReadError::NotInDump(_) => "it is not in this output of `nginx -T`".to_owned(),
            ReadError::TooLarge { .. } => "it is too large".to_owned(),
        }
    }
}

/// People who pass a pipe by its name mean standard input.
fn stdin_hint(what: &str) -> &'static str {
    if what == "a FIFO" { "; `-` is standard input" } else { "" }
}

/// What the system said, without the number that says nothing to people.
fn io_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// Refuses what is no text, or too long to be pointed at.
///
/// # Errors
/// When there is a NUL among the first bytes of `text`, or when it is too large.
pub fn reject_binary(path: &Path, text: &[u8]) -> Result<(), ReadError> {
    if text.len() > Span::MAX_LEN {
        return Err(ReadError::TooLarge { path: path.to_owned(), size: text.len() as u64 });
    }
    match memchr::memchr(0, &text[..text.len().min(8192)]) {
        Some(offset) => Err(ReadError::NotText { path: path.to_owned(), offset }),
        None => Ok(()),
    }
}
