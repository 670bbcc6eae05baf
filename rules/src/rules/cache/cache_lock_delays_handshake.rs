//! Handshakes wait for each other in steps of half a second.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::cache::HandshakeCache;

use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::add_predicate_everywhere;
use crate::groups::Groups;
use crate::handshake_predicate::line_to_add;
use crate::rules::CACHE_LOCK_DELAYS_HANDSHAKE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let level = forwarded.level;
        let Some(cache) = HandshakeCache::at(context, level) else { continue };
        if cache.answers_handshakes() && context.reports("cache-without-upgrade-bypass") {
            continue;
        }
        let Some(lock) = cache.lock(context, level) else { continue };
        let finding = || {
            Finding::new(
                &RULE,
                lock.place(),
                "handshakes that come at the same time for the same key wait for each other, in \
                 steps of half a second: no `101` is ever stored that would free them all",
            )
            .at_place("one handshake at a time")
            .label(cache.cache.place(), "handshakes look into this cache")
            .label(diagnosis.proof.place, "meant for WebSockets")
            .help(format!("add {}", line_to_add(context, level, d::PROXY_CACHE_BYPASS)))
        };
        groups.add_with(lock.place(), finding, forwarded.pass.place(), level);
    }
    let mended = groups.into_mended("handshakes for this backend wait", |levels| {
        let id = d::PROXY_CACHE_BYPASS;
        let edits = add_predicate_everywhere(context, levels, id, "$http_upgrade")?;
        edits.into_fix("let handshakes bypass the cache")
    });
    findings.extend(mended);
}
