//! A directive with too many or too few arguments.

use wslint_grammar::catalogue::ArgumentCount;
use wslint_model::resolve::Setting;
use wslint_model::source::Place;
use wslint_model::validate::ProblemKind;

use crate::cause::refused_value::{is_of_websocket_line, is_timeout_in_words};
use crate::context::Context;
use crate::finding::Finding;
use crate::rules::DIRECTIVE_ARITY as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems() {
        let arguments = match problem.kind {
            ProblemKind::Arguments(definition) => definition.arguments,
            ProblemKind::ArgumentsAdded(arguments) => arguments,
            _ => continue,
        };
        let setting = context.configuration.setting(problem.reference);
        if is_of_websocket_line(problem, setting) || is_timeout_in_words(context, problem) {
            continue;
        }
        let place = setting.words_place();
        if !context.has_syntax_error_in(place) {
            findings.push(finding(setting, place, arguments));
        }
    }
}

fn finding(setting: Setting<'_>, place: Place, arguments: ArgumentCount) -> Finding {
    let name = setting.name();
    let count = setting.directive.argument_count();
    let takes = match arguments {
        ArgumentCount::Flag => "it takes one, `on` or `off`".to_owned(),
        ArgumentCount::OneOf(1) => "it takes none".to_owned(),
        arguments => format!("it takes {arguments}"),
    };
    Finding::new(
        &RULE,
        place,
        format!("invalid number of arguments in \"{name}\" directive: {takes}"),
    )
    .at_place(match count {
        0 => "has none".to_owned(),
        count => format!("has {count}"),
    })
}
