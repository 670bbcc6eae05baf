//! FastCGI, gRPC or memcached where a WebSocket is meant.

use wslint_grammar::catalogue::directive as d;
use wslint_model::intent::{has_path_word, said_of};
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::text::location::LocationPattern;

use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::rules::HANDLER_CANNOT_UPGRADE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    for id in [d::FASTCGI_PASS, d::GRPC_PASS, d::MEMCACHED_PASS] {
        for (level, handler) in configuration.everywhere(id) {
            if configuration.level(level).kind != LevelKind::Location
                // With two handlers the last one counts, and one of them may upgrade.
                || configuration.has_own(level, d::PROXY_PASS)
            {
                continue;
            }
            let upgrade = upgrade_line(context, level);
            let proof = upgrade.map(|line| line.place());
            let said = said_of(context, level).map(|proof| proof.place);
            let Some(proof) = proof.or(said) else { continue };
            let certain = said.is_some() || has_websocket_path(context, level);
            let at_proof = if upgrade.is_some() {
                "has no effect here: it is about `proxy_pass`"
            } else {
                "meant for WebSockets, as was said"
            };
            let finding = finding(handler).label(proof, at_proof);
            findings.push(match certain {
                true => finding,
                false => finding.severity(Severity::Info).effect(Effect::Advice),
            });
        }
    }
}

/// The location's own line that passes `Upgrade` on, or would.
fn upgrade_line<'c>(context: &Context<'c>, level: LevelId) -> Option<Setting<'c>> {
    context.configuration.own(level, d::PROXY_SET_HEADER).iter().find(|line| {
        let name = line.value(0).unwrap_or_default();
        let value = line.value(1).unwrap_or_default();
        name.eq_ignore_ascii_case(b"Upgrade") && !value.is_empty()
    })
}

fn has_websocket_path(context: &Context<'_>, level: LevelId) -> bool {
    context
        .configuration
        .head(level)
        .and_then(|head| LocationPattern::read(head.directive))
        .is_some_and(|pattern| has_path_word(&pattern))
}

fn finding(handler: Setting<'_>) -> Finding {
    let name = String::from_utf8_lossy(&handler.directive.name()).into_owned();
    let why = if name == "grpc_pass" {
        "speaks HTTP/2 to the backend, which has no `Upgrade`"
    } else {
        "has no way to hand a connection over"
    };
    Finding::new(&RULE, handler.place(), format!("`{name}` cannot carry a WebSocket: it {why}"))
        .at_place("no handshake gets through here")
        .help("give the WebSocket server a location of its own, with `proxy_pass`")
}
