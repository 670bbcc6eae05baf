//! A backslash before a variable, which nginx sends along.

use std::ops::Range;

use memchr::memmem;
use wslint_grammar::{Edit, Fix, Span, Word};
use wslint_model::resolve::Setting;
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::rules::ESCAPED_DOLLAR as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut sources = context.configuration.loaded.sources.iter();
    // Texts without any are not walked.
    if !sources.any(|(_, source)| memmem::find(source.tree.text(), b"\\$").is_some()) {
        return;
    }
    for &line in context.header_lines() {
        let Some(word) = line.directive.argument(1) else { continue };
        let backslashes = backslashes(word.raw());
        if !backslashes.is_empty() {
            findings.push(finding(line, word, &backslashes));
        }
    }
}

/// The backslashes before each dollar sign: two are one to nginx, and sent as well.
fn backslashes(text: &[u8]) -> Vec<Range<usize>> {
    let before = |dollar: usize| {
        let kept = text[..dollar].iter().rposition(|&byte| byte != b'\\').map_or(0, |at| at + 1);
        kept..dollar
    };
    memchr::memchr_iter(b'$', text).map(before).filter(|range| !range.is_empty()).collect()
}

fn finding(line: Setting<'_>, word: Word<'_>, backslashes: &[Range<usize>]) -> Finding {
    let start = word.span().start;
    let spans: Vec<Span> = backslashes
        .iter()
        .map(|range| Span::new(start + range.start as u32, start + range.end as u32))
        .collect();
    let mut right = word.raw().to_vec();
    for range in backslashes.iter().rev() {
        right.drain(range.clone());
    }
    let right = String::from_utf8_lossy(&right);
    let finding = Finding::new(
        &RULE,
        Place { file: line.reference.file, span: spans[0] },
        "nginx replaces the variable all the same and sends the backslash along: there is no way to \
         escape a dollar sign",
    )
    .at_place("is sent to the backend")
    .help(format!("write `{right}`"))
    .fix(Fix::safe("take the backslash away", spans.into_iter().map(Edit::delete).collect()));
    let name = line.value(0).unwrap_or_default();
    let upgrades =
        name.eq_ignore_ascii_case(b"upgrade") || name.eq_ignore_ascii_case(b"connection");
    if upgrades { finding } else { finding.severity(Severity::Warning).effect(Effect::Degraded) }
}
