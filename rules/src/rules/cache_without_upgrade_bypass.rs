//! `cache-without-upgrade-bypass`

use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::evaluate::{Request, Value};
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::intent::{Proof, uses_upgrade};
use crate::resolve::{Effective, LevelId, Setting};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "cache-without-upgrade-bypass",
    category: Category::Cache,
    severity: Severity::Warning,
    effect: Effect::Degraded,
    summary: "a cached answer can take the place of the `101`",
    page: include_str!("../../../docs/rules/cache-without-upgrade-bypass.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let proof = diagnosis.proof;
        let level = forwarded.level;
        let Effective::Set(cache) = context.configuration.value(level, d::PROXY_CACHE) else {
            continue;
        };
        if is(cache, b"off") || key_tells_handshakes_apart(context, level) {
            continue;
        }
        if may_bypass(context, level) {
            continue;
        }
        let valid = valid_line(context, level);
        let help = help(context, level);
        groups.add(cache.place(), || finding(cache, proof, valid, help), forwarded.pass.place());
    }
    findings.extend(groups.into_findings("handshakes for this backend"));
}

fn is(setting: Setting<'_>, value: &[u8]) -> bool {
    setting.directive.argument(0).is_some_and(|word| word.value().as_ref() == value)
}

/// Whether the cache key differs for handshakes and plain requests.
fn key_tells_handshakes_apart(context: &Context<'_>, level: LevelId) -> bool {
    let Effective::Set(key) = context.configuration.value(level, d::PROXY_CACHE_KEY) else {
        return false;
    };
    let Some(text) = key.directive.argument(0).map(wslint_grammar::Word::value) else {
        return false;
    };
    let key_for = |request| context.variables.evaluate(&text, request, level).value.clone();
    uses_upgrade(context, &text, 4)
        || matches!(
            (key_for(&Request::CHROME), key_for(&Request::PLAIN)),
            (Value::Known(handshake), Value::Known(plain)) if handshake != plain
        )
}

/// Whether a handshake is, or may be, answered without looking into the cache: some predicate is
/// neither empty nor "0" (`ngx_http_test_predicates`), or cannot be told.
fn may_bypass(context: &Context<'_>, level: LevelId) -> bool {
    match context.configuration.effective(level, d::PROXY_CACHE_BYPASS) {
        Effective::Default => false,
        Effective::Unknown(_) => true,
        Effective::Set(lines) => {
            lines.unseen.is_some()
                || lines.iter().flat_map(|line| line.directive.arguments()).any(|word| {
                    let text = word.value();
                    match &context.variables.evaluate(&text, &Request::CHROME, level).value {
                        Value::Known(value) => !value.is_empty() && value != b"0",
                        // A cookie or an argument is not there for a handshake to rely on.
                        Value::Unknown(_) => uses_upgrade(context, &text, 4),
                    }
                })
        }
    }
}

/// The line that lets plain answers into the cache, whatever the backend says.
fn valid_line<'c>(context: &Context<'c>, level: LevelId) -> Option<Setting<'c>> {
    let lines = context.configuration.effective(level, d::PROXY_CACHE_VALID).set()?;
    lines.iter().find(|line| {
        let count = line.directive.argument_count();
        // `proxy_cache_valid TIME` covers 200, 301 and 302.
        count == 1
            || line
                .directive
                .arguments()
                .take(count.saturating_sub(1))
                .any(|word| matches!(word.value().as_ref(), b"200" | b"any"))
    })
}

/// What to add. The first line of its kind at a level drops all inherited ones.
fn help(context: &Context<'_>, level: LevelId) -> String {
    let inherited = context.configuration.effective(level, d::PROXY_CACHE_BYPASS).set();
    let own = inherited.is_some_and(|lines| lines.level == level);
    let kept = match inherited {
        Some(_) if !own => ", and repeat the inherited `proxy_cache_bypass` beside it",
        _ => "",
    };
    format!("add `proxy_cache_bypass $http_upgrade;`{kept}")
}

fn finding(cache: Setting<'_>, proof: Proof, valid: Option<Setting<'_>>, help: String) -> Finding {
    let finding = Finding::new(
        &RULE,
        cache.place(),
        "a plain answer from the cache can take the place of the `101`: a handshake for the same \
         key is not passed on",
    )
    .at_place("answers are cached here, for handshakes too")
    .label(proof.place, "meant for WebSockets")
    .help(help);
    match valid {
        Some(valid) => finding
            .label(valid.place(), "lets plain answers into the cache")
            .severity(Severity::Error)
            .effect(Effect::HandshakeFails),
        None => finding,
    }
}
