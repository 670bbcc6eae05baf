//! A line of a map that was meant to be `default` is an ordinary key.

use wslint_grammar::{Edit, Fix};
use wslint_model::source::{DirectiveRef, Place};

use crate::cause::map_fault::{Fault, Kind};
use crate::context::Context;
use crate::finding::Finding;
use crate::rules::MAP_DEFAULT_MISSPELT as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for fault in context.map_faults().of(Kind::DefaultMisspelt) {
        findings.extend(fault.line.map(|line| finding(context, fault, line)));
    }
}

fn finding(context: &Context<'_>, fault: &Fault, line: DirectiveRef) -> Finding {
    let map = fault.the_map(context);
    let key = context.configuration.setting(line).directive.name_word();
    let place = Place { file: line.file, span: key.span() };
    let message = format!(
        "`{}` is an ordinary key, which no handshake matches: `${}` is empty for {}, so \
         `Connection` is not sent",
        String::from_utf8_lossy(key.raw()),
        map.variable,
        fault.client
    );
    let finding = Finding::new(&RULE, place, message)
        .at_place("only `default`, spelt so, is the default")
        .label(map.place(&context.configuration.loaded), "in this map")
        .help("write `default`")
        .fix(Fix::safe("write `default`", vec![Edit::replace(key.span(), "default")]));
    fault.label_uses(finding)
}
