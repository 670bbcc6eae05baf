//! What is said after the findings: how many there are.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use wslint_grammar::Applicability;
use wslint_rules::finding::Severity;

use super::diagnostic::Diagnostic;
use super::{Fixed, Report, Style, text};

/// Writes the closing lines, unless `style` asks for silence.
pub(super) fn write(
    report: &Report<'_>,
    diagnostics: &[Diagnostic<'_>],
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    if style.quiet {
        return Ok(());
    }
    if !diagnostics.is_empty() {
        writeln!(out)?;
    }
    if style.statistics && !diagnostics.is_empty() {
        write_statistics(diagnostics, out)?;
        writeln!(out)?;
    }
    if let Some(fixed) = report.fixed.as_ref().filter(|fixed| !fixed.applied.is_empty()) {
        let problems = text::count(fixed.applied.len(), "problem");
        writeln!(out, "Fixed {problems} in {}.", text::count(fixed.files, "file"))?;
    }
    writeln!(out, "{}", totals(report, diagnostics))?;
    if let Some(sentence) = fixable(report, diagnostics) {
        writeln!(out, "{sentence}")?;
    }
    if report.hidden > 0 {
        let (verb, them) = if report.hidden == 1 { ("is", "it") } else { ("are", "them") };
        let findings = text::count(report.hidden, "finding");
        writeln!(out, "{findings} {verb} hidden; --severity info shows {them}.")?;
    }
    Ok(())
}

/// How many diagnostics have that severity.
pub(super) fn count(diagnostics: &[Diagnostic<'_>], severity: Severity) -> usize {
    diagnostics.iter().filter(|it| it.finding.severity == severity).count()
}

/// How many diagnostics have a fix of that kind that could be applied.
pub(super) fn count_fixes(diagnostics: &[Diagnostic<'_>], kind: Applicability) -> usize {
    diagnostics.iter().filter(|it| it.fix.is_some_and(|fix| fix.applicability == kind)).count()
}

/// One sentence on what could be fixed.
fn fixable(report: &Report<'_>, diagnostics: &[Diagnostic<'_>]) -> Option<String> {
    let safe = count_fixes(diagnostics, Applicability::Safe);
    let others = count_fixes(diagnostics, Applicability::Unsafe);
    match (&report.fixed, safe, others) {
        // What could have been fixed was not, for a reason that was given.
        (Some(Fixed { all: true, .. }), ..) | (Some(_), _, 0) | (None, 0, 0) => None,
        (Some(_), _, others) => Some(format!("{others} more can be fixed with --unsafe-fixes.")),
        (None, 0, others) => Some(format!("{others} can be fixed with --fix --unsafe-fixes.")),
        (None, safe, 0) => Some(format!("{safe} can be fixed with --fix.")),
        (None, safe, others) => {
            Some(format!("{safe} can be fixed with --fix, {others} more with --unsafe-fixes."))
        }
    }
}

/// One sentence on what was found where.
fn totals(report: &Report<'_>, diagnostics: &[Diagnostic<'_>]) -> String {
    let kinds =
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")];
    let counts: Vec<String> = kinds
        .iter()
        .map(|&(severity, noun)| (count(diagnostics, severity), noun))
        .filter(|&(number, _)| number > 0)
        .map(|(number, noun)| text::count(number, noun))
        .collect();
    let found = if counts.is_empty() { "No problems".to_owned() } else { counts.join(", ") };
    let files = text::count(report.files, "file");
    // "No problems" must not be read as a verdict on what nobody has looked at.
    match (report.files, report.failed) {
        (0, 0) => "Nothing was checked.".to_owned(),
        (0, failed) => {
            format!("Nothing was checked: {} could not be read.", text::count(failed, "path"))
        }
        (_, 0) => format!("{found} in {files}."),
        (_, failed) => {
            format!("{found} in {files}; {} could not be checked.", text::count(failed, "path"))
        }
    }
}

/// How often each rule was broken, the most frequent first.
fn write_statistics(diagnostics: &[Diagnostic<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        *counts.entry(diagnostic.finding.rule.name).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    // The sort is stable: rules of the same count stay in the order of their names.
    counts.sort_by_key(|&(_, number)| Reverse(number));
    let width = counts.first().map_or(0, |(_, most)| most.to_string().len());
    for (rule, number) in counts {
        writeln!(out, "{number:>width$}  {rule}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use wslint_rules::finding::Finding;
    use wslint_rules::fix::Writable;

    use super::*;
    use crate::report::Checked;
    use crate::report::fixture::{Config, PLAIN, RULE, SECOND_RULE, at};

    fn closing(findings: &[Finding], config: &Config, counts: [usize; 3], style: Style) -> String {
        let checked = vec![Checked { sources: &config.sources, findings, writable: Writable::All }];
        let [files, hidden, failed] = counts;
        let report = Report { checked, files, nginx_version: None, hidden, failed, fixed: None };
        let mut out = Vec::new();
        let diagnostics = crate::report::diagnostic::collect(&report.checked);
        write(&report, &diagnostics, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn findings_are_counted_by_severity() {
        let config = Config::new("a.conf", "one two three four;\n");
        let finding = |place| Finding::new(&RULE, config.place(place), "wrong");
        let findings = [
            finding("one"),
            finding("two"),
            finding("three").severity(Severity::Warning),
            finding("four").severity(Severity::Info),
        ];
        assert_eq!(
            closing(&findings, &config, [3, 0, 0], PLAIN),
            "\n2 errors, 1 warning, 1 note in 3 files.\n"
        );
    }

    #[test]
    fn what_is_hidden_or_unchecked_is_said() {
        let config = Config::new("a.conf", "");
        let closing = |counts| closing(&[], &config, counts, PLAIN);
        assert_eq!(closing([3, 0, 0]), "No problems in 3 files.\n");
        assert_eq!(
            closing([1, 12, 0]),
            "No problems in 1 file.\n12 findings are hidden; --severity info shows them.\n"
        );
        assert_eq!(
            closing([1, 1, 2]),
            "No problems in 1 file; 2 paths could not be checked.\n\
             1 finding is hidden; --severity info shows it.\n"
        );
        assert_eq!(closing([0, 0, 1]), "Nothing was checked: 1 path could not be read.\n");
        assert_eq!(closing([0, 0, 0]), "Nothing was checked.\n");
    }

    #[test]
    fn quiet_says_nothing() {
        let config = Config::new("a.conf", "");
        let style = Style { quiet: true, statistics: true, ..PLAIN };
        assert_eq!(closing(&[], &config, [3, 5, 1], style), "");
    }

    #[test]
    fn statistics_start_with_the_most_frequent_rule() {
        let config = Config::new("a.conf", "x ".repeat(20));
        let mut findings: Vec<Finding> =
            (0..12).map(|number| Finding::new(&SECOND_RULE, at(number * 2), "wrong")).collect();
        findings.push(Finding::new(&RULE, at(0), "wrong"));
        let style = Style { statistics: true, ..PLAIN };
        assert_eq!(
            closing(&findings, &config, [1, 0, 0], style),
            "\n12  map-without-default\n 1  connection-not-forwarded\n\n13 errors in 1 file.\n"
        );
    }
}
