//! Colours and characters.

use miette::{GraphicalTheme, ThemeCharacters, ThemeStyles};
use owo_colors::Style;
use wslint_rules::finding::Severity;

use super::Style as ReportStyle;

/// How the name of a severity, and the cause of a finding, look.
pub(super) fn severity_style(severity: Severity, color: bool) -> Style {
    match severity {
        _ if !color => Style::new(),
        Severity::Error => Style::new().bright_red().bold(),
        Severity::Warning => Style::new().yellow().bold(),
        Severity::Info => Style::new().green().bold(),
    }
}

/// How what leads a note looks.
pub(super) fn note_style(color: bool) -> Style {
    if color { Style::new().cyan() } else { Style::new() }
}

/// How other places than the cause look.
fn context_style(color: bool) -> Style {
    if color { Style::new().bright_blue() } else { Style::new() }
}

/// The sign of a severity: before the message, and at the cause.
pub(super) fn sign(severity: Severity, unicode: bool) -> &'static str {
    match (severity, unicode) {
        (Severity::Error, true) => "×",
        (Severity::Error, false) => "X",
        (Severity::Warning, true) => "⚠",
        (Severity::Warning, false) => "!",
        (Severity::Info, true) => "☞",
        (Severity::Info, false) => "i",
    }
}

/// miette's theme for a finding of that severity, whose marks are the cause or not.
pub(super) fn theme(
    severity: Severity,
    marks: impl Iterator<Item = bool>,
    style: ReportStyle,
) -> GraphicalTheme {
    let ReportStyle { color, unicode, .. } = style;
    let characters = if unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    let characters = ThemeCharacters {
        error: sign(Severity::Error, unicode).to_owned(),
        warning: sign(Severity::Warning, unicode).to_owned(),
        advice: sign(Severity::Info, unicode).to_owned(),
        ..characters
    };
    let cause = severity_style(severity, color);
    let styles = ThemeStyles {
        error: severity_style(Severity::Error, color),
        warning: severity_style(Severity::Warning, color),
        advice: severity_style(Severity::Info, color),
        help: note_style(color),
        link: note_style(color),
        linum: if color { Style::new().dimmed() } else { Style::new() },
        // miette takes them in turn, one for each mark in the order of the text.
        highlights: marks
            .map(|is_cause| if is_cause { cause } else { context_style(color) })
            .collect(),
    };
    GraphicalTheme { characters, styles }
}
