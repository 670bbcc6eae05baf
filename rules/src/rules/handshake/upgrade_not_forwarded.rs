//! A location that is meant for WebSockets does not pass `Upgrade` on.

use wslint_model::intent::Proof;

use crate::cause::diagnosis::Missing;
use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::{Wanted, complete};
use crate::groups::Groups;
use crate::rules::UPGRADE_NOT_FORWARDED as RULE;
use crate::suggest::UPGRADE_LINE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let proof = diagnosis.proof;
        if diagnosis.missing == [Missing::Upgrade] {
            let wanted = Wanted::new(forwarded, diagnosis);
            groups.add_with(proof.place, || finding(proof), forwarded.pass.place(), wanted);
        }
    }
    let message = "this backend gets no `Upgrade`";
    findings.extend(groups.into_mended(message, |wanted| complete(context, wanted)));
}

fn finding(proof: Proof) -> Finding {
    Finding::new(
        &RULE,
        proof.place,
        "`Upgrade` is not passed on: nginx drops the client's unless `proxy_set_header` sends it, \
         and without it the backend sees a plain request",
    )
    .at_place("a handshake is meant to pass here")
    .help(format!("add `{UPGRADE_LINE}`"))
}
