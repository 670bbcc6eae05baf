//! `proxy_hide_header` takes a header away that the client looks for in the `101`.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::resolve::{Effective, LevelId, Setting};
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::{Effect, Finding, FindingFix, Severity};
use crate::fix_writing::pass_header;
use crate::groups::Groups;
use crate::rules::UPGRADE_RESPONSE_HEADER_HIDDEN as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let level = forwarded.level;
        let Some(hidden) = context.configuration.effective(level, d::PROXY_HIDE_HEADER).set()
        else {
            continue;
        };
        for line in hidden.iter() {
            let Some(name) = line.value(0) else { continue };
            if is_needed(&name).is_some() && !may_be_passed(context, level, &name) {
                groups.add_with(
                    line.place(),
                    || finding(line, &name, diagnosis.proof.place),
                    forwarded.pass.place(),
                    (level, line),
                );
            }
        }
    }
    findings.extend(groups.into_mended("in answers of this backend", |felt| fix(context, felt)));
}

/// Gives the header back where handshakes pass. A backend's other answers may have an `Upgrade` too,
/// which was hidden for a reason; the rest is in a `101` alone.
fn fix(context: &Context<'_>, felt: &[(LevelId, Setting<'_>)]) -> Option<FindingFix> {
    let name = felt.first()?.1.directive.argument(0)?.value();
    let alone = felt.iter().all(|&(level, _)| traffic(context, level) == Traffic::WebSocketsAlone);
    let edits = pass_header(context, felt)?;
    let name = String::from_utf8_lossy(&name).into_owned();
    let is_safe = alone || !name.eq_ignore_ascii_case("Upgrade");
    edits.ask_unless(is_safe).into_fix(format!("do not hide `{name}` here"))
}

/// Whether a client looks for a header of the `101` (RFC 6455, section 4.1), and whether every
/// client does: only one that asks for a subprotocol minds that there is none.
fn is_needed(name: &[u8]) -> Option<bool> {
    if name.eq_ignore_ascii_case(b"Upgrade") || name.eq_ignore_ascii_case(b"Sec-WebSocket-Accept") {
        return Some(true);
    }
    name.eq_ignore_ascii_case(b"Sec-WebSocket-Protocol").then_some(false)
}

/// Whether a `proxy_pass_header` in effect gives it back, or may, out of sight
/// (`ngx_http_upstream_hide_headers_hash`).
fn may_be_passed(context: &Context<'_>, level: LevelId, name: &[u8]) -> bool {
    let is_it = |line: Setting<'_>| {
        line.directive.argument(0).is_some_and(|word| word.value().eq_ignore_ascii_case(name))
    };
    match context.configuration.effective(level, d::PROXY_PASS_HEADER) {
        Effective::Set(lines) => lines.unseen.is_some() || lines.iter().any(is_it),
        Effective::Default => false,
        Effective::Unknown(_) => true,
    }
}

fn finding(line: Setting<'_>, name: &[u8], proof: Place) -> Finding {
    let shown = String::from_utf8_lossy(name).into_owned();
    let is_for_all = is_needed(name) == Some(true);
    let message = if is_for_all {
        format!("the client gets the `101` without `{shown}`, and closes the connection")
    } else {
        format!(
            "the client gets the `101` without `{shown}`: one that asked for a subprotocol closes \
             the connection, or speaks another one"
        )
    };
    let finding = Finding::new(&RULE, line.place(), message)
        .at_place("taken out of answers, the `101` among them")
        .label(proof, "meant for WebSockets")
        .help(format!(
            "take it away, or add `proxy_pass_header {shown};` where the handshakes pass"
        ));
    if is_for_all { finding } else { finding.severity(Severity::Warning).effect(Effect::Degraded) }
}
