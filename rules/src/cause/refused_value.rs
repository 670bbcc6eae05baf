//! Values that nginx refuses: which of them have a rule of their own.

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::{Value, directive as d};
use wslint_model::resolve::Setting;
use wslint_model::text::mistaken_time::{self, Mistaken};
use wslint_model::text::value::{Refused, size};
use wslint_model::validate::{Problem, ProblemKind};

use crate::context::Context;

/// Whether a problem is `invalid-scalar-value`'s: a value in the lines for WebSockets.
pub(crate) fn is_of_websocket_line(problem: &Problem, setting: Setting<'_>) -> bool {
    match &problem.kind {
        ProblemKind::Value(_) => {
            matches!(setting.directive.id(), Some(d::PROXY_HTTP_VERSION | d::PROXY_BUFFERING))
        }
        ProblemKind::Arguments(_) => has_equals_sign(setting),
        _ => false,
    }
}

/// Whether a header is set as variables are in other languages: `proxy_set_header NAME = VALUE`.
pub(crate) fn has_equals_sign(setting: Setting<'_>) -> bool {
    setting.directive.id() == Some(d::PROXY_SET_HEADER)
        && setting.directive.argument_count() > 2
        && setting.directive.argument(1).is_some_and(|word| word.raw() == b"=")
}

/// Whether the argument of a directive is a timeout, which `timeout-value-invalid` judges.
pub(crate) fn is_of_timeout(context: &Context<'_>, setting: Setting<'_>) -> bool {
    context.reports("timeout-value-invalid") && setting.directive.id().is_some_and(is_timeout)
}

/// Whether a time was written in several words, `1 h`, so that there are too many of them:
/// `timeout-value-invalid` judges that, too.
pub(crate) fn is_timeout_in_words(context: &Context<'_>, problem: &Problem) -> bool {
    context.reports("timeout-value-invalid")
        && in_one_word(problem, context.configuration.setting(problem.reference)).is_some()
}

fn is_timeout(id: DirectiveId) -> bool {
    id.name().ends_with("timeout")
}

/// The time that the words of a timeout are meant for, where nginx takes but one.
pub(crate) fn in_one_word(problem: &Problem, setting: Setting<'_>) -> Option<String> {
    let ProblemKind::Arguments(definition) = problem.kind else { return None };
    if !setting.directive.id().is_some_and(is_timeout)
        || !definition.arguments.accepts(1)
        || setting.directive.argument_count() < 2
    {
        return None;
    }
    let mut text = Vec::new();
    for word in setting.directive.arguments() {
        text.extend_from_slice(&word.value());
        text.push(b' ');
    }
    match mistaken_time::read(&text, is_in_seconds(setting, 1)) {
        Mistaken::For(time) => Some(time),
        _ => None,
    }
}

/// Whether nginx counts whole seconds, and so knows months and years, but nothing shorter: the
/// second argument of `keepalive_timeout` goes into a header.
pub(crate) fn is_in_seconds(setting: Setting<'_>, word: usize) -> bool {
    let definitions = setting.directive.id().map(DirectiveId::definitions).unwrap_or_default();
    word == 2 || definitions.iter().any(|definition| matches!(definition.value, Value::Seconds))
}

/// Whether a problem is `zone-invalid`'s: a size that is too small.
pub(crate) fn is_small_zone(
    context: &Context<'_>,
    problem: &Problem,
    setting: Setting<'_>,
) -> bool {
    context.reports("zone-invalid") && too_small(problem, setting).is_some()
}

/// What nginx says of a size that is one, and too small for a zone.
pub(crate) fn too_small<'p>(problem: &'p Problem, setting: Setting<'_>) -> Option<&'p Refused> {
    let ProblemKind::Value(refused) = &problem.kind else { return None };
    let is_size =
        || setting.directive.argument(1).is_some_and(|word| size(&word.value(), false).is_some());
    (setting.directive.id() == Some(d::ZONE) && refused.word == 2 && is_size()).then_some(refused)
}
