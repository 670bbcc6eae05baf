//! Source excerpts with every place labelled, drawn by miette.

mod excerpt;
mod snippet;
mod spot;

use std::collections::HashSet;
use std::fmt::{self, Write as _};
use std::io::{self, Write};

use miette::GraphicalReportHandler;
use owo_colors::OwoColorize;
use snippet::Snippet;
use textwrap::{WordSeparator, WordSplitter};
use wslint_grammar::Applicability;
use wslint_rules::finding::{Severity, VersionRange};

use super::diagnostic::Diagnostic;
use super::{Style, text, theme};

/// Lines that are longer are hard to read, even where a terminal has the room.
const WIDEST: usize = 120;

/// Narrower terminals get longer lines than they can show.
const NARROWEST: usize = 40;

/// Writes one section for each diagnostic, with an empty line between them.
pub(super) fn write(
    diagnostics: &[Diagnostic<'_>],
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = Style { width: style.width.clamp(NARROWEST, WIDEST), ..style };
    let mut explained = HashSet::new();
    for (number, diagnostic) in diagnostics.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        // An address is long: without links it is given with a rule's first finding only.
        let address = !style.links && explained.insert(diagnostic.finding.rule.name);
        let mut section = String::new();
        render(diagnostic, style, address, &mut section).map_err(io::Error::other)?;
        out.write_all(section.as_bytes())?;
    }
    Ok(())
}

fn render(
    diagnostic: &Diagnostic<'_>,
    style: Style,
    address: bool,
    section: &mut String,
) -> fmt::Result {
    let severity = diagnostic.finding.severity;
    let snippet = Snippet::new(diagnostic, style);
    let causes = snippet.marks().iter().map(|mark| mark.is_cause);
    let handler = GraphicalReportHandler::new_themed(theme::theme(severity, causes, style))
        .with_width(style.width)
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_word_splitter(WordSplitter::NoHyphenation)
        .without_syntax_highlighting();
    let message = text::one_line(&diagnostic.finding.message, style.unicode);
    write_header(diagnostic, style, section)?;
    handler.render_report(section, &Shown { message: &message, severity, snippet: &snippet })?;
    for (title, note) in notes(diagnostic, &snippet) {
        write_note(title, &note, style, section)?;
    }
    if address {
        // Never wrapped: it is there to be clicked on or copied.
        let title = "docs".style(theme::note_style(style.color)).to_string();
        writeln!(section, "  {title}: {}", diagnostic.finding.rule.url())?;
    }
    Ok(())
}

/// `error[rule]`, with the rule's page behind it where the terminal has links.
fn write_header(diagnostic: &Diagnostic<'_>, style: Style, section: &mut String) -> fmt::Result {
    let finding = diagnostic.finding;
    let header = format!("{}[{}]", finding.severity, finding.rule.name);
    let header = header.style(theme::severity_style(finding.severity, style.color));
    if style.links {
        let url = finding.rule.url();
        writeln!(section, "\x1b]8;;{url}\x1b\\{header}\x1b]8;;\x1b\\")
    } else {
        writeln!(section, "{header}")
    }
}

/// What is said below the excerpts, each with its title.
fn notes(diagnostic: &Diagnostic<'_>, snippet: &Snippet) -> Vec<(&'static str, String)> {
    let finding = diagnostic.finding;
    let mut notes = Vec::new();
    if snippet.left_out() > 0 {
        notes.push(("note", format!("and {}", text::count(snippet.left_out(), "more place"))));
    }
    if let Some(help) = &finding.help {
        notes.push(("help", help.clone()));
    }
    if let Some(fix) = &finding.fix {
        let trust = match fix.applicability {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe: check what else it changes",
        };
        notes.push((" fix", format!("{} ({trust})", fix.message)));
    }
    if let Some(versions) = finding.nginx_versions {
        notes.extend(validity(versions).map(|validity| ("note", validity)));
    }
    notes
}

/// For which versions a finding holds, unless it holds for all.
fn validity(versions: VersionRange) -> Option<String> {
    match versions {
        VersionRange { from: None, before: None } => None,
        VersionRange { from: None, before: Some(before) } => {
            Some(format!("holds for nginx before {before}"))
        }
        VersionRange { from: Some(from), before: None } => {
            Some(format!("holds for nginx {from} and later"))
        }
        VersionRange { from: Some(from), before: Some(before) } => {
            Some(format!("holds for nginx {from} and later, before {before}"))
        }
    }
}

/// A titled paragraph; the lines of the note stay lines, since they may be nginx configuration.
fn write_note(title: &str, note: &str, style: Style, section: &mut String) -> fmt::Result {
    let styled = title.style(theme::note_style(style.color));
    let mut first = format!("  {styled}: ");
    for line in note.lines() {
        let line: String =
            line.chars().map(|it| text::printable_character(it, style.unicode)).collect();
        let options =
            text::wrapping(style.width).initial_indent(&first).subsequent_indent("        ");
        writeln!(section, "{}", textwrap::fill(&line, options))?;
        first = " ".repeat(8);
    }
    Ok(())
}

/// A finding in the words of miette.
#[derive(Debug)]
struct Shown<'a> {
    message: &'a str,
    severity: Severity,
    snippet: &'a Snippet,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(self.snippet)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        Some(Box::new(self.snippet.labels()))
    }
}

#[cfg(test)]
mod tests;
