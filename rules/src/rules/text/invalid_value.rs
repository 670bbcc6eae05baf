//! An argument that nginx refuses.

use wslint_model::source::Place;
use wslint_model::text::value::Refused;
use wslint_model::validate::ProblemKind;

use crate::cause::refused_value::{is_of_timeout, is_of_websocket_line, is_small_zone};
use crate::context::Context;
use crate::finding::Finding;
use crate::rules::INVALID_VALUE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems() {
        if let ProblemKind::Value(refused) = &problem.kind {
            let setting = context.configuration.setting(problem.reference);
            if is_of_websocket_line(problem, setting)
                || is_of_timeout(context, setting)
                || is_small_zone(context, problem, setting)
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
