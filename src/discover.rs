//! From the paths on the command line to configurations.
//!
//! A file that another one includes is checked as part of it, not twice: whole configurations are
//! read first, and what they include is taken from the list.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};
use wslint_grammar::Tree;
use wslint_rules::load::{LoadOptions, Loaded, ReadError, load, load_text, reject_binary};
use wslint_rules::resolve::is_whole;

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
    #[error("{} has no nginx configuration in it", .0.display())]
    NothingInFolder(PathBuf),
    /// Nothing came from standard input, so that nothing can be said of it.
    #[error("standard input is empty")]
    EmptyStdin,
    /// Standard input could not be read.
    #[error("cannot read standard input: {0}")]
    Stdin(std::io::Error),
}

/// What is to be checked.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    /// The configurations, in the order of their names.
    pub(crate) configurations: Vec<Loaded>,
    /// What could not be checked.
    pub(crate) errors: Vec<InputError>,
}

/// Reads everything that `paths` name.
pub(crate) fn discover(
    paths: &[PathBuf],
    stdin_filename: Option<&Path>,
    options: &LoadOptions,
) -> Inputs {
    let mut inputs = Inputs::default();
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut stdin_is_unread = true;
    for path in paths {
        if path == Path::new("-") {
            // It can be read once only.
            if std::mem::take(&mut stdin_is_unread) {
                match read_stdin(stdin_filename, options) {
                    Ok(loaded) => inputs.configurations.push(loaded),
                    Err(error) => inputs.errors.push(error),
                }
            }
        } else if path.is_dir() {
            let found = walk(path, &mut inputs.errors);
            if found.is_empty() {
                inputs.errors.push(InputError::NothingInFolder(path.clone()));
            }
            candidates.extend(found);
        } else {
            candidates.push(Candidate { path: path.clone(), named: true });
        }
    }
    read_candidates(candidates, options, &mut inputs);
    inputs.configurations.sort_by(|a, b| a.main().name.cmp(&b.main().name));
    inputs
}

/// A file that may be a configuration.
#[derive(Debug)]
struct Candidate {
    path: PathBuf,
    /// It was named on the command line, so that it is checked whatever is in it.
    named: bool,
}

impl Candidate {
    /// Files that are called like a main file are read first: what they include need not be looked
    /// at on its own.
    fn is_called_like_a_main_file(&self) -> bool {
        self.path.file_name().is_some_and(|name| name == "nginx.conf")
    }
}

fn read_candidates(mut candidates: Vec<Candidate>, options: &LoadOptions, inputs: &mut Inputs) {
    candidates.sort_by_key(|candidate| !candidate.is_called_like_a_main_file());
    let mut covered = Covered { nothing_else: candidates.len() == 1, ..Covered::default() };
    let mut wholes = Vec::new();
    let mut fragments = Vec::new();
    for candidate in candidates {
        if covered.contains(&candidate.path) {
            continue;
        }
        let loaded = match load(&candidate.path, options) {
            Ok(loaded) => loaded,
            // In a folder, what is no text is no configuration.
            Err(ReadError::NotText { .. }) if !candidate.named => continue,
            Err(error) => {
                inputs.errors.push(no_such_word(&candidate).unwrap_or(error.into()));
                continue;
            }
        };
        if !candidate.named && !looks_like_nginx(&loaded.main().tree) {
            continue;
        }
        if is_whole(&loaded.main().tree) {
            covered.add(&loaded, 0);
            wholes.push((candidate.path, loaded));
        } else {
            fragments.push((candidate.path, loaded));
        }
    }
    fragments.retain(|(path, _)| !covered.contains(path));
    inputs.configurations.extend(outermost(wholes));
    inputs.configurations.extend(outermost(fragments));
}

/// Leaves out what another one includes, and what is there twice. Of those that include each other
/// in a circle the first stays.
fn outermost(all: Vec<(PathBuf, Loaded)>) -> Vec<Loaded> {
    let nothing_else = all.len() == 1;
    let mut included = Covered { nothing_else, ..Covered::default() };
    for (_, loaded) in &all {
        included.add(loaded, 1);
    }
    let (inner, outer): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(path, _)| included.contains(path));
    let mut covered = Covered { nothing_else, ..Covered::default() };
    let mut kept = Vec::new();
    for (path, loaded) in outer.into_iter().chain(inner) {
        if !covered.contains(&path) {
            covered.add(&loaded, 0);
            kept.push(loaded);
        }
    }
    kept
}

/// What is said of a word on the command line that looks like a command and is no file.
fn no_such_word(candidate: &Candidate) -> Option<InputError> {
    const COMMANDS: [&str; 5] = ["check", "parse", "explain", "rules", "completions"];
    let word = candidate.path.to_str()?;
    let is_word = word.bytes().all(|byte| byte.is_ascii_lowercase());
    if !candidate.named || !is_word || candidate.path.symlink_metadata().is_ok() {
        return None;
    }
    let alike = |command: &&str| strsim::jaro_winkler(word, command) > 0.8;
    let nearest = COMMANDS.into_iter().find(alike);
    Some(InputError::NoSuchWord { word: word.to_owned(), nearest })
}

/// The files that are checked as a part of some configuration.
#[derive(Debug, Default)]
struct Covered {
    files: BTreeSet<Identity>,
    /// There is one candidate only: nobody will ask.
    nothing_else: bool,
}

impl Covered {
    /// Adds the files of a configuration, but for the first `skipped`.
    fn add(&mut self, loaded: &Loaded, skipped: usize) {
        if !self.nothing_else {
            let paths = loaded.sources.iter().skip(skipped);
            let paths = paths.filter_map(|(_, source)| source.path.as_deref());
            self.files.extend(paths.filter_map(identity));
        }
    }

    fn contains(&self, path: &Path) -> bool {
        !self.files.is_empty() && identity(path).is_some_and(|file| self.files.contains(&file))
    }
}

/// One name for a file, however it was reached: links are followed.
#[cfg(unix)]
pub(crate) type Identity = (u64, u64);
#[cfg(not(unix))]
pub(crate) type Identity = PathBuf;

#[cfg(unix)]
pub(crate) fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = path.metadata().ok()?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub(crate) fn identity(path: &Path) -> Option<Identity> {
    path.canonicalize().ok()
}

/// Reads standard input and what it includes.
///
/// # Errors
/// When it cannot be read, or is not text.
pub(crate) fn read_stdin(name: Option<&Path>, options: &LoadOptions) -> Result<Loaded, InputError> {
    let mut text = Vec::new();
    std::io::stdin().lock().read_to_end(&mut text).map_err(InputError::Stdin)?;
    let shown = name.map_or("<stdin>".to_owned(), |name| name.display().to_string());
    if text.is_empty() {
        return Err(InputError::EmptyStdin);
    }
    reject_binary(Path::new(&shown), &text)?;
    Ok(load_text(shown, name, text, options))
}

/// The files of a folder that are called like nginx configurations, sorted by name.
fn walk(folder: &Path, errors: &mut Vec<InputError>) -> Vec<Candidate> {
    let walker = WalkDir::new(folder).sort_by_file_name().into_iter();
    let mut candidates = Vec::new();
    for entry in walker.filter_entry(is_worth_a_look) {
        match entry {
            Ok(entry) if is_called_like_nginx(entry.path()) && may_be_a_file(entry.path()) => {
                // Included files are named without `./` too.
                let path = entry.path().strip_prefix(".").unwrap_or(entry.path());
                candidates.push(Candidate { path: path.to_owned(), named: false });
            }
            Ok(_) => {}
            Err(error) => errors.push(InputError::Folder {
                path: error.path().unwrap_or(folder).display().to_string(),
                reason: error.io_error().map_or_else(|| error.to_string(), ToString::to_string),
            }),
        }
    }
    candidates
}

/// Whether something is a file, or a link that leads nowhere, which is to be told.
fn may_be_a_file(path: &Path) -> bool {
    path.metadata().map_or(true, |metadata| metadata.is_file())
}

/// Folders in which nobody keeps configurations of his own are not walked.
fn is_worth_a_look(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let hidden = name.starts_with('.') && name.len() > 1 && entry.depth() > 0;
    let foreign = matches!(name.as_ref(), "node_modules" | "target" | "vendor");
    !(entry.file_type().is_dir() && (hidden || foreign && entry.depth() > 0))
}

fn is_called_like_nginx(path: &Path) -> bool {
    const EXTENSIONS: [&str; 4] = ["conf", "nginx", "nginxconf", "vhost"];
    const FOLDERS: [&str; 4] = ["sites-enabled", "sites-available", "snippets", "conf.d"];
    let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let extension = path.extension().and_then(|extension| extension.to_str());
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    !hidden
        && (extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
            || extension.is_none() && folder.is_some_and(|folder| FOLDERS.contains(&folder)))
}

/// Whether the directives at the top of a file are mostly nginx's: many programs have `.conf`
/// files.
fn looks_like_nginx(tree: &Tree) -> bool {
    let (mut known, mut all) = (0usize, 0usize);
    for directive in tree.top_level() {
        all += 1;
        known += usize::from(directive.id().is_some());
    }
    known * 2 > all
}

#[cfg(test)]
mod tests {
    use wslint_grammar::parse;

    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        for path in ["nginx.conf", "a/site.vhost", "etc/sites-enabled/default", "x/conf.d/y"] {
            assert!(is_called_like_nginx(Path::new(path)), "{path}");
        }
        for path in ["README", "a/.hidden.conf", "conf.d/a.md", "main.rs"] {
            assert!(!is_called_like_nginx(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn configurations_of_other_programs_are_told_apart() {
        let looks = |text: &str| looks_like_nginx(&parse(text.as_bytes().to_vec()));
        assert!(looks("server { listen 80; }"));
        assert!(looks("include x; upstream b { server a; }"));
        assert!(!looks("[supervisord]\nnodaemon=true\nuser=root\n"));
        assert!(!looks("<VirtualHost *:80>\nServerName x\n</VirtualHost>\n"));
        assert!(!looks("bind 127.0.0.1\nport 6379\n"));
        assert!(!looks(""));
    }
}
