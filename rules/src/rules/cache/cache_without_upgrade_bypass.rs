//! A cached answer can take the place of the `101`.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::cache::HandshakeCache;
use wslint_model::intent::Proof;
use wslint_model::resolve::{LevelId, Setting};

use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::fix_writing::add_predicate_everywhere;
use crate::groups::Groups;
use crate::handshake_predicate::line_to_add;
use crate::rules::CACHE_WITHOUT_UPGRADE_BYPASS as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let level = forwarded.level;
        let Some(cache) = HandshakeCache::at(context, level) else { continue };
        if cache.answers_handshakes() {
            groups.add_with(
                cache.cache.place(),
                || finding(context, cache, level, diagnosis.proof),
                forwarded.pass.place(),
                level,
            );
        }
    }
    let mended = groups.into_mended("handshakes for this backend", |levels| {
        let id = d::PROXY_CACHE_BYPASS;
        let edits = add_predicate_everywhere(context, levels, id, "$http_upgrade")?;
        edits.into_fix("let handshakes bypass the cache")
    });
    findings.extend(mended);
}

fn finding<'c>(
    context: &Context<'c>,
    cache: HandshakeCache<'c>,
    level: LevelId,
    proof: Proof,
) -> Finding {
    let valid = HandshakeCache::keeps_pages(context, level);
    let refusals = cache.keeps_refusals(context, level);
    let bypass = line_to_add(context, level, d::PROXY_CACHE_BYPASS);
    let help = match refusals {
        Some(_) => {
            format!("add {bypass} and {}", line_to_add(context, level, d::PROXY_NO_CACHE))
        }
        None => format!("add {bypass}"),
    };
    let mut finding = Finding::new(
        &RULE,
        cache.cache.place(),
        "a plain answer from the cache can take the place of the `101`: a handshake for the same \
         key is not passed on",
    )
    .at_place("answers are cached here, for handshakes too")
    .label(proof.place, "meant for WebSockets")
    .help(help);
    let same = |one: Setting<'_>, other: Setting<'_>| one.reference == other.reference;
    if let Some(valid) = valid {
        let also = match refusals {
            Some(line) if same(line, valid) => ", and refused handshakes",
            _ => "",
        };
        finding = finding
            .label(valid.place(), format!("lets plain answers into the cache{also}"))
            .severity(Severity::Error)
            .effect(Effect::HandshakeFails);
    }
    if let Some(line) = refusals
        && !valid.is_some_and(|valid| same(valid, line))
    {
        finding = finding.label(line.place(), "lets refused handshakes into the cache");
    }
    match cache.lock(context, level) {
        Some(lock) => finding.label(lock.place(), "makes handshakes wait for each other"),
        None => finding,
    }
}
