//! `add_header` for a handshake: it is about the answer, not about the request.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::Request;
use wslint_model::handshake::evidence::{declines, proof};
use wslint_model::handshake::proxied_request::{Forwarded, has_upgrade_token};
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::intent::uses_upgrade;
use wslint_model::resolve::Setting;

use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::{Remedy, connection_advice, rename_to_request_headers};
use crate::rules::ADD_HEADER_USED_FOR_UPGRADE as RULE;
use crate::suggest::UPGRADE_LINE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut seen = FxHashSet::default();
    for forwarded in context.forwarded() {
        let added = context.configuration.own(forwarded.level, d::ADD_HEADER);
        let Some(line) = added.iter().find(|line| is_upgrade(context, *line)) else { continue };
        // Where a part of the handshake is passed on, the rest is what another rule misses.
        if forwarded.upgrade.is_absent()
            && proof(context, forwarded).is_none()
            && !declines(forwarded)
            && seen.insert(line.reference)
        {
            let connection = added.iter().find(|line| is_named(*line, b"Connection"));
            let mut finding = finding(context, forwarded, line, connection);
            if let Some(Remedy { help, fix }) = fix(context, forwarded, line, connection) {
                finding.help = help.or(finding.help);
                finding.fix = fix;
            }
            findings.push(finding);
        }
    }
}

/// Makes them headers of the request, and adds what is missing.
fn fix(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    upgrade: Setting<'_>,
    connection: Option<Setting<'_>>,
) -> Option<Remedy> {
    let lines: Vec<Setting<'_>> = std::iter::once(upgrade).chain(connection).collect();
    let level = forwarded.level;
    // Without the last of them, answers would get the headers of the level above.
    let added = context.configuration.own(level, d::ADD_HEADER).iter().count();
    let above = context.configuration.level(level).parent;
    let inherits = above
        .is_some_and(|above| !context.configuration.effective(above, d::ADD_HEADER).is_default());
    let alone = traffic(context, level) == Traffic::WebSocketsAlone;
    let leaves_pages = lines.iter().all(|line| {
        let word = line.value(1).unwrap_or_default();
        let plain = context.evaluate(&word, &Request::PLAIN, level);
        plain.value.bytes().is_some_and(|value| {
            !has_upgrade_token(value) && !value.eq_ignore_ascii_case(b"websocket")
        })
    });
    let is_safe = !(added == lines.len() && inherits) && (alone || leaves_pages);
    rename_to_request_headers(context, forwarded, &lines, is_safe)
}

fn is_named(line: Setting<'_>, name: &[u8]) -> bool {
    line.directive.argument(0).is_some_and(|word| word.value().eq_ignore_ascii_case(name))
}

/// Whether a line adds the `Upgrade` of a handshake: an offer of HTTP/2 is another thing.
fn is_upgrade(context: &Context<'_>, line: Setting<'_>) -> bool {
    is_named(line, b"Upgrade") && {
        let value = line.value(1).unwrap_or_default();
        value.eq_ignore_ascii_case(b"websocket") || uses_upgrade(context, &value, 4)
    }
}

fn finding(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    line: Setting<'_>,
    connection: Option<Setting<'_>>,
) -> Finding {
    let right = connection_advice(context, forwarded.level);
    let finding = Finding::new(
        &RULE,
        line.place(),
        "`add_header` is about the answer to the client: no `Upgrade` reaches the backend, which \
         sees a plain request",
    )
    .at_place("meant for the request")
    .label(forwarded.pass.place(), "this backend gets no handshake")
    .help(right.and_map(&format!("write `{UPGRADE_LINE}` and `{}` instead", right.line())));
    match connection {
        Some(connection) => finding.label(connection.place(), "and this"),
        None => finding,
    }
}
