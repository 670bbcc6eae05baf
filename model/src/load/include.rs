//! Which files an `include` means.
//!
//! nginx resolves a relative path against the folder of the *main* file, not of the including
//! one, expands a pattern in sorted order, takes a pattern that matches nothing for an empty
//! list, and refuses a plain path that is not there (`ngx_conf_include`, `ngx_conf_full_name`).

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use wslint_grammar::Directive;

use super::files::Files;
use super::glob;
use super::options::LoadOptions;
use super::path::{normalised, path_from};
use crate::source::FileId;
use crate::text::glob::is_pattern;

/// What an `include` brings in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Include {
    /// These files, in this order; none for a pattern that matches nothing.
    Files(Vec<FileId>),
    /// It cannot be opened here, so what it would bring in is unknown.
    Unreachable(Unreachable),
}

impl Include {
    /// The files that could be opened, in order.
    pub fn files(&self) -> &[FileId] {
        match self {
            Include::Files(files) => files,
            Include::Unreachable(unreachable) => &unreachable.others,
        }
    }
}

/// Why an included file could not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// The path that was tried.
    pub path: PathBuf,
    /// Why it could not be read.
    pub reason: String,
    /// The folder that it should be in is there, so that the rest of the configuration seems to
    /// be complete.
    pub folder_exists: bool,
    /// It is an absolute path that nothing maps to a place here, or a template has yet to put a
    /// value into it.
    pub elsewhere: bool,
    /// The files that the same pattern matches and that could be opened.
    pub others: Vec<FileId>,
}

/// The files that an `include` asks for, before they are read.
pub(super) enum Target {
    /// The files that match, and whether there is a folder to look for them in.
    Pattern {
        paths: Vec<PathBuf>,
        folder_exists: bool,
    },
    Plain {
        path: PathBuf,
        elsewhere: bool,
    },
}

impl Target {
    pub(super) fn paths(&self) -> &[PathBuf] {
        match self {
            Target::Pattern { paths, .. } => paths,
            Target::Plain { path, .. } => std::slice::from_ref(path),
        }
    }

    /// Whether it is a pattern for a folder that is not here: what nginx finds there, where it
    /// runs, is unknown.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Target::Pattern { folder_exists: false, .. })
    }

    pub(super) fn into_include(
        self,
        known: &FxHashMap<PathBuf, FileId>,
        unreadable: &FxHashMap<PathBuf, String>,
        place: &dyn Files,
    ) -> Include {
        let files = self.paths().iter().filter_map(|path| known.get(path).copied()).collect();
        match self.paths().iter().find(|&path| !known.contains_key(path)) {
            None => Include::Files(files),
            Some(path) => Include::Unreachable(Unreachable {
                path: path.clone(),
                reason: unreadable.get(path).cloned().unwrap_or_default(),
                folder_exists: path
                    .parent()
                    .is_some_and(|folder| folder != Path::new("") && place.is_directory(folder)),
                elsewhere: matches!(self, Target::Plain { elsewhere: true, .. })
                    || place.leads_elsewhere(path),
                others: files,
            }),
        }
    }
}

/// Folders that nginx's packages keep configurations in.
const USUAL_FOLDERS: [&str; 5] = [
    "/etc/nginx",
    "/usr/local/nginx/conf",
    "/usr/local/etc/nginx",
    "/opt/homebrew/etc/nginx",
    "/usr/local/openresty/nginx/conf",
];

pub(super) struct Resolver {
    /// Folders that a relative path is tried against.
    bases: Vec<PathBuf>,
    prefixes: Vec<(PathBuf, PathBuf)>,
    /// Nothing is missing: what is not here is somewhere else.
    is_part: bool,
}

impl Resolver {
    /// Finds the files that `main` includes on this machine. A configuration that is kept in a
    /// repository names the place where it will be used.
    pub(super) fn new(main: &Path, whole: bool, options: &LoadOptions) -> Self {
        let folder = main.parent().unwrap_or(Path::new("")).to_owned();
        let mut prefixes = options.prefixes.clone();
        let absolute = std::path::absolute(&folder).unwrap_or_else(|_| folder.clone());
        for usual in USUAL_FOLDERS {
            if !absolute.starts_with(usual) {
                let here = if whole { folder.clone() } else { fragment_root(&folder, &absolute) };
                prefixes.push((PathBuf::from(usual), here));
            }
        }
        Self { bases: bases(folder, whole), prefixes, is_part: false }
    }

    /// Where absolute paths are found, the first that fits before the others.
    pub(super) fn prefixes(&self) -> &[(PathBuf, PathBuf)] {
        &self.prefixes
    }

    /// Finds the files that `main` includes among those of a dump, where every path is the one
    /// that nginx opened.
    pub(super) fn in_dump(main: &Path, whole: bool) -> Self {
        let folder = main.parent().unwrap_or(Path::new("")).to_owned();
        Self { bases: bases(folder, whole), prefixes: Vec::new(), is_part: true }
    }

    /// The files that an `include` asks for. Whether they are there is asked of `files`.
    pub(super) fn target(&self, include: Directive<'_>, files: &dyn Files) -> Target {
        let Some(argument) = include.argument(0) else {
            return Target::Pattern { paths: Vec::new(), folder_exists: true };
        };
        let value = argument.value();
        let written = path_from(&value);
        let written = written.as_ref();
        // Folders to look in, each with the rest of the path.
        let (candidates, elsewhere): (Vec<(&Path, &Path)>, bool) = if written.is_absolute() {
            let mapped = self.prefixes.iter().find_map(|(from, to)| {
                written.strip_prefix(from).ok().map(|rest| (to.as_path(), rest))
            });
            (vec![mapped.unwrap_or((Path::new(""), written))], mapped.is_none())
        } else {
            let placeholder = value.iter().any(|byte| b"$@".contains(byte))
                || value.windows(2).any(|pair| pair == b"{{");
            (self.bases.iter().map(|base| (base.as_path(), written)).collect(), placeholder)
        };
        if is_pattern(&value) {
            let mut matches =
                candidates.iter().map(|(folder, pattern)| glob::expand(files, folder, pattern));
            let found = matches.find(|found| !found.is_empty()).unwrap_or_default();
            // In a dump are all the files that nginx found.
            let folder_exists = self.is_part
                || !found.is_empty()
                || candidates
                    .iter()
                    .any(|(folder, pattern)| glob::folder_exists(files, folder, pattern));
            let paths = found.iter().map(|path| normalised(path)).collect();
            return Target::Pattern { paths, folder_exists };
        }
        let mut paths = candidates.iter().map(|(folder, rest)| folder.join(rest));
        let path = paths.clone().find(|path| files.exists(path)).or_else(|| paths.next());
        let elsewhere = elsewhere || self.is_part;
        Target::Plain { path: normalised(&path.unwrap_or_default()), elsewhere }
    }
}

/// The folders that relative paths start from. Of a fragment the main file's folder is not known:
/// the folders around it are tried in turn.
fn bases(folder: PathBuf, whole: bool) -> Vec<PathBuf> {
    let count = if whole { 1 } else { 3 };
    let innermost = if whole { folder } else { normalised(&folder) };
    std::iter::successors(Some(innermost), |it| Some(around(it))).take(count).collect()
}

/// The folder that a fragment's configuration most likely lies in: `sites-enabled`, `conf.d` and
/// the like lie beside the main file.
fn fragment_root(folder: &Path, absolute: &Path) -> PathBuf {
    let beside_main = ["conf.d", "sites-enabled", "sites-available", "snippets", "http.d"];
    match absolute.file_name().and_then(|name| name.to_str()) {
        Some(name) if beside_main.contains(&name) => around(folder),
        _ => folder.to_owned(),
    }
}

/// The folder around `folder`, also when that is the working folder.
fn around(folder: &Path) -> PathBuf {
    normalised(&folder.join(".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_lie_beside_the_main_file() {
        let root = |folder: &str, absolute| fragment_root(Path::new(folder), Path::new(absolute));
        assert_eq!(root("deploy/conf.d", "/x/deploy/conf.d"), Path::new("deploy"));
        assert_eq!(root("deploy", "/x/deploy"), Path::new("deploy"));
        assert_eq!(root("", "/x/conf.d"), Path::new(".."));
    }
}
