//! The JSON reports: version 1 of the format that editors and scripts read.
//!
//! The types are the format: their fields stand in the order in which they are written.

use std::io::{self, Write};

use serde::Serialize;
use wslint_grammar::Applicability;
use wslint_grammar::catalogue::Version;
use wslint_model::source::{Place as FilePlace, Sources};
use wslint_rules::finding::{Category, Effect, FindingFix, Severity};

use super::{Applied, Report, diagnostic, summary};
use crate::json::{Span, VERSION, Versions, locate, optional_text, text};

/// The report on one run, for any number of files.
#[derive(Serialize)]
struct Document<'a> {
    /// The version of this format.
    version: u32,
    /// What made the report.
    tool: Tool,
    /// The version of nginx that was checked for, if one was given.
    #[serde(serialize_with = "optional_text")]
    nginx_version: Option<Version>,
    /// What was found, sorted by file, offset and rule.
    diagnostics: Vec<Diagnostic<'a>>,
    /// What `--fix` has mended, in the order in which it did; absent without that option.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<Vec<Mended<'a>>>,
    /// How much was found.
    summary: Summary,
}

/// The program that made the report.
#[derive(Serialize)]
struct Tool {
    /// Its name.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

/// One thing that is wrong.
#[derive(Serialize)]
struct Diagnostic<'a> {
    /// The name of the rule.
    rule: &'a str,
    /// Which part of the subject the rule belongs to.
    #[serde(serialize_with = "text")]
    category: Category,
    /// How much it matters.
    #[serde(serialize_with = "text")]
    severity: Severity,
    /// What happens because of it.
    #[serde(serialize_with = "text")]
    effect: Effect,
    /// What is wrong and what happens because of it.
    message: &'a str,
    /// What to do, when the message does not say it.
    help: Option<&'a str>,
    /// Where the rule is explained.
    url: String,
    /// The file that the cause is in, as it was given or relative to the working folder.
    file: &'a str,
    /// Where the cause is.
    span: Span,
    /// What is to be seen at the cause, when there is something to say about it, and then at the
    /// other places that belong to it.
    labels: Vec<Label<'a>>,
    /// The versions of nginx for which it holds; `null` for all.
    nginx_versions: Option<Versions>,
    /// How to mend it.
    fix: Option<Fix<'a>>,
}

/// A finding that was mended. Its places are those of the texts before its round.
#[derive(Serialize)]
struct Mended<'a> {
    /// The number of the round, from 1. The fixes of one round were applied at the same time, to the
    /// texts that the round before had left.
    round: usize,
    /// The name of the rule.
    rule: &'a str,
    /// What was wrong.
    message: &'a str,
    /// The file that the cause was in.
    file: &'a str,
    /// Where the cause was.
    span: Span,
    /// How it was mended. An edit that several fixes of a round have in common was made once.
    fix: Option<Fix<'a>>,
}

/// What is to be seen at a place.
#[derive(Serialize)]
struct Label<'a> {
    /// The file.
    file: &'a str,
    /// Where in the file.
    span: Span,
    /// What is to be seen there.
    message: &'a str,
}

/// Edits that mend a finding: all of them are applied, or none.
#[derive(Serialize)]
struct Fix<'a> {
    /// `safe`, or `unsafe` when a person must agree first.
    applicability: &'static str,
    /// What the fix does, as an instruction.
    message: &'a str,
    /// What is replaced by what.
    edits: Vec<Edit<'a>>,
}

/// Replaces the text of `span` by `text`; an empty span inserts, an empty text deletes.
#[derive(Serialize)]
struct Edit<'a> {
    /// The file.
    file: &'a str,
    /// What is replaced.
    span: Span,
    /// What stands there afterwards.
    text: &'a str,
}

/// How much was found.
#[derive(Serialize)]
struct Summary {
    /// How many files were read.
    files: usize,
    /// How many diagnostics are errors.
    errors: usize,
    /// How many are warnings.
    warnings: usize,
    /// How many are neither.
    infos: usize,
    /// How many `--fix` would mend.
    fixable: usize,
    /// How many more `--unsafe-fixes` would mend.
    unsafe_fixable: usize,
}

/// Writes one document, for people to read too.
pub(super) fn write(
    report: &Report<'_>,
    diagnostics: &[diagnostic::Diagnostic<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    let fixed = report.fixed.as_ref().map(|fixed| fixed.applied.iter().map(Mended::new).collect());
    let document = Document {
        version: VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        nginx_version: report.nginx_version,
        diagnostics: diagnostics.iter().map(Diagnostic::new).collect(),
        fixed,
        summary: Summary {
            files: report.files,
            errors: summary::count(diagnostics, Severity::Error),
            warnings: summary::count(diagnostics, Severity::Warning),
            infos: summary::count(diagnostics, Severity::Info),
            fixable: summary::count_fixes(diagnostics, Applicability::Safe),
            unsafe_fixable: summary::count_fixes(diagnostics, Applicability::Unsafe),
        },
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// Writes each diagnostic on a line of its own, and nothing else.
pub(super) fn write_lines(
    diagnostics: &[diagnostic::Diagnostic<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    for diagnostic in diagnostics {
        serde_json::to_writer(&mut *out, &Diagnostic::new(diagnostic))?;
        writeln!(out)?;
    }
    Ok(())
}

impl<'a> Diagnostic<'a> {
    fn new(&diagnostic::Diagnostic { sources, finding, .. }: &diagnostic::Diagnostic<'a>) -> Self {
        let (file, span) = locate(sources, finding.place);
        let cause = Label::new(sources, finding.place, &finding.at_place);
        let others =
            finding.labels.iter().map(|label| Label::new(sources, label.place, &label.message));
        Self {
            rule: finding.rule.name,
            category: finding.rule.category,
            severity: finding.severity,
            effect: finding.effect,
            message: &finding.message,
            help: finding.help.as_deref(),
            url: finding.rule.url(),
            file,
            span,
            labels: Some(cause)
                .filter(|label| !label.message.is_empty())
                .into_iter()
                .chain(others)
                .collect(),
            nginx_versions: finding.nginx_versions.map(Versions::from),
            fix: finding.fix.as_ref().map(|fix| Fix::new(sources, fix)),
        }
    }
}

impl<'a> Mended<'a> {
    fn new(&Applied { round, sources, finding }: &Applied<'a>) -> Self {
        let (file, span) = locate(sources, finding.place);
        Self {
            round,
            rule: finding.rule.name,
            message: &finding.message,
            file,
            span,
            fix: finding.fix.as_ref().map(|fix| Fix::new(sources, fix)),
        }
    }
}

impl<'a> Label<'a> {
    fn new(sources: &'a Sources, place: FilePlace, message: &'a str) -> Self {
        let (file, span) = locate(sources, place);
        Self { file, span, message }
    }
}

impl<'a> Fix<'a> {
    fn new(sources: &'a Sources, fix: &'a FindingFix) -> Self {
        let edits = fix.edits.iter().map(|edit| {
            let place = FilePlace { file: edit.file, span: edit.edit.span };
            let (file, span) = locate(sources, place);
            Edit { file, span, text: &edit.edit.text }
        });
        Self {
            applicability: match fix.applicability {
                Applicability::Safe => "safe",
                Applicability::Unsafe => "unsafe",
            },
            message: &fix.message,
            edits: edits.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use wslint_grammar::{Edit, Fix};
    use wslint_rules::finding::{Finding, VersionRange};
    use wslint_rules::fix::Writable;

    use super::*;
    use crate::report::fixture::{Config, PLAIN, RULE, SECOND_RULE, print};
    use crate::report::{Checked, Format};

    const TEXT: &str = "# Größe\nlocation /ws {\n\tproxy_pass http://chat;\n}\n";

    fn findings(config: &Config) -> [Finding; 2] {
        let fix =
            Edit::insert(config.place("\tproxy_pass").span.start, "\tproxy_http_version 1.1;\n");
        [
            Finding::new(&RULE, config.place("proxy_pass"), "the backend gets HTTP/1.0")
                .at_place("no `proxy_http_version`")
                .label(config.place("/ws"), "meant for WebSockets")
                .help("add `proxy_http_version 1.1;`")
                .versions(VersionRange::before(Version::new(1, 29, 7)))
                .fix(Fix::safe("insert `proxy_http_version 1.1;`", vec![fix])),
            Finding::new(&SECOND_RULE, config.place("ö"), "odd").severity(Severity::Info),
        ]
    }

    #[test]
    fn one_document() {
        let config = Config::new("site.conf", TEXT);
        let findings = findings(&config);
        let report = Report {
            checked: vec![Checked {
                sources: &config.sources,
                findings: &findings,
                writable: Writable::All,
            }],
            files: 1,
            nginx_version: Some(Version::new(1, 22, 1)),
            hidden: 2,
            failed: 0,
            fixed: None,
        };
        let mut out = Vec::new();
        crate::report::write(&report, Format::Json, PLAIN, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        insta::assert_snapshot!(out.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }

    #[test]
    fn one_object_a_line() {
        let config = Config::new("site.conf", TEXT);
        let out = print(&config, &findings(&config), Format::JsonLines, PLAIN);
        let rules: Vec<String> = out
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .map(|object| object["rule"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(rules, ["map-without-default", "connection-not-forwarded"]);
    }

    #[test]
    fn nothing_found() {
        let config = Config::new("site.conf", TEXT);
        assert_eq!(print(&config, &[], Format::JsonLines, PLAIN), "");
        let document = print(&config, &[], Format::Json, PLAIN);
        assert!(document.contains("\"diagnostics\": [],") && document.ends_with("}\n"));
    }
}
