//! `wslint check --add-ignores`: comments for everything that was found, so that an old
//! configuration can adopt wslint in one step.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use wslint_model::damage::template_language::is_template;
use wslint_model::load::{Loaded, real_path};
use wslint_model::source::{FileId, Source};
use wslint_rules::comments::adding::{NotCoverable, with_ignores};
use wslint_rules::finding::Finding;

use crate::write_file::{WriteError, replace};

/// What was written.
#[derive(Debug, Default)]
pub(crate) struct Added {
    /// How many comments.
    pub(crate) comments: usize,
    /// Into how many files.
    pub(crate) files: usize,
    /// Why some files were left alone.
    pub(crate) problems: Vec<Problem>,
}

/// Why a file got no comments. It is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// It came from a dump or from standard input.
    #[error("no comments are written for {0}, which is not read from a file of its own")]
    NoFile(String),
    /// Nobody knows what its generator would make of a comment.
    #[error("no comments are written into {0}, which is a template of another language")]
    Template(String),
    /// A finding cannot be silenced.
    #[error("no comments are written into {file}: {reason}")]
    NotCoverable {
        /// The file.
        file: String,
        /// Which finding.
        reason: NotCoverable,
    },
    /// It could not be written.
    #[error("no comments are written: {0}")]
    Write(#[from] WriteError),
}

/// Writes a comment for each of the findings.
pub(crate) fn add<'r>(all: impl Iterator<Item = (&'r Loaded, &'r [Finding])>) -> Added {
    let mut added = Added::default();
    // A file that several configurations include is written once.
    let mut by_file: BTreeMap<PathBuf, (&Source, Vec<&Finding>)> = BTreeMap::new();
    let mut elsewhere: BTreeMap<&str, Problem> = BTreeMap::new();
    for (loaded, findings) in all {
        // To look at a file costs as much as it is long.
        let mut looked_at: HashMap<FileId, Option<PathBuf>> = HashMap::new();
        for finding in findings {
            let file = finding.place.file;
            let source = loaded.sources.get(file);
            let path = looked_at.entry(file).or_insert_with(|| {
                path_to_write(loaded, source)
                    .map_err(|problem| elsewhere.entry(&source.name).or_insert(problem))
                    .ok()
            });
            if let Some(path) = path {
                let entry = match by_file.get_mut(path) {
                    Some(entry) => entry,
                    None => by_file.entry(path.clone()).or_insert((source, Vec::new())),
                };
                entry.1.push(finding);
            }
        }
    }
    added.problems.extend(elsewhere.into_values());
    for (path, (source, findings)) in by_file {
        match write(&path, source, &findings) {
            Ok(comments) => {
                added.comments += comments;
                added.files += 1;
            }
            Err(problem) => added.problems.push(problem),
        }
    }
    added
}

/// The file that comments for a source are written into.
fn path_to_write(loaded: &Loaded, source: &Source) -> Result<PathBuf, Problem> {
    match source.path.as_deref().filter(|_| !loaded.is_dump) {
        None => Err(Problem::NoFile(source.name.clone())),
        Some(_) if is_template(&source.tree) => Err(Problem::Template(source.name.clone())),
        Some(path) => Ok(real_path(path)),
    }
}

fn write(path: &Path, source: &Source, findings: &[&Finding]) -> Result<usize, Problem> {
    let commented = with_ignores(source, findings)
        .map_err(|reason| Problem::NotCoverable { file: source.name.clone(), reason })?;
    replace(path, source.tree.text(), &commented.text)?;
    Ok(commented.comments)
}
