//! The answer to one refused handshake is served to everybody.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::cache::HandshakeCache;
use wslint_model::resolve::{LevelId, Setting};
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::add_predicate_everywhere;
use crate::groups::Groups;
use crate::handshake_predicate::line_to_add;
use crate::rules::CACHE_STORES_FAILED_HANDSHAKE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let level = forwarded.level;
        let Some(cache) = HandshakeCache::at(context, level) else { continue };
        if cache.answers_handshakes() && context.reports("cache-without-upgrade-bypass") {
            continue;
        }
        if let Some(line) = cache.keeps_refusals(context, level) {
            let proof = diagnosis.proof.place;
            groups.add_with(
                line.place(),
                || finding(context, line, cache, level, proof),
                forwarded.pass.place(),
                level,
            );
        }
    }
    let mended = groups.into_mended("this backend may refuse handshakes", |levels| {
        let id = d::PROXY_NO_CACHE;
        let edits = add_predicate_everywhere(context, levels, id, "$http_upgrade")?;
        edits.into_fix("keep the answers to handshakes out of the cache")
    });
    findings.extend(mended);
}

fn finding(
    context: &Context<'_>,
    line: Setting<'_>,
    cache: HandshakeCache<'_>,
    level: LevelId,
    proof: Place,
) -> Finding {
    let who = if cache.is_kept_apart { "every other handshake" } else { "everybody" };
    Finding::new(
        &RULE,
        line.place(),
        format!(
            "the answer to a handshake that the backend refuses is stored, and served to {who} \
             for the same key: whoever sends a bad handshake takes the URL away from the others"
        ),
    )
    .at_place("keeps refusals, too")
    .label(cache.cache.place(), "in this cache")
    .label(proof, "meant for WebSockets")
    .help(format!("add {}", line_to_add(context, level, d::PROXY_NO_CACHE)))
}
