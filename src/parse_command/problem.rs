//! What keeps a file from being read as a whole: the `errors` of the payload.

use std::io;

use serde_json::ser::Formatter;
use wslint_model::load::{Include, Loaded};
use wslint_model::source::{DirectiveRef, FileId};

use super::cycle::Closing;
use super::json::Json;

/// One mistake in one file.
pub(super) struct Problem<'l> {
    file: &'l str,
    message: String,
    line: u32,
}

/// The syntax errors of a file.
pub(super) fn in_text(loaded: &Loaded, file: FileId) -> Vec<Problem<'_>> {
    problems(loaded, file, syntax_errors(loaded, file))
}

/// The syntax errors of a file, and its includes that bring in less than they ask for.
pub(super) fn in_text_and_includes<'l>(
    loaded: &'l Loaded,
    file: FileId,
    closing: &Closing,
) -> Vec<Problem<'l>> {
    let mut found = syntax_errors(loaded, file);
    for directive in loaded.sources.get(file).tree.includes() {
        let start = directive.name_word().span().start;
        let include = DirectiveRef { file, index: directive.index() };
        match loaded.include(include) {
            Some(Include::Unreachable(unreachable)) => {
                let (path, reason) = (unreachable.path.display(), &unreachable.reason);
                found.push((start, format!("open() \"{path}\" failed: {reason}")));
            }
            Some(Include::Files(files)) => {
                for &file in files.iter().filter(|&&file| closing.contains(include, file)) {
                    let name = &loaded.sources.get(file).name;
                    found.push((start, format!("\"{name}\" includes itself: left out here")));
                }
            }
            None => {}
        }
    }
    found.sort_by_key(|&(start, _)| start);
    problems(loaded, file, found)
}

/// Where each syntax error of a file is, and its text.
fn syntax_errors(loaded: &Loaded, file: FileId) -> Vec<(u32, String)> {
    let errors = loaded.sources.get(file).tree.errors();
    errors.iter().map(|error| (error.span.start, error.kind.to_string())).collect()
}

fn problems(loaded: &Loaded, file: FileId, found: Vec<(u32, String)>) -> Vec<Problem<'_>> {
    let source = loaded.sources.get(file);
    let line_of = |offset| source.position(offset).line;
    let problem = |(start, message)| Problem { file: &source.name, message, line: line_of(start) };
    found.into_iter().map(problem).collect()
}

impl<W: io::Write, F: Formatter> Json<W, F> {
    /// Writes `status`.
    pub(super) fn status_field(&mut self, is_ok: bool) -> io::Result<()> {
        self.text_field("status", if is_ok { "ok" } else { "failed" })
    }

    /// Writes a problem for the list of its own file.
    pub(super) fn problem(&mut self, problem: &Problem<'_>) -> io::Result<()> {
        self.begin_object()?;
        self.end_problem(problem)
    }

    /// Writes a problem for the list of all files.
    pub(super) fn problem_with_file(&mut self, problem: &Problem<'_>) -> io::Result<()> {
        self.begin_object()?;
        self.text_field("file", problem.file)?;
        self.end_problem(problem)
    }

    /// The text ends with the place, as crossplane's does (crossplane/errors.py).
    fn end_problem(&mut self, problem: &Problem<'_>) -> io::Result<()> {
        let Problem { file, message, line } = problem;
        self.text_field("error", &format!("{message} in {file}:{line}"))?;
        self.number_field("line", *line)?;
        self.end_object()
    }
}
