//! `Upgrade` is passed on, but no `Connection` that announces it.

use wslint_model::handshake::proxied_request::{Forwarded, HTTP_1_1_BY_DEFAULT};
use wslint_model::intent::Proof;

use crate::cause::diagnosis::Missing;
use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::{Wanted, complete, connection_advice};
use crate::groups::Groups;
use crate::rules::CONNECTION_NOT_FORWARDED as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let proof = diagnosis.proof;
        if diagnosis.missing == [Missing::Connection] {
            groups.add_with(
                proof.place,
                || finding(context, forwarded, proof),
                forwarded.pass.place(),
                Wanted::new(forwarded, diagnosis),
            );
        }
    }
    let message = "this backend gets no `Connection: upgrade`";
    findings.extend(groups.into_mended(message, |wanted| complete(context, wanted)));
}

fn finding(context: &Context<'_>, forwarded: &Forwarded<'_>, proof: Proof) -> Finding {
    let sent = match context.nginx_version {
        Some(version) if version >= HTTP_1_1_BY_DEFAULT => "nothing",
        Some(_) => "`Connection: close`",
        None => "`Connection: close`, or nothing from 1.29.7 on",
    };
    let right = connection_advice(context, forwarded.level);
    Finding::new(
        &RULE,
        proof.place,
        format!(
            "`Upgrade` is passed on, but `Connection` is not: nginx sends {sent}, and a backend \
             refuses an `Upgrade` that `Connection` does not announce"
        ),
    )
    .at_place("`Upgrade` is passed on here")
    .help(right.and_map(&format!("add `{}`", right.line())))
}
