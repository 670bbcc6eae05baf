//! A regular expression for an empty value, which no map asks.

use wslint_grammar::{Edit, Fix};
use wslint_model::source::{DirectiveRef, Place};

use crate::cause::map_fault::{Fault, Kind};
use crate::context::Context;
use crate::finding::Finding;
use crate::rules::MAP_REGEX_FOR_EMPTY as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for fault in context.map_faults().of(Kind::RegexForEmpty) {
        findings.extend(fault.line.map(|line| finding(context, fault, line)));
    }
}

fn finding(context: &Context<'_>, fault: &Fault, line: DirectiveRef) -> Finding {
    let map = fault.the_map(context);
    let key = context.configuration.setting(line).directive.name_word();
    let message = format!(
        "`{}` is not asked for requests without `Upgrade`, since maps skip regular expressions for \
         an empty value: `${}` is `upgrade` for plain requests too",
        String::from_utf8_lossy(key.raw()),
        map.variable,
    );
    let finding = Finding::new(&RULE, Place { file: line.file, span: key.span() }, message)
        .at_place("never matches an empty value");
    let finding = match fault.entry {
        Some(entry) => {
            let place = context.configuration.setting(entry).place();
            finding.label(place, "is used for plain requests instead")
        }
        None => finding,
    };
    let finding = finding
        .help("write `''` for the key")
        .fix(Fix::safe("write `''`", vec![Edit::replace(key.span(), "''")]));
    fault.label_uses(finding)
}
