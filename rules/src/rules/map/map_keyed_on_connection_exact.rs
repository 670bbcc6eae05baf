//! A map compares the whole of `$http_connection`, which is a list.

use wslint_model::handshake::proxied_request::has_upgrade_token;
use wslint_model::source::{DirectiveRef, Place};

use crate::cause::map_fault::{Fault, Kind};
use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::{Edits, mend_map, replace_key, uses_captures};
use crate::rules::MAP_KEYED_ON_CONNECTION_EXACT as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for fault in context.map_faults().of(Kind::KeyedOnConnection) {
        findings.push(finding(context, fault));
    }
}

fn finding(context: &Context<'_>, fault: &Fault) -> Finding {
    let map = fault.the_map(context);
    let source = String::from_utf8_lossy(&map.source);
    let message = format!(
        "`${}` is {} for {}: browsers send `Connection: Upgrade` or `keep-alive, Upgrade`, and the \
         map has a line for one of them only",
        map.variable,
        fault.value.shown(),
        fault.client,
    );
    let key = fault.line.map(|line| {
        let setting = context.configuration.setting(line);
        let word = setting.directive.name_word();
        (Place { file: line.file, span: word.span() }, word)
    });
    let place = key.map_or_else(|| map.place(&context.configuration.loaded), |(place, _)| place);
    let mut finding = Finding::new(&RULE, place, message)
        .at_place("must match every list that has `upgrade` in it")
        .label(map.place(&context.configuration.loaded), format!("looks at `{source}`"));
    let line = fault.line.filter(|_| key.is_some_and(|(_, word)| has_upgrade_token(&word.value())));
    finding = match line {
        Some(_) => {
            finding.help("write `~*upgrade` for the key, or let the map look at `$http_upgrade`")
        }
        None => finding.help("add `~*upgrade upgrade;`, or let the map look at `$http_upgrade`"),
    };
    fault.label_uses(finding).mended_by(fix(context, fault, line))
}

/// Lets the line for one of the lists take all of them, or adds one that does.
fn fix(context: &Context<'_>, fault: &Fault, line: Option<DirectiveRef>) -> Option<FindingFix> {
    let Some(line) = line else { return mend_map(context, fault) };
    let mut edits = Edits::default();
    edits.add(replace_key(context, fault.the_map(context), line, "~*upgrade")?);
    // Handshakes that the text matched kept what a location captured; those that a regular
    // expression matches do not.
    edits.ask_unless(!uses_captures(context)).into_fix("write `~*upgrade` for the key")
}
