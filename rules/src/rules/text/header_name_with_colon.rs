//! A colon in the name of a header.

use wslint_grammar::{Edit, Fix, Span, Word};
use wslint_model::resolve::Setting;
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::rules::HEADER_NAME_WITH_COLON as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for &line in context.header_lines() {
        let Some(word) = line.directive.argument(0) else { continue };
        let name = word.value();
        if name.ends_with(b":") && name.len() > 1 {
            findings.push(finding(line, word));
        }
    }
}

fn finding(line: Setting<'_>, word: Word<'_>) -> Finding {
    let value = word.value();
    let name = String::from_utf8_lossy(&value);
    let right = name.trim_end_matches(':');
    let end = word.content_span().end;
    let colons = (name.len() - right.len()) as u32;
    let finding = Finding::new(
        &RULE,
        Place { file: line.reference.file, span: word.span() },
        format!("the field is sent as `{name}:`: a backend reads a value that begins with a colon"),
    )
    .at_place("a name has no colon")
    .help(format!("write `{right}`"))
    .fix(Fix::safe("take the colon away", vec![Edit::delete(Span::new(end - colons, end))]));
    let upgrades = ["upgrade", "connection"].contains(&right.to_ascii_lowercase().as_str());
    if upgrades { finding } else { finding.severity(Severity::Warning).effect(Effect::Degraded) }
}
