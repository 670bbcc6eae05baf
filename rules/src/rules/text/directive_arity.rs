//! A directive with too many or too few arguments.

use wslint_grammar::catalogue::ArgumentCount;

use crate::context::Context;
use wslint_model::validate::ProblemKind;
use crate::finding::Finding;
use wslint_model::resolve::Setting;
use crate::rules::DIRECTIVE_ARITY as RULE;
use crate::rules::capacity::timeout_value_invalid;
use crate::rules::text::invalid_scalar_value;
use wslint_model::source::Place;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems() {
        let arguments = match problem.kind {
            ProblemKind::Arguments(definition) => definition.arguments,
            ProblemKind::ArgumentsAdded(arguments) => arguments,
            _ => continue,
        };
        let setting = context.configuration.setting(problem.reference);
        if invalid_scalar_value::is_about(problem, setting)
            || timeout_value_invalid::is_about_words(context, problem)
        {
            continue;
        }
        let place = Place { file: setting.reference.file, span: setting.directive.words_span() };
        if !context.has_syntax_error_in(place) {
            findings.push(finding(setting, place, arguments));
        }
    }
}

fn finding(setting: Setting<'_>, place: Place, arguments: ArgumentCount) -> Finding {
    let name = setting.directive.name();
    let name = String::from_utf8_lossy(&name);
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
