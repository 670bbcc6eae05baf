//! `proxy_pass` names an upstream that is declared nowhere.

use crate::cause::upstream_name::{Undeclared, undeclared};
use crate::context::Context;
use crate::finding::Finding;
use crate::rules::UPSTREAM_UNDECLARED as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(undeclared(context).iter().map(finding));
}

fn finding(undeclared: &Undeclared<'_>) -> Finding {
    let &Undeclared { place, ref host, why, meant } = undeclared;
    let name = meant.value(0).unwrap_or_default();
    let name = String::from_utf8_lossy(&name);
    let meant = meant.words_place();
    let message =
        format!("host not found in upstream \"{host}\": no upstream has that name, but {why}");
    Finding::new(&RULE, place, message)
        .at_place("declared nowhere")
        .label(meant, "perhaps this one is meant")
        .help(format!("write `{name}`, unless a machine called `{host}` exists where nginx runs"))
}
