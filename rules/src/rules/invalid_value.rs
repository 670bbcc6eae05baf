//! `invalid-value`

use super::{invalid_scalar_value, timeout_value_invalid, zone_invalid};
use crate::context::Context;
use crate::directive_check::ProblemKind;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::nginx_text::value::Refused;
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "invalid-value",
    category: Category::Text,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "an argument that nginx refuses",
    page: include_str!("../../../docs/rules/invalid-value.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems() {
        if let ProblemKind::Value(refused) = &problem.kind {
            let setting = context.configuration.setting(problem.reference);
            if invalid_scalar_value::is_about(problem, setting)
                || timeout_value_invalid::is_about(context, setting)
                || zone_invalid::is_about(context, problem, setting)
            {
                continue;
            }
            let place = refused.place(setting);
            let whole = Place { file: place.file, span: setting.directive.words_span() };
            if !context.has_syntax_error_in(whole) {
                findings.push(finding(place, refused));
            }
        }
    }
}

fn finding(place: Place, refused: &Refused) -> Finding {
    Finding::new(&RULE, place, refused.message.clone())
        .at_place("refused")
        .help(refused.help.clone())
}
