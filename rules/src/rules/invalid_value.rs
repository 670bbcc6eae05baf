//! `invalid-value`

use wslint_grammar::catalogue::directive;
use wslint_grammar::{Edit, Fix};

use crate::context::Context;
use crate::directive_check::ProblemKind;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::nginx_text::value::Refused;
use crate::resolve::Setting;
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
            let place = refused.place(setting);
            let whole = Place { file: place.file, span: setting.directive.words_span() };
            if !context.has_syntax_error_in(whole) {
                findings.push(finding(setting, place, refused));
            }
        }
    }
}

fn finding(setting: Setting<'_>, place: Place, refused: &Refused) -> Finding {
    let finding = Finding::new(&RULE, place, refused.message.clone())
        .at_place("refused")
        .help(refused.help.clone());
    let is_version = setting.directive.id() == Some(directive::PROXY_HTTP_VERSION);
    let value = setting.directive.argument(0).map(wslint_grammar::Word::value);
    if is_version && value.as_deref() == Some(b"HTTP/1.1") {
        return finding.fix(Fix::safe("write `1.1`", vec![Edit::replace(place.span, "1.1")]));
    }
    finding
}
