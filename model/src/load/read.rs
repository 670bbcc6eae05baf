//! Reading one file.

use std::fs::File;
use std::io::{self, Read};
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
    /// Whether there is no such file.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, ReadError::Io { reason, .. } if reason.kind() == io::ErrorKind::NotFound)
    }

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

/// The bytes of a regular file.
///
/// # Errors
/// When it cannot be read, is no regular file, or is not text.
pub fn read_file(path: &Path) -> Result<Vec<u8>, ReadError> {
    let io = |reason| ReadError::Io { path: path.to_owned(), reason };
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(ReadError::NotAFile { path: path.to_owned(), what: kind(&metadata) });
    }
    if metadata.len() > Span::MAX_LEN as u64 {
        return Err(ReadError::TooLarge { path: path.to_owned(), size: metadata.len() });
    }
    let mut text = Vec::with_capacity(metadata.len() as usize);
    // The size is known: without it `read_to_end` would ask for it again, for every file.
    // Files of the system, as below /proc, do not tell theirs.
    let size = if metadata.len() == 0 { Span::MAX_LEN as u64 } else { metadata.len() };
    File::open(path).and_then(|file| file.take(size).read_to_end(&mut text)).map_err(io)?;
    reject_binary(path, &text)?;
    Ok(text)
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

fn kind(metadata: &std::fs::Metadata) -> &'static str {
    if metadata.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return "a FIFO";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    "something else"
}
