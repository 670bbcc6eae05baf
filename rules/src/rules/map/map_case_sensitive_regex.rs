//! A key of a map has regard to case, and not every client writes `websocket`.

use wslint_grammar::Edit;
use wslint_model::source::{DirectiveRef, Place};

use crate::cause::map_fault::{Fault, Kind};
use crate::context::Context;
use crate::finding::{Effect, Finding, FindingFix, Severity};
use crate::fix_writing::{Edits, replace_key};
use crate::rules::MAP_CASE_SENSITIVE_REGEX as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for fault in context.map_faults().of(Kind::CaseSensitiveRegex) {
        findings.extend(fault.line.map(|line| finding(context, fault, line)));
    }
}

fn finding(context: &Context<'_>, fault: &Fault, line: DirectiveRef) -> Finding {
    let map = fault.the_map(context);
    let key = context.configuration.setting(line).directive.name_word();
    let written = key.value();
    let written = String::from_utf8_lossy(&written);
    let message = format!(
        "`${}` is {} for {}: `~` has regard to case, and the name of a protocol has none",
        map.variable,
        fault.value.shown(),
        fault.client,
    );
    let place = Place { file: line.file, span: key.span() };
    let without_case = written.replacen('~', "~*", 1);
    let finding = Finding::new(&RULE, place, message)
        .at_place("has regard to case")
        .label(map.place(&context.configuration.loaded), "in this map")
        .help(format!("write `websocket`, as plain keys have no case, or `{without_case}`"))
        .mended_by(fix(context, fault, line));
    let finding = match fault.fails {
        true => finding.severity(Severity::Error).effect(Effect::HandshakeFails),
        false => finding,
    };
    fault.label_uses(finding)
}

/// Puts `*` behind the `~`.
fn fix(context: &Context<'_>, fault: &Fault, line: DirectiveRef) -> Option<FindingFix> {
    let key = context.configuration.setting(line).directive.name_word();
    let raw = String::from_utf8_lossy(key.raw()).replacen('~', "~*", 1);
    let message = format!("write `{}`", raw.trim_matches(['"', '\'']));
    let mut edits = Edits::default();
    match replace_key(context, fault.the_map(context), line, &raw) {
        Some(edit) => edits.add(edit),
        // More spellings of the same name are right for other maps too.
        None => edits.add_in(line.file, Edit::replace(key.span(), raw)),
    }
    edits.into_fix(message)
}
