//! An argument that nginx refuses.

use crate::context::Context;
use wslint_model::validate::ProblemKind;
use crate::finding::Finding;
use wslint_model::text::value::Refused;
use crate::rules::INVALID_VALUE as RULE;
use crate::rules::capacity::timeout_value_invalid;
use crate::rules::text::invalid_scalar_value;
use crate::rules::upstream::zone_invalid;
use wslint_model::source::Place;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
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
