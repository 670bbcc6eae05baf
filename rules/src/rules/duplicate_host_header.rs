//! `duplicate-host-header`

use wslint_grammar::{Directive, Edit, Fix, Word};

use crate::context::Context;
use crate::evaluate::{Part, Request, Value, parts};
use crate::finding::{Category, Effect, Finding, Severity, VersionRange};
use crate::groups::Groups;
use crate::handshake::HOST_IS_SINGLE;
use crate::resolve::{LevelId, Setting};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "duplicate-host-header",
    category: Category::Handshake,
    severity: Severity::Error,
    effect: Effect::HandshakeFails,
    summary: "`Host` is sent twice, which nginx before 1.31.4 does and backends refuse",
    page: include_str!("../../../docs/rules/duplicate-host-header.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let level = forwarded.level;
        let mut sent = forwarded.lines_of("Host").filter(|line| is_sent(context, level, *line));
        if let (Some(first), Some(second)) = (sent.next(), sent.next()) {
            let place = second.place();
            groups.add(place, || finding(context, first, second), forwarded.pass.place());
        }
    }
    findings.extend(groups.into_findings("handshakes for this backend"));
}

/// Whether a line surely sends something: what clients always name, or a known text.
fn is_sent(context: &Context<'_>, level: LevelId, line: Setting<'_>) -> bool {
    let Some(text) = line.directive.argument(1).map(Word::value) else { return false };
    match &context.variables.evaluate(&text, &Request::CHROME, level).value {
        Value::Known(value) => !value.is_empty(),
        Value::Unknown(_) => parts(&text).any(|part| match part {
            Part::Text(_) => true,
            Part::Capture(_) => false,
            Part::Variable { name, .. } => {
                ["host", "http_host", "proxy_host", "server_addr", "server_port"]
                    .iter()
                    .any(|known| name.eq_ignore_ascii_case(known))
            }
        }),
    }
}

fn finding(context: &Context<'_>, first: Setting<'_>, second: Setting<'_>) -> Finding {
    let is_new = context.nginx_version.is_some_and(|version| version >= HOST_IS_SINGLE);
    let finding = if is_new {
        Finding::new(
            &RULE,
            second.place(),
            "`Host` is set twice at this level: nginx from 1.31.4 on sends the last one alone",
        )
        .at_place("this one is sent")
        .severity(Severity::Info)
        .effect(Effect::Advice)
        .versions(VersionRange::since(HOST_IS_SINGLE))
    } else {
        let whose = if context.nginx_version.is_some() { "" } else { " before 1.31.4" };
        Finding::new(
            &RULE,
            second.place(),
            format!(
                "`Host` is sent twice, because nginx{whose} sends every line of the level: backends \
                 that go by HTTP's rules refuse the request"
            ),
        )
        .at_place("sent too")
        .versions(VersionRange::before(HOST_IS_SINGLE))
    };
    let finding = finding.help("keep one of the two lines");
    // A snippet that is included twice has one place.
    if first.place() == second.place() {
        return finding;
    }
    let finding = finding.label(first.place(), if is_new { "not sent" } else { "sent first" });
    let are_beside = first.reference.file == second.reference.file
        && first.directive.parent().map(Directive::index)
            == second.directive.parent().map(Directive::index);
    if !are_beside {
        return finding;
    }
    let edit = Edit::delete(first.directive.span());
    let value = |line: Setting<'_>| line.directive.argument(1).map(|it| it.value().into_owned());
    // Which of two values is meant only a person knows.
    finding.fix(if value(first) == value(second) || is_new {
        Fix::safe("take the first line away", vec![edit])
    } else {
        Fix::not_safe("take the first line away", vec![edit])
    })
}
