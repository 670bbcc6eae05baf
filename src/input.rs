//! Reading what is to be checked: a file or standard input, each a configuration, a fragment of
//! one, or the output of `nginx -T`.

use std::io::Read;
use std::path::{Path, PathBuf};

use wslint_model::load::dump::{Text, recognise};
use wslint_model::load::{LoadOptions, Loaded, ReadError, load_text, read_file, reject_binary};

/// Why a path on the command line could not be checked. The others still are.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// The file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A word that is neither a file nor a command.
    #[error("there is no file or command called `{word}`{}", .nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default())]
    NoSuchWord {
        /// The word.
        word: String,
        /// The command that it is most like.
        nearest: Option<&'static str>,
    },
    /// A folder could not be walked.
    #[error("cannot look into {path}: {reason}")]
    Folder {
        /// The folder.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// A folder holds no configuration.
    #[error("{} has no nginx configuration in it{}", .folder.display(), if *.ignores { " that .gitignore and .ignore let through; --no-ignores looks at the others too" } else { "" })]
    NothingInFolder {
        /// The folder.
        folder: PathBuf,
        /// There is some, but it is ignored.
        ignores: bool,
    },
    /// Nothing came from standard input, so that nothing can be said of it.
    #[error("standard input is empty")]
    EmptyStdin,
    /// Standard input could not be read.
    #[error("cannot read standard input: {0}")]
    Stdin(std::io::Error),
    /// `nginx -T` printed no configuration, but said why.
    #[error("{name} has no configuration in it; nginx said: {message}")]
    OnlyMessages {
        /// The file.
        name: String,
        /// What nginx said.
        message: String,
    },
}

/// Reads the file at `path` and what it includes. It is one configuration, but for the output of
/// `nginx -T` that somebody has shortened.
///
/// # Errors
/// When it cannot be read, is not text, or is nothing but messages of nginx.
pub(crate) fn read_path(path: &Path, options: &LoadOptions) -> Result<Vec<Loaded>, InputError> {
    let text = read_file(path)?;
    configurations(path.display().to_string(), Some(path), text, options)
}

/// Reads standard input and what it includes. `name` is what it is called, and where its includes
/// are looked for.
///
/// # Errors
/// As [`read_path`], and when it is empty.
pub(crate) fn read_stdin(
    name: Option<&Path>,
    options: &LoadOptions,
) -> Result<Vec<Loaded>, InputError> {
    let mut text = Vec::new();
    std::io::stdin().lock().read_to_end(&mut text).map_err(InputError::Stdin)?;
    let shown = name.map_or("<stdin>".to_owned(), |name| name.display().to_string());
    if text.is_empty() {
        return Err(InputError::EmptyStdin);
    }
    reject_binary(Path::new(&shown), &text)?;
    configurations(shown, name, text, options)
}

fn configurations(
    name: String,
    path: Option<&Path>,
    text: Vec<u8>,
    options: &LoadOptions,
) -> Result<Vec<Loaded>, InputError> {
    match recognise(text) {
        Text::Plain(text) => Ok(vec![load_text(name, path, text, options)]),
        Text::Dump(dump) => Ok(dump.load(options)),
        Text::Messages(message) => Err(InputError::OnlyMessages { name, message }),
    }
}
