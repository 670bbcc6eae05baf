//! From the paths on the command line to configurations.
//!
//! A file that another one includes is checked as part of it, not twice: whole configurations are
//! read first, and what they include is taken from the list.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};
use wslint_grammar::Tree;
use wslint_rules::load::{LoadOptions, Loaded, ReadError, load, load_text};
use wslint_rules::resolve::is_whole;

/// Why a path on the command line could not be checked. The others still are.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// The file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
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
    for path in paths {
        if path == Path::new("-") {
            match read_stdin(stdin_filename, options) {
                Ok(loaded) => inputs.configurations.push(loaded),
                Err(error) => inputs.errors.push(error),
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
                inputs.errors.push(error.into());
                continue;
            }
        };
        if !candidate.named && !looks_like_nginx(&loaded.main().tree) {
            continue;
        }
        if is_whole(&loaded.main().tree) {
            covered.add(&loaded, 0);
            inputs.configurations.push(loaded);
        } else {
            fragments.push((candidate.path, loaded));
        }
    }
    // A fragment may include another one too.
    for (_, fragment) in &fragments {
        covered.add(fragment, 1);
    }
    for (path, fragment) in fragments {
        if !covered.contains(&path) {
            covered.add(&fragment, 0);
            inputs.configurations.push(fragment);
        }
    }
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
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = path.metadata().ok()?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    path.canonicalize().ok()
}

fn read_stdin(name: Option<&Path>, options: &LoadOptions) -> Result<Loaded, InputError> {
    let mut text = Vec::new();
    std::io::stdin().lock().read_to_end(&mut text).map_err(InputError::Stdin)?;
    let shown = name.map_or("<stdin>".to_owned(), |name| name.display().to_string());
    Ok(load_text(shown, name, text, options))
}

/// The files of a folder that are called like nginx configurations, sorted by name.
fn walk(folder: &Path, errors: &mut Vec<InputError>) -> Vec<Candidate> {
    let walker = WalkDir::new(folder).sort_by_file_name().into_iter();
    let mut candidates = Vec::new();
    for entry in walker.filter_entry(is_worth_a_look) {
        match entry {
            Ok(entry) if is_called_like_nginx(entry.path()) && entry.path().is_file() => {
                candidates.push(Candidate { path: entry.into_path(), named: false });
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
