//! The trace as a story for people.

use std::io::{self, Write};

use owo_colors::{OwoColorize, Style};
use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::{By, Client, Kind, Outcome, UpstreamRequest};
use wslint_model::resolve::{Configuration, LevelId};
use wslint_model::source::Place;
use wslint_rules::finding::VersionRange;

use super::{Explained, Told};
use crate::report::text::one_line;
use crate::terminal;

/// Where messages begin: behind the name of the phase.
const INDENT: usize = 11;

pub(super) fn write(
    told: &Told<'_>,
    color: bool,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(first) = told.chrome.first() else { return Ok(()) };
    let page = Page { told, color, width };
    page.title(out)?;
    for refusal in told.refusals {
        page.refusal(&refusal.message, refusal.place, out)?;
    }
    page.steps(first, out)?;
    if told.assumes_map {
        let note = "This is a part of a configuration: $connection_upgrade is taken for the usual \
                    map of $http_upgrade.";
        writeln!(out, "{}\n", page.wrapped(note, ""))?;
    }
    if let Some(request) = &first.trace.upstream_request {
        page.request(request, out)?;
    }
    for one in told.chrome {
        page.end(one, None, out)?;
    }
    for one in told.firefox.unwrap_or_default() {
        page.end(one, Some(Client::Firefox), out)?;
    }
    for advice in told.advice {
        let lead = "help: ".style(page.style(Style::new().cyan()));
        writeln!(out, "  {lead}{}", page.wrapped(advice, "        "))?;
    }
    Ok(())
}

struct Page<'t, 'a> {
    told: &'t Told<'a>,
    color: bool,
    width: usize,
}

impl Page<'_, '_> {
    fn style(&self, style: Style) -> Style {
        if self.color { style } else { Style::new() }
    }

    /// A text on lines that are no wider than the page; those behind the first begin with
    /// `indent`.
    fn wrapped(&self, text: &str, indent: &str) -> String {
        let text = one_line(text, terminal::has_unicode());
        let options = textwrap::Options::new(self.width.saturating_sub(2))
            .subsequent_indent(indent)
            .break_words(false);
        textwrap::fill(&text, options)
    }

    fn title(&self, out: &mut dyn Write) -> io::Result<()> {
        let url = self.told.url.to_string();
        let url = one_line(&url, terminal::has_unicode());
        let main = one_line(&self.told.configuration.loaded.main().name, terminal::has_unicode());
        let version = match (self.told.nginx_version, self.told.chrome) {
            (Some(version), _) => format!("nginx {version}"),
            (None, [oldest, _, ..]) => {
                let range = range(oldest.versions);
                format!("any version of nginx, shown as it goes {}", range.trim_end_matches(": "))
            }
            (None, _) => "any version of nginx".to_owned(),
        };
        writeln!(out, "{}", url.style(self.style(Style::new().bold())))?;
        writeln!(out, "through {main}, {version}\n")
    }

    fn refusal(&self, message: &str, place: Place, out: &mut dyn Write) -> io::Result<()> {
        let sign = self.sign(Kind::NotLoaded);
        let text = format!("nginx does not load this configuration: {message}");
        writeln!(out, "{sign} {}", self.wrapped(&text, "  "))?;
        self.source(place, 2, out)?;
        writeln!(out)
    }

    fn sign(&self, kind: Kind) -> String {
        let unicode = terminal::has_unicode();
        let (sign, style) = match kind {
            Kind::Switches => (if unicode { "✓" } else { "+" }, Style::new().green().bold()),
            Kind::Unknown => ("?", Style::new().yellow().bold()),
            Kind::Refused | Kind::NotLoaded => {
                (if unicode { "×" } else { "X" }, Style::new().bright_red().bold())
            }
        };
        sign.style(self.style(style)).to_string()
    }

    fn steps(&self, one: &Explained, out: &mut dyn Write) -> io::Result<()> {
        let indent = " ".repeat(INDENT);
        let mut last = None;
        for step in &one.trace.steps {
            let phase = if last == Some(step.phase) { "" } else { step.phase.name() };
            last = Some(step.phase);
            let message = one_line(&step.message, terminal::has_unicode());
            let options = textwrap::Options::new(self.width)
                .initial_indent(&indent)
                .subsequent_indent(&indent)
                .break_words(false);
            let filled = textwrap::fill(&message, options);
            let phase = format!("{phase:INDENT$}");
            let phase = phase.style(self.style(Style::new().cyan()));
            writeln!(out, "{phase}{}", &filled[INDENT..])?;
            if let Some(place) = step.place {
                self.source(place, INDENT, out)?;
            }
        }
        writeln!(out)
    }

    /// `line 12`, with the file's name when it is not the main one.
    fn line(&self, place: Place) -> String {
        let source = self.told.sources.get(place.file);
        let line = source.position(place.span.start).line;
        if place.file == wslint_model::load::Loaded::MAIN {
            return format!("line {line}");
        }
        format!("{}:{line}", one_line(&source.name, terminal::has_unicode()))
    }

    /// The line of the source that decided something.
    fn source(&self, place: Place, indent: usize, out: &mut dyn Write) -> io::Result<()> {
        let source = self.told.sources.get(place.file);
        let bytes = source.tree.slice(place.span);
        let text = String::from_utf8_lossy(bytes);
        let text = one_line(&text, terminal::has_unicode()).into_owned();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown = format!("{}: {text}", self.line(place));
        let room = self.width.saturating_sub(indent).max(20);
        let shown = if shown.chars().count() > room {
            let cut: String = shown.chars().take(room.saturating_sub(3)).collect();
            format!("{cut}...")
        } else {
            shown
        };
        writeln!(out, "{:indent$}{}", "", shown.style(self.style(Style::new().dimmed())))
    }

    fn request(&self, request: &UpstreamRequest, out: &mut dyn Write) -> io::Result<()> {
        let unicode = terminal::has_unicode();
        let to = one_line(&request.to, unicode);
        writeln!(out, "What {to} gets:")?;
        let line = format!("{} {} HTTP/{}", request.method, request.uri, request.http_version);
        writeln!(out, "  {}", one_line(&line, unicode))?;
        let lines: Vec<(String, String)> = request
            .fields
            .iter()
            .map(|field| {
                let text = format!("{}: {}", field.name, field.value);
                let from = field.place.map_or(String::new(), |place| self.line(place));
                (one_line(&text, unicode).into_owned(), from)
            })
            .collect();
        let widest = lines.iter().map(|(text, _)| text.chars().count()).max().unwrap_or(0);
        let column = widest.min(self.width / 2);
        for (text, from) in lines {
            if from.is_empty() {
                writeln!(out, "  {text}")?;
            } else {
                let from = from.style(self.style(Style::new().dimmed()));
                writeln!(out, "  {text:column$}  {from}")?;
            }
        }
        writeln!(out)
    }

    fn end(&self, one: &Explained, client: Option<Client>, out: &mut dyn Write) -> io::Result<()> {
        let outcome = &one.trace.outcome;
        let several = self.told.chrome.len() > 1 || client.is_some();
        let mut text = String::new();
        if let Some(client) = client {
            text.push_str(client.name());
            text.push_str(": ");
        }
        if several && self.told.nginx_version.is_none() {
            text.push_str(&range(one.versions));
        }
        text.push_str(&sentence(outcome));
        let sign = self.sign(outcome.kind);
        writeln!(out, "{sign} {}", self.wrapped(&text, "  "))?;
        if outcome.kind != Kind::Switches
            && let Some(place) = outcome.place
        {
            self.source(place, 2, out)?;
        }
        Ok(())
    }
}

/// `before nginx 1.29.7: `, or nothing when there is no limit.
pub(crate) fn range(versions: VersionRange) -> String {
    match (versions.from, versions.before) {
        (None, None) => String::new(),
        (None, Some(before)) => format!("before nginx {before}: "),
        (Some(from), None) => format!("from nginx {from} on: "),
        (Some(from), Some(before)) => format!("nginx {from} up to {before}: "),
    }
}

fn sentence(outcome: &Outcome) -> String {
    let status = outcome.status.map_or(String::new(), |status| format!(" with {status}"));
    match (outcome.kind, outcome.by) {
        (Kind::Switches, _) => format!("switches: {}", outcome.why),
        (Kind::Unknown, _) => format!("cannot be told: {}", outcome.why),
        (Kind::NotLoaded, _) => outcome.why.clone(),
        (Kind::Refused, Some(By::Backend)) => {
            format!("refused by the backend{status}: {}", outcome.why)
        }
        (Kind::Refused, Some(By::Client)) => format!("refused by the client: {}", outcome.why),
        (Kind::Refused, _) => format!("refused by nginx{status}: {}", outcome.why),
    }
}

/// The first name of a server, as it is written; `_` when it has none.
pub(crate) fn server_name(configuration: &Configuration, server: LevelId) -> String {
    let name = configuration.own(server, d::SERVER_NAME).iter().next();
    let word =
        name.and_then(|line| line.directive.argument(0)).map(|word| word.value().into_owned());
    word.map_or_else(|| "_".to_owned(), |word| String::from_utf8_lossy(&word).into_owned())
}
