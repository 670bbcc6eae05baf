//! What is wrong with a settings file, and where.

use std::fmt::{Display, Write as _};
use std::io;
use std::path::{Path, PathBuf};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};

use crate::selection::UnknownRule;
use crate::terminal;

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// An option names a rule that does not exist.
    #[error(transparent)]
    UnknownRule(#[from] UnknownRule),
    /// The file cannot be read.
    #[error("cannot read {}: {reason}", shown(.path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// It is no text.
    #[error("{} is not UTF-8", shown(.0))]
    NotUtf8(PathBuf),
    /// Both names are taken.
    #[error("{} has both wslint.toml and .wslint.toml: keep one of them", shown(.0))]
    Both(PathBuf),
    /// Something in it is wrong.
    #[error(transparent)]
    Wrong(Box<Wrong>),
}

/// What is wrong in a file.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Wrong {
    message: String,
    help: Option<String>,
    place: Option<LabeledSpan>,
    text: NamedSource<String>,
}

impl Diagnostic for Wrong {
    fn help(&self) -> Option<Box<dyn Display + '_>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|_| &self.text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.place.iter().cloned()))
    }
}

/// The problem that a parser of TOML found in the file at `path`.
pub(super) fn in_file(path: &Path, text: &str, error: &toml::de::Error) -> SettingsError {
    let place = error.span().map(|span| {
        let end = span.end.min(text.len());
        let start = span.start.min(end);
        // Of a value that goes over many lines the first one says which it is.
        let end = text[start..end].find('\n').map_or(end, |length| start + length);
        LabeledSpan::new_with_span(None, start..end)
    });
    let (message, help) = in_words(&clean(error.message()));
    SettingsError::Wrong(Box::new(Wrong {
        message,
        help,
        place,
        text: NamedSource::new(shown(path), clean(text)),
    }))
}

/// A text without what would move a terminal's cursor. Its length stays the same.
fn clean(text: &str) -> String {
    let is_harmful = |it: char| it.is_ascii_control() && it != '\n' && it != '\t';
    text.chars().map(|it| if is_harmful(it) { '?' } else { it }).collect()
}

/// The message of the parser in the terms of settings, and what helps.
fn in_words(message: &str) -> (String, Option<String>) {
    let quoted = |start: &str| message.strip_prefix(start)?.split_once('`');
    if let Some((name, expected)) = quoted("unknown field `") {
        let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let alike = |known: &&&str| strsim::jaro_winkler(name, known) > 0.8;
        let help = match known.iter().find(alike) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("there are `{}`", known.join("`, `")),
        };
        return (format!("there is no setting called `{name}`"), Some(help));
    }
    if let Some((value, expected)) = quoted("unknown variant `") {
        let expected = expected.trim_start_matches(", expected ");
        return (format!("`{value}` cannot be used here"), Some(format!("write {expected}")));
    }
    if let Some((name, _)) = quoted("missing field `") {
        return (format!("`{name}` is missing"), None);
    }
    (message.to_owned(), None)
}

impl SettingsError {
    /// All that is to be told, for a terminal with colour or without.
    pub(crate) fn report(&self, color: bool) -> String {
        let SettingsError::Wrong(wrong) = self else { return self.to_string() };
        let theme = match (terminal::has_unicode(), color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, _) => GraphicalTheme::none(),
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(terminal::width())
            .without_syntax_highlighting();
        let mut report = format!("{} cannot be used:\n", wrong.text.name());
        if handler.render_report(&mut report, wrong.as_ref()).is_err() {
            // A report that cannot be drawn is still told.
            let _ = write!(report, "{wrong}");
        }
        report.trim_end().to_owned()
    }
}

/// A path, relative to the working folder when it is inside.
fn shown(path: &Path) -> String {
    let working_folder = std::env::current_dir().ok();
    let relative = working_folder.and_then(|folder| path.strip_prefix(folder).ok());
    match relative {
        Some(path) if path == Path::new("") => "this folder".to_owned(),
        Some(path) => path.display().to_string(),
        None => path.display().to_string(),
    }
}
