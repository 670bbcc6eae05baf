//! `proxy_pass_request_headers off` takes `Sec-WebSocket-Key` and `-Version` away.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::prose::listed;
use wslint_model::resolve::{Effective, LevelId, Setting};
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::set_value;
use crate::groups::Groups;
use crate::rules::REQUEST_HEADERS_NOT_PASSED as RULE;

/// What a backend looks for besides `Upgrade` and `Connection` (RFC 6455, section 4.2.1).
const NEEDED: [&str; 2] = ["Sec-WebSocket-Key", "Sec-WebSocket-Version"];

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let setting =
            context.configuration.value(forwarded.level, d::PROXY_PASS_REQUEST_HEADERS).set();
        let Some(line) = setting.filter(|line| {
            // Case does not matter for nginx either (`ngx_conf_set_flag_slot`).
            let value = line.value(0).unwrap_or_default();
            value.eq_ignore_ascii_case(b"off")
        }) else {
            continue;
        };
        let lost = lost(forwarded);
        if !lost.is_empty() {
            groups.add_with(
                line.place(),
                || finding(line, &lost, diagnosis.proof.place),
                forwarded.pass.place(),
                forwarded.level,
            );
        }
    }
    findings
        .extend(groups.into_mended("handshakes for this backend", |levels| fix(context, levels)));
}

/// Passes the client's headers on, which is another thing for pages too where these come.
fn fix(context: &Context<'_>, levels: &[LevelId]) -> Option<FindingFix> {
    let is_alone = |&level: &LevelId| traffic(context, level) == Traffic::WebSocketsAlone;
    let alone = levels.iter().all(is_alone);
    let id = d::PROXY_PASS_REQUEST_HEADERS;
    let edits = set_value(context, id, "on", levels.iter().copied())?;
    edits.ask_unless(alone).into_fix("pass the client's headers on")
}

/// The headers that no line sets by hand.
fn lost(forwarded: &Forwarded<'_>) -> Vec<String> {
    let lines = match forwarded.headers {
        Effective::Set(lines) if lines.unseen.is_none() => lines,
        Effective::Default => return NEEDED.map(|name| format!("`{name}`")).to_vec(),
        // Other lines may set them, out of sight.
        Effective::Set(_) | Effective::Unknown(_) => return Vec::new(),
    };
    let sets = |name: &str| {
        lines.iter().any(|line| {
            let own = line.value(0).unwrap_or_default();
            own.eq_ignore_ascii_case(name.as_bytes())
        })
    };
    NEEDED.iter().filter(|name| !sets(name)).map(|name| format!("`{name}`")).collect()
}

fn finding(line: Setting<'_>, lost: &[String], proof: Place) -> Finding {
    Finding::new(
        &RULE,
        line.place(),
        format!(
            "the client's headers are not passed on, {} among them, and without {} the backend \
             refuses the handshake",
            listed(lost),
            if lost.len() == 1 { "it" } else { "them" },
        ),
    )
    .at_place("none of the client's headers is passed on")
    .label(proof, "meant for WebSockets")
    .help("set `proxy_pass_request_headers on;` where the handshakes pass")
}
