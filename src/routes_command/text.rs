//! The routes as a list for people, which fits any terminal.

use std::io::{self, Write};

use owo_colors::{OwoColorize, Style};
use wslint_model::handshake::{EffectiveSetting, Intent, Kind, Outcome};
use wslint_model::source::Sources;
use wslint_rules::finding::Finding;

use super::{Listed, ListedRoute};
use crate::report::text::one_line;
use crate::terminal;
use crate::trace_command::text::range;

pub(super) fn write(
    listed: &[Listed],
    color: bool,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    if listed.iter().all(|listed| listed.routes.is_empty()) {
        return writeln!(out, "Nothing is proxied here.");
    }
    let page = Page { color, width };
    for listed in listed {
        for refusal in &listed.refusals {
            page.refusal(listed.sources(), refusal, out)?;
        }
        let mut server = None;
        for (number, route) in listed.routes.iter().enumerate() {
            if number == 0 || server != Some(route.server) {
                page.server(listed.sources(), route, out)?;
                server = Some(route.server);
            }
            page.route(listed.sources(), route, out)?;
        }
    }
    Ok(())
}

struct Page {
    color: bool,
    width: usize,
}

impl Page {
    fn style(&self, style: Style) -> Style {
        if self.color { style } else { Style::new() }
    }

    fn line(&self, text: &str, indent: usize) -> String {
        let text = one_line(text, terminal::has_unicode());
        let first = " ".repeat(indent);
        let rest = " ".repeat(indent + 2);
        let options = textwrap::Options::new(self.width)
            .initial_indent(&first)
            .subsequent_indent(&rest)
            .break_words(false);
        textwrap::fill(&text, options)
    }

    fn server(
        &self,
        sources: &Sources,
        route: &ListedRoute,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let names = if route.names.is_empty() { "_".to_owned() } else { route.names.join(" ") };
        let port = match route.port {
            Some((port, true)) => format!(":{port} (TLS)"),
            Some((port, false)) => format!(":{port}"),
            None => String::new(),
        };
        let file = &sources.get(route.pass.file).name;
        let text = format!("{names}{port}  {file}");
        writeln!(out, "{}", self.line(&text, 0).style(self.style(Style::new().bold())))
    }

    fn refusal(&self, sources: &Sources, refusal: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let source = sources.get(refusal.place.file);
        let line = source.position(refusal.place.span.start).line;
        let text = format!(
            "{} nginx does not load this: {} ({}:{line})",
            sign(Kind::NotLoaded),
            refusal.message,
            source.name
        );
        let style = self.style(Style::new().bright_red());
        writeln!(out, "{}", self.line(&text, 0).style(style))
    }

    fn route(&self, sources: &Sources, route: &ListedRoute, out: &mut dyn Write) -> io::Result<()> {
        let line = sources.get(route.pass.file).position(route.pass.span.start).line;
        let meant = match route.intent {
            Intent::WebSocket => ", meant for WebSockets",
            Intent::Unclear => ", perhaps for WebSockets",
            Intent::Plain => "",
        };
        let head = format!("{} -> {} (line {line}{meant})", route.pattern, route.upstream);
        writeln!(out, "{}", self.line(&head, 2))?;
        let settings = [
            ("HTTP", &route.http_version, "default"),
            ("Upgrade", &route.upgrade, "none"),
            ("Connection", &route.connection, "default"),
            ("read timeout", &route.read_timeout, "60s"),
        ];
        let shown =
            settings.map(|(name, setting, none)| self.setting(sources, route, name, setting, none));
        let shown = self.line(&shown.join(", "), 4);
        writeln!(out, "{}", shown.style(self.style(Style::new().dimmed())))?;
        let several = route.traces.len() > 1;
        for one in &route.traces {
            let range = if several { range(one.versions) } else { String::new() };
            let outcome = &one.trace.outcome;
            let text = format!("{} {range}{}", sign(outcome.kind), verdict(outcome));
            let style = match outcome.kind {
                Kind::Switches => Style::new().green(),
                Kind::Unknown => Style::new().yellow(),
                // A plain location owes nobody a WebSocket.
                _ if route.intent == Intent::Plain => Style::new(),
                _ => Style::new().bright_red(),
            };
            writeln!(out, "{}", self.line(&text, 4).style(self.style(style)))?;
        }
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "it stands beside the other parts of a route")]
    fn setting(
        &self,
        sources: &Sources,
        route: &ListedRoute,
        name: &str,
        setting: &EffectiveSetting,
        none: &str,
    ) -> String {
        let value = setting.value.as_deref().unwrap_or(none);
        match setting.place {
            None => format!("{name} {value}"),
            Some(place) => {
                let source = sources.get(place.file);
                let line = source.position(place.span.start).line;
                let value = if setting.value.is_none() { "empty" } else { value };
                if place.file == route.pass.file {
                    format!("{name} {value} (line {line})")
                } else {
                    format!("{name} {value} ({}:{line})", source.name)
                }
            }
        }
    }
}

fn sign(kind: Kind) -> &'static str {
    match (kind, terminal::has_unicode()) {
        (Kind::Switches, true) => "✓",
        (Kind::Switches, false) => "+",
        (Kind::Unknown, _) => "?",
        (_, true) => "×",
        (_, false) => "X",
    }
}

fn verdict(outcome: &Outcome) -> String {
    match outcome.kind {
        Kind::Switches => "switches".to_owned(),
        Kind::Unknown => format!("cannot be told: {}", outcome.why),
        _ => match outcome.status {
            Some(status) => format!("refused ({status}): {}", outcome.why),
            None => format!("refused: {}", outcome.why),
        },
    }
}
