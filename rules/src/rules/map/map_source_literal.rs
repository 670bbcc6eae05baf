//! A map looks at a word: the `$` before the name of the variable is missing.

use wslint_grammar::{Edit, Fix};

use crate::cause::map_fault::{Fault, Kind};
use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::rules::MAP_SOURCE_LITERAL as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for fault in context.map_faults().of(Kind::SourceLiteral) {
        findings.extend(finding(context, fault));
    }
}

fn finding(context: &Context<'_>, fault: &Fault) -> Option<Finding> {
    let map = fault.the_map(context);
    let head = context.configuration.setting(map.reference);
    let word = head.directive.argument(0)?;
    let name = String::from_utf8_lossy(&map.source);
    let so = match fault.fails {
        true => "handshakes do not get `upgrade`".to_owned(),
        false => "plain requests get `upgrade` too".to_owned(),
    };
    let message = format!(
        "this map looks at the word `{name}`, not at the variable: `${}` is {} for every request, \
         and {so}",
        map.variable,
        fault.value.shown(),
    );
    let fix =
        Fix::safe(format!("write `${name}`"), vec![Edit::insert(word.content_span().start, "$")]);
    let finding = Finding::new(&RULE, head.argument_place(0), message)
        .at_place("the same for every request")
        .help(format!("write `${name}`"))
        .fix(fix);
    let finding = match fault.fails {
        true => finding.severity(Severity::Error).effect(Effect::HandshakeFails),
        false => finding,
    };
    Some(fault.label_uses(finding))
}
