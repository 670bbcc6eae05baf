//! `connection-passthrough`

use wslint_grammar::{Edit, Fix};

use crate::context::Context;
use crate::evaluate::{Request, Value};
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::FieldLine;
use crate::resolve::LevelId;
use crate::rule::Rule;
use crate::suggest;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "connection-passthrough",
    category: Category::Security,
    severity: Severity::Info,
    effect: Effect::Advice,
    summary: "the client's `Connection` is passed on as it is",
    page: include_str!("../../../docs/rules/connection-passthrough.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.wants_advice() {
        return;
    }
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        if !forwarded.is_complete(diagnosis) {
            continue;
        }
        let level = forwarded.level;
        let mut lines = forwarded.connection.lines.iter();
        if let Some(line) = lines.find(|line| passes_on(context, level, line)) {
            let place = line.setting.place();
            groups.add(place, || finding(context, level, line), forwarded.pass.place());
        }
    }
    findings.extend(groups.into_findings("for this backend"));
}

/// Whether a line sends what the client sent, whatever that is.
fn passes_on(context: &Context<'_>, level: LevelId, line: &FieldLine<'_>) -> bool {
    let Some(text) = line.setting.directive.argument(1) else { return false };
    let text = text.value();
    text.contains(&b'$')
        && [Request::CHROME, Request::FIREFOX, Request::PLAIN, Request::H2C].iter().all(|request| {
            let evaluated = context.variables.evaluate(&text, request, level);
            match (&evaluated.value, request.field("connection")) {
                (Value::Known(value), Some(sent)) => value == sent.as_bytes(),
                _ => false,
            }
        })
}

fn finding(context: &Context<'_>, level: LevelId, line: &FieldLine<'_>) -> Finding {
    let finding = Finding::new(
        &RULE,
        line.setting.place(),
        "the client's `Connection` is passed on as it is: the client decides whether the \
         connection to the backend is kept, and which headers a proxy behind this one drops",
    )
    .at_place("the client says what stands here")
    .help("give `upgrade` for handshakes and nothing for other requests, by a `map`");
    let right = suggest::connection(context, level);
    if right.map.is_none() && right.value.starts_with('$') {
        let place = line.setting.argument_place(1);
        let edit = Edit::replace(place.span, right.value.clone());
        return finding.fix(Fix::not_safe(format!("write `{}`", right.value), vec![edit]));
    }
    finding
}
