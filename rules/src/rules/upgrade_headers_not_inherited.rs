//! `upgrade-headers-not-inherited`

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive;

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::handshake::diagnosis::{Lost, lost};
use crate::handshake::intent::proof;
use crate::handshake::traffic::{Traffic, traffic};
use crate::handshake::{Forwarded, Verdict};
use crate::resolve::LevelId;
use crate::rule::Rule;
use crate::suggest::{HTTP_VERSION_LINE, listed};

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "upgrade-headers-not-inherited",
    category: Category::Inheritance,
    severity: Severity::Error,
    effect: Effect::HandshakeFails,
    summary: "one `proxy_set_header` in a level drops the upgrade headers of the level above",
    page: include_str!("../../../docs/rules/upgrade-headers-not-inherited.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let reached: FxHashSet<LevelId> = context
        .forwarded()
        .iter()
        .filter_map(|forwarded| forwarded.headers.set().map(|lines| lines.level))
        .collect();
    let mut seen = FxHashSet::default();
    for forwarded in context.forwarded() {
        let Some(lost) = lost(context, forwarded) else { continue };
        if is_internal(context, forwarded) {
            continue;
        }
        // A level whose headers arrive nowhere was surely meant for the locations in it. Where some
        // location gets them, one that sets its own may do so on purpose, but not one whose path
        // says that it is for WebSockets.
        let certain = proof(context, forwarded).is_some()
            || !reached.contains(&lost.level)
            || traffic(context, forwarded.level) == Traffic::WebSocketsAlone;
        if seen.insert(lost.dropped_by.reference) {
            findings.push(finding(context, forwarded, &lost, certain));
        }
    }
}

/// Sub-requests and targets of redirects carry no handshake of a client.
fn is_internal(context: &Context<'_>, forwarded: &Forwarded<'_>) -> bool {
    context.configuration.own(forwarded.level, directive::INTERNAL).iter().next().is_some()
}

fn finding(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    lost: &Lost<'_>,
    certain: bool,
) -> Finding {
    let names: Vec<String> = lost
        .lines
        .iter()
        .filter_map(|line| line.directive.argument(0))
        .map(|word| format!("`{}`", String::from_utf8_lossy(&word.value())))
        .collect();
    let lines: Vec<String> = lost
        .lines
        .iter()
        .map(|line| String::from_utf8_lossy(line.directive.tree().slice(line.place().span)).into())
        .map(|line: String| format!("`{}`", line.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect();
    let version = match forwarded.http_version_verdict(context.nginx_version) {
        Verdict::Fails => format!("; `{HTTP_VERSION_LINE}` is missing too"),
        Verdict::FailsIn(_) => {
            format!("; before nginx 1.29.7, `{HTTP_VERSION_LINE}` is missing too")
        }
        _ => String::new(),
    };
    let where_set = match context.configuration.head(lost.level) {
        Some(head) => format!("`{}`", String::from_utf8_lossy(&head.directive.name())),
        None => "the level above".to_owned(),
    };
    let mut finding = Finding::new(
        &RULE,
        lost.dropped_by.place(),
        format!(
            "{} of {where_set} {} lost here: a level that sets one header of its own inherits none",
            listed(&names),
            if names.len() == 1 { "is" } else { "are" },
        ),
    )
    .at_place("this line drops every inherited `proxy_set_header`")
    .help(format!("repeat beside it {}{version}", listed(&lines)))
    .label(forwarded.pass.place(), "so this backend gets no handshake");
    for line in &lost.lines {
        finding = finding.label(line.place(), "lost");
    }
    if certain { finding } else { finding.severity(Severity::Info).effect(Effect::Advice) }
}
