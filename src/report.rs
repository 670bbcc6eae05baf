//! How findings are told, in each format.
//!
//! A report joins the findings of several configurations. What they have in common is said once,
//! and they come in an order that depends on nothing but the files.

mod concise;
mod diagnostic;
#[cfg(test)]
mod fixture;
mod full;
mod json;
mod summary;
pub(crate) mod text;
mod theme;

use std::io::{self, Write};

use wslint_grammar::catalogue::Version;
use wslint_model::source::Sources;
use wslint_rules::finding::Finding;
use wslint_rules::fix::Writable;

/// One configuration that was checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checked<'a> {
    /// Its files.
    pub(crate) sources: &'a Sources,
    /// What is wrong with them.
    pub(crate) findings: &'a [Finding],
    /// Which of its files `--fix` may change.
    pub(crate) writable: Writable,
}

/// What `--fix` has done.
#[derive(Clone, Debug)]
pub(crate) struct Fixed<'a> {
    /// What was mended, in the order in which it was.
    pub(crate) applied: Vec<Applied<'a>>,
    /// How many files were changed.
    pub(crate) files: usize,
    /// Whether unsafe fixes were applied too.
    pub(crate) all: bool,
}

/// A finding that was mended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Applied<'a> {
    /// The number of the round, from 1.
    pub(crate) round: usize,
    /// The files as they were before that round.
    pub(crate) sources: &'a Sources,
    /// The finding.
    pub(crate) finding: &'a Finding,
}

/// All that was found in one run.
#[derive(Clone, Debug)]
pub(crate) struct Report<'a> {
    /// The configurations.
    pub(crate) checked: Vec<Checked<'a>>,
    /// How many files were read in all.
    pub(crate) files: usize,
    /// The version of nginx that was checked for, if one was given.
    pub(crate) nginx_version: Option<Version>,
    /// How many findings are left out because they matter too little to be shown.
    pub(crate) hidden: usize,
    /// How many paths could not be checked.
    pub(crate) failed: usize,
    /// What was fixed before, if that was asked for.
    pub(crate) fixed: Option<Fixed<'a>>,
}

/// The forms that a report can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Source excerpts with every place labelled, for people.
    Full,
    /// `file:line:column: severity[rule] message`, one line a finding.
    Concise,
    /// One JSON document.
    Json,
    /// One JSON object a line, for each finding.
    JsonLines,
}

/// What the formats for people may use, and how much they say.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct Style {
    /// Whether there are colours and bold type.
    pub(crate) color: bool,
    /// Whether there can be links behind words (OSC 8); else addresses are spelled out.
    pub(crate) links: bool,
    /// Whether lines may be drawn with other characters than ASCII.
    pub(crate) unicode: bool,
    /// How many columns a line has.
    pub(crate) width: usize,
    /// Whether nothing but the findings is printed.
    pub(crate) quiet: bool,
    /// Whether the findings of each rule are counted.
    pub(crate) statistics: bool,
}

/// Writes `report` to `out`, in many small pieces.
///
/// # Errors
/// Only when `out` cannot be written to.
pub(crate) fn write(
    report: &Report<'_>,
    format: Format,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let diagnostics = diagnostic::collect(&report.checked);
    match format {
        Format::Full => {
            full::write(&diagnostics, style, out)?;
            summary::write(report, &diagnostics, style, out)?;
        }
        Format::Concise => {
            concise::write(&diagnostics, style, out)?;
            if style.statistics {
                summary::write(report, &diagnostics, style, out)?;
            }
        }
        Format::Json => json::write(report, &diagnostics, out)?,
        Format::JsonLines => json::write_lines(&diagnostics, out)?,
    }
    Ok(())
}
