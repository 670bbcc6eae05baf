//! The backend of `auth_request` gets the handshake too.

use wslint_grammar::catalogue::directive as d;
use wslint_model::resolve::{Effective, LevelId};

use crate::cause::sub_request_leak::{clear, gets_through, leak};
use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Groups;
use crate::rules::UPGRADE_LEAKS_INTO_AUTH_REQUEST as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    if context.occurrences().of(configuration, d::AUTH_REQUEST).next().is_none() {
        return;
    }
    let mut groups: Groups<Option<LevelId>> = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let level = forwarded.level;
        let Effective::Set(line) = configuration.value(level, d::AUTH_REQUEST) else { continue };
        let Some(leak) = leak(context, level, line) else { continue };
        if gets_through(context, level) {
            continue;
        }
        let place = leak.place(context);
        let finding = || {
            let finding = Finding::new(
                &RULE,
                place,
                "the backend of `auth_request` gets the handshake too: when it answers 101, nginx \
                 closes the connection, and when it refuses it, nginx answers 500",
            );
            leak.advise(context, finding)
        };
        groups.add_with(
            place,
            finding,
            if place == line.place() { forwarded.pass.place() } else { line.place() },
            leak.own_location(),
        );
    }
    let message = "handshakes ask here first";
    findings.extend(groups.into_mended(message, |locations| clear(context, locations)));
}
