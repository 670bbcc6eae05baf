//! `file:line:column: severity[rule] message`, one line a finding.

use std::io::{self, Write};

use owo_colors::OwoColorize;
use wslint_grammar::Applicability;

use super::diagnostic::Diagnostic;
use super::theme::severity_style;
use super::{Style, text};

/// Writes one line for each diagnostic, with what `--fix` would do about it.
pub(super) fn write(
    diagnostics: &[Diagnostic<'_>],
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    for diagnostic in diagnostics {
        let finding = diagnostic.finding;
        let position = diagnostic.position();
        let name = text::one_line(&diagnostic.source().name, style.unicode);
        let kind = format!("{}[{}]", finding.severity, finding.rule.name);
        let kind = kind.style(severity_style(finding.severity, style.color));
        let message = text::one_line(&finding.message, style.unicode);
        write!(out, "{name}:{}:{}: {kind} {message}", position.line, position.column)?;
        if let Some(fix) = diagnostic.fix {
            let kind = match fix.applicability {
                Applicability::Safe => "fix",
                Applicability::Unsafe => "unsafe fix",
            };
            write!(out, " [{kind}: {}]", text::one_line(&fix.message, style.unicode))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use wslint_rules::finding::{Finding, Severity};

    use crate::report::fixture::{Config, PLAIN, RULE, print};
    use crate::report::{Format, Style};

    #[test]
    fn one_line_for_each_finding() {
        let config = Config::new("conf.d/site.conf", "# Größe\nserver {\n\tlisten 80;\n}\n");
        let findings = [
            Finding::new(&RULE, config.place("listen"), "first line\nsecond line"),
            Finding::new(&RULE, config.place("server"), "odd").severity(Severity::Warning),
        ];
        assert_eq!(
            print(&config, &findings, Format::Concise, PLAIN),
            "conf.d/site.conf:2:1: warning[connection-not-forwarded] odd\n\
             conf.d/site.conf:3:2: error[connection-not-forwarded] first line second line\n"
        );
    }

    #[test]
    fn statistics_come_with_the_summary() {
        let config = Config::new("site.conf", "server {}\n");
        let findings = [Finding::new(&RULE, config.place("server"), "odd")];
        let style = Style { statistics: true, ..PLAIN };
        insta::assert_snapshot!(print(&config, &findings, Format::Concise, style));
    }
}
