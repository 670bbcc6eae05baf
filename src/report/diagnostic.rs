//! The findings of all configurations, in one order.

use wslint_grammar::Position;
use wslint_model::source::{Source, Sources};
use wslint_rules::finding::{Finding, FindingFix};
use wslint_rules::fix::Guard;

use super::Checked;

/// A finding, together with the files that its places are in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Diagnostic<'a> {
    /// The files of the finding's configuration.
    pub(super) sources: &'a Sources,
    /// The finding.
    pub(super) finding: &'a Finding,
    /// Its fix, when `--fix` or `--unsafe-fixes` would apply it.
    pub(super) fix: Option<&'a FindingFix>,
}

impl<'a> Diagnostic<'a> {
    /// The file that the cause is in.
    pub(super) fn source(&self) -> &'a Source {
        self.sources.get(self.finding.place.file)
    }

    /// Where the cause starts.
    pub(super) fn position(&self) -> Position {
        self.source().position(self.finding.place.span.start)
    }

    /// What diagnostics are sorted by; those with the same key say the same.
    fn key(&self) -> (&'a str, u32, &'a str, u32, &'a str) {
        let Finding { place, rule, message, .. } = self.finding;
        (&self.source().name, place.span.start, rule.name, place.span.end, message)
    }
}

/// The findings of all configurations, sorted by file, offset and rule.
///
/// A file that several configurations include is checked in each of them; what is found more than
/// once is listed once.
pub(super) fn collect<'a>(checked: &[Checked<'a>]) -> Vec<Diagnostic<'a>> {
    let mut diagnostics: Vec<_> = checked
        .iter()
        .flat_map(|&Checked { sources, findings, writable }| {
            let guard = Guard::new(sources, writable);
            findings.iter().map(move |finding| {
                let fix = finding.fix.as_ref().filter(|_| guard.allows(finding));
                Diagnostic { sources, finding, fix }
            })
        })
        .collect();
    diagnostics.sort_by(|a, b| a.key().cmp(&b.key()));
    diagnostics.dedup_by(|a, b| a.key() == b.key());
    diagnostics
}

#[cfg(test)]
mod tests {
    use wslint_rules::fix::Writable;

    use super::*;
    use crate::report::fixture::{Config, RULE, SECOND_RULE};

    #[test]
    fn sorted_by_file_then_offset_then_rule() {
        let b = Config::new("b.conf", "one;\ntwo;\n");
        let a = Config::new("a.conf", "one;\n");
        let in_b = [
            Finding::new(&RULE, b.place("two"), "4"),
            Finding::new(&SECOND_RULE, b.place("one"), "3"),
            Finding::new(&RULE, b.place("one"), "2"),
        ];
        let in_a = [Finding::new(&RULE, a.place("one"), "1")];
        let diagnostics = collect(&[
            Checked { sources: &b.sources, findings: &in_b, writable: Writable::All },
            Checked { sources: &a.sources, findings: &in_a, writable: Writable::All },
        ]);
        let messages: Vec<_> = diagnostics.iter().map(|it| it.finding.message.as_str()).collect();
        assert_eq!(messages, ["1", "2", "3", "4"]);
    }

    #[test]
    fn what_two_configurations_share_is_listed_once() {
        let config = Config::new("shared.conf", "one;\n");
        let findings = [Finding::new(&RULE, config.place("one"), "wrong")];
        let checked =
            Checked { sources: &config.sources, findings: &findings, writable: Writable::All };
        assert_eq!(collect(&[checked, checked]).len(), 1);
    }

    #[test]
    fn another_message_at_the_same_place_is_another_finding() {
        let config = Config::new("shared.conf", "one;\n");
        let place = config.place("one");
        let findings = [Finding::new(&RULE, place, "this"), Finding::new(&RULE, place, "that")];
        assert_eq!(
            collect(&[Checked {
                sources: &config.sources,
                findings: &findings,
                writable: Writable::All
            }])
            .len(),
            2
        );
    }
}
