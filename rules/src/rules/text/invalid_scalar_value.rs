//! A value that nginx refuses in the lines for WebSockets.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix};
use wslint_model::resolve::Setting;
use wslint_model::text::value::Refused;
use wslint_model::validate::ProblemKind;

use crate::cause::refused_value::is_of_websocket_line;
use crate::context::Context;
use crate::finding::Finding;
use crate::rules::INVALID_SCALAR_VALUE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems() {
        let setting = context.configuration.setting(problem.reference);
        if !is_of_websocket_line(problem, setting) {
            continue;
        }
        let words = setting.words_place();
        if context.has_syntax_error_in(words) {
            continue;
        }
        findings.push(match &problem.kind {
            ProblemKind::Value(refused) => of_value(setting, refused),
            _ => of_equals_sign(setting),
        });
    }
}

fn of_value(setting: Setting<'_>, refused: &Refused) -> Finding {
    let place = refused.place(setting);
    let finding = Finding::new(&RULE, place, refused.message.clone()).at_place("refused");
    if setting.directive.id() != Some(d::PROXY_HTTP_VERSION) {
        return finding.help(refused.help.clone());
    }
    let value = setting.value(0);
    let finding = finding.help("write `1.1`, the version that can carry a WebSocket");
    if value.as_deref().is_some_and(|value| value.eq_ignore_ascii_case(b"HTTP/1.1")) {
        return finding.fix(Fix::safe("write `1.1`", vec![Edit::replace(place.span, "1.1")]));
    }
    finding
}

fn of_equals_sign(setting: Setting<'_>) -> Finding {
    Finding::new(
        &RULE,
        setting.argument_place(1),
        "invalid number of arguments in \"proxy_set_header\" directive: `=` is one of them",
    )
    .at_place("an argument like any other")
    .help("write the name and the value with a blank between them")
}
