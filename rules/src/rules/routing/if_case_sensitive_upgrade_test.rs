//! `if` compares `$http_upgrade` with regard to case.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix, Word};
use wslint_model::evaluate::{Condition, Part, parts};
use wslint_model::resolve::{LevelId, LevelKind, Setting};

use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::rules::IF_CASE_SENSITIVE_UPGRADE_TEST as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut seen = rustc_hash::FxHashSet::default();
    for (level, own) in configuration.levels() {
        if !matches!(own.kind, LevelKind::If | LevelKind::IfInServer) {
            continue;
        }
        let Some(head) = configuration.head(level) else { continue };
        let asks = |word: Word<'_>| memchr::memmem::find(&word.value(), b"http_upgrade").is_some();
        if head.directive.arguments().any(asks)
            && let Some(holds_for_browsers) = depends_on_case(&Condition::read(head.directive))
            && seen.insert(head.reference)
        {
            findings.push(finding(context, level, head, holds_for_browsers));
        }
    }
}

/// Whether a condition on `$http_upgrade` asks for `websocket` in one case alone, and if so whether
/// that is the one of browsers.
fn depends_on_case(condition: &Condition) -> Option<bool> {
    let is_upgrade = |left: &[u8]| {
        left.eq_ignore_ascii_case(b"$http_upgrade") || left.eq_ignore_ascii_case(b"${http_upgrade}")
    };
    match condition {
        Condition::Equals { left, right, .. } if is_upgrade(left) => {
            right.eq_ignore_ascii_case(b"websocket").then_some(right == b"websocket")
        }
        Condition::Matches { left, pattern, .. } if is_upgrade(left) && !pattern.ignores_case => {
            let matches = |text: &[u8]| pattern.is_match(text);
            let [lower, capital, mixed] =
                [matches(b"websocket")?, matches(b"Websocket")?, matches(b"WebSocket")?];
            (lower != capital || lower != mixed).then_some(lower)
        }
        _ => None,
    }
}

fn finding(
    context: &Context<'_>,
    level: LevelId,
    head: Setting<'_>,
    holds_for_browsers: bool,
) -> Finding {
    let message = if holds_for_browsers {
        "`Upgrade` is compared with regard to case: a client that writes `WebSocket` is taken for \
         a plain one"
    } else {
        "browsers write `Upgrade: websocket`, which this comparison does not know for one"
    };
    let place = head.words_place();
    let mut finding = Finding::new(&RULE, place, message)
        .at_place("depends on the case")
        .help("compare with `~*`, which ignores the case");
    if !holds_for_browsers {
        finding = finding.severity(Severity::Warning).effect(Effect::Degraded);
    }
    let operator = head.directive.arguments().find_map(|word| {
        let instead = match word.value().as_ref() {
            b"=" | b"~" => "~*",
            b"!=" | b"!~" => "!~*",
            _ => return None,
        };
        Some((word, instead))
    });
    let Some((word, instead)) = operator else { return finding };
    let edits = vec![Edit::replace(word.span(), instead)];
    let message = format!("write `{instead}`");
    // A pattern takes the place of what an earlier one captured; a comparison does not.
    let is_pattern = word.value().ends_with(b"~");
    if is_pattern || !captures_are_used(context, level) {
        finding.fix(Fix::safe(message, edits))
    } else {
        finding.fix(Fix::not_safe(message, edits))
    }
}

/// Whether something in the location around an `if`, or in its server, uses `$1` to `$9`.
fn captures_are_used(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    let Some(around) = configuration.level(level).parent else { return true };
    if configuration.level(around).kind != LevelKind::Location {
        return true;
    }
    let uses = |level: LevelId| {
        configuration.own_settings(level).any(|setting| {
            setting.directive.id() != Some(d::REWRITE)
                && setting
                    .directive
                    .arguments()
                    .any(|word| parts(&word.value()).any(|part| matches!(part, Part::Capture(_))))
        })
    };
    uses(around) || configuration.children(around).any(uses)
}
