//! The copy of a handshake that `mirror` sends is a handshake too.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::proxied_request::{HTTP_1_1_BY_DEFAULT, Verdict};
use wslint_model::resolve::{Effective, LevelId};

use crate::cause::sub_request_leak::{clear, gets_through, leak};
use crate::context::Context;
use crate::finding::{Finding, VersionRange};
use crate::groups::Groups;
use crate::rules::UPGRADE_LEAKS_INTO_MIRROR as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    if context.occurrences().of(configuration, d::MIRROR).next().is_none() {
        return;
    }
    let mut groups: Groups<Option<LevelId>> = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let level = forwarded.level;
        let Effective::Set(lines) = configuration.effective(level, d::MIRROR) else { continue };
        for line in lines.iter() {
            let Some(leak) = leak(context, level, line) else { continue };
            // A backend that does not take it for a handshake does no harm.
            let versions = match leak.is_whole(context) {
                Verdict::Passes => None,
                Verdict::FailsIn(_) => Some(VersionRange::since(HTTP_1_1_BY_DEFAULT)),
                Verdict::Fails | Verdict::Unknown => continue,
            };
            if gets_through(context, level) {
                continue;
            }
            let place = leak.place(context);
            let finding = || {
                let mut finding = Finding::new(
                    &RULE,
                    place,
                    "the copy that `mirror` sends is a handshake too: nginx takes no 101 for it, \
                     and closes the client's connection",
                );
                finding.nginx_versions = versions;
                leak.advise(context, finding)
            };
            groups.add_with(
                place,
                finding,
                if place == line.place() { forwarded.pass.place() } else { line.place() },
                leak.own_location(),
            );
        }
    }
    let message = "sends a copy of handshakes";
    findings.extend(groups.into_mended(message, |locations| clear(context, locations)));
}
