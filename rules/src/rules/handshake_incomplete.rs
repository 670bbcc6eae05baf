//! `handshake-incomplete`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::Forwarded;
use crate::handshake::diagnosis::Missing;
use crate::handshake::intent::Proof;
use crate::rule::Rule;
use crate::suggest::{HTTP_VERSION_LINE, UPGRADE_LINE, connection_line, listed};

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "handshake-incomplete",
    category: Category::Handshake,
    severity: Severity::Error,
    effect: Effect::HandshakeFails,
    summary: "two or three of HTTP/1.1, `Upgrade` and `Connection` are missing",
    page: include_str!("../../../docs/rules/handshake-incomplete.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let (proof, missing) = (diagnosis.proof, &diagnosis.missing);
        if missing.len() > 1 {
            groups.add(
                proof.place,
                || finding(context, forwarded, proof, missing),
                forwarded.pass.place(),
            );
        }
    }
    findings.extend(groups.into_findings("this backend gets an incomplete handshake"));
}

fn finding(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    proof: Proof,
    missing: &[Missing],
) -> Finding {
    // What holds for all versions comes first.
    let names: Vec<String> = missing.iter().rev().map(|&missing| name(context, missing)).collect();
    let lines: Vec<String> = missing
        .iter()
        .map(|missing| match missing {
            Missing::HttpVersion(_) => format!("`{HTTP_VERSION_LINE}`"),
            Missing::Upgrade => format!("`{UPGRADE_LINE}`"),
            Missing::Connection => format!("`{}`", connection_line(context, forwarded.level)),
        })
        .collect();
    let message = format!(
        "the handshake is passed on without {}, so the backend does not take it for one",
        listed(&names)
    );
    Finding::new(&RULE, proof.place, message)
        .at_place(if proof.is_said {
            "meant for WebSockets, as was said"
        } else {
            "a part of the handshake is here"
        })
        .help(format!("add {}", listed(&lines)))
}

fn name(context: &Context<'_>, missing: Missing) -> String {
    match missing {
        Missing::HttpVersion(_) if context.nginx_version.is_some() => "HTTP/1.1".to_owned(),
        Missing::HttpVersion(_) => "HTTP/1.1 (before nginx 1.29.7)".to_owned(),
        Missing::Upgrade => "`Upgrade`".to_owned(),
        Missing::Connection => "`Connection: upgrade`".to_owned(),
    }
}
