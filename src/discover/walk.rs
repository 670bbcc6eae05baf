//! The files of a folder that are called like nginx configurations.

use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};
use wslint_model::damage::template_language::is_template;
use wslint_model::load::{Loaded, file_meant_by_link};

use crate::input::InputError;

/// What `.gitignore` and `.ignore` are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ignores {
    /// What they name is not looked at, unless a configuration includes it.
    Followed,
    /// Nothing.
    Overlooked,
}

/// The files of a folder that are called like nginx configurations, sorted by name.
pub(super) fn walk(folder: &Path, ignores: Ignores, errors: &mut Vec<InputError>) -> Vec<PathBuf> {
    let follow = ignores == Ignores::Followed;
    let walker = WalkBuilder::new(folder)
        .standard_filters(false)
        .ignore(follow)
        .git_ignore(follow)
        .git_exclude(follow)
        .parents(follow)
        .sort_by_file_name(Ord::cmp)
        .filter_entry(is_worth_a_look)
        .build();
    let mut paths = Vec::new();
    for entry in walker {
        match entry {
            Ok(entry) if is_called_like_nginx(entry.path()) && may_be_a_file(entry.path()) => {
                // Included files are named without `./` too.
                let path = entry.path().strip_prefix(".").unwrap_or(entry.path());
                paths.push(path.to_owned());
            }
            Ok(_) => {}
            Err(error) => errors.push(InputError::Folder {
                path: path_of(&error).unwrap_or(folder).display().to_string(),
                reason: reason(&error),
            }),
        }
    }
    paths
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        _ => None,
    }
}

/// What the system said, without the path.
fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { err, .. }
        | ignore::Error::WithDepth { err, .. }
        | ignore::Error::WithLineNumber { err, .. } => reason(err),
        other => other.io_error().map_or_else(|| other.to_string(), ToString::to_string),
    }
}

/// Whether something is a file, or a link that leads nowhere, which is to be told. One that means a
/// file here is another name of that file.
fn may_be_a_file(path: &Path) -> bool {
    match path.metadata() {
        Ok(metadata) => metadata.is_file(),
        Err(_) => file_meant_by_link(path).is_none(),
    }
}

/// Folders in which nobody keeps configurations of his own are not walked.
fn is_worth_a_look(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let hidden = name.starts_with('.') && name.len() > 1;
    let foreign = matches!(name.as_ref(), "node_modules" | "target" | "vendor");
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    !(is_folder && entry.depth() > 0 && (hidden || foreign))
}

/// What envsubst makes a configuration of, as nginx's container image does.
fn is_template_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "template")
}

/// Whether it is a template of another language than envsubst's, which cannot be checked.
pub(super) fn is_other_template(path: &Path, loaded: &Loaded) -> bool {
    is_template_file(path) && is_template(&loaded.main().tree)
}

fn is_called_like_nginx(path: &Path) -> bool {
    const EXTENSIONS: [&str; 4] = ["conf", "nginx", "nginxconf", "vhost"];
    const FOLDERS: [&str; 4] = ["sites-enabled", "sites-available", "snippets", "conf.d"];
    let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    let rendered = if is_template_file(path) { path.with_extension("") } else { path.to_owned() };
    let extension = rendered.extension().and_then(|extension| extension.to_str());
    !hidden
        && (extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
            || extension.is_none() && folder.is_some_and(|folder| FOLDERS.contains(&folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        for path in [
            "nginx.conf",
            "a/site.vhost",
            "etc/sites-enabled/default",
            "x/conf.d/y",
            "templates/default.conf.template",
        ] {
            assert!(is_called_like_nginx(Path::new(path)), "{path}");
        }
        for path in ["README", "a/.hidden.conf", "conf.d/a.md", "main.rs", "page.html.template"] {
            assert!(!is_called_like_nginx(Path::new(path)), "{path}");
        }
    }
}
