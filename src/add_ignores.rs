//! `wslint check --add-ignores`: comments for everything that was found, so that an old
//! configuration can adopt wslint in one step.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use wslint_rules::cause::template_language::is_template;
use wslint_rules::comments::adding::{NotCoverable, with_ignores};
use wslint_rules::finding::Finding;
use wslint_rules::load::Loaded;
use wslint_rules::source::Source;

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
        for finding in findings {
            let source = loaded.sources.get(finding.place.file);
            let name = &source.name;
            match source.path.as_deref().filter(|_| !loaded.is_dump) {
                None => {
                    elsewhere.entry(name).or_insert_with(|| Problem::NoFile(name.clone()));
                }
                Some(_) if is_template(&source.tree) => {
                    elsewhere.entry(name).or_insert_with(|| Problem::Template(name.clone()));
                }
                Some(path) => {
                    let entry = by_file.entry(identity(path));
                    entry.or_insert_with(|| (source, Vec::new())).1.push(finding);
                }
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

/// One name for a file, however it was reached.
fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn write(path: &Path, source: &Source, findings: &[&Finding]) -> Result<usize, Problem> {
    let commented = with_ignores(source, findings)
        .map_err(|reason| Problem::NotCoverable { file: source.name.clone(), reason })?;
    replace(path, source.tree.text(), &commented.text)?;
    Ok(commented.comments)
}
