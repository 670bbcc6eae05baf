//! `timeout-value-invalid`

use wslint_grammar::catalogue::Value;
use wslint_grammar::{DirectiveId, Edit, Fix};

use crate::context::Context;
use crate::directive_check::ProblemKind;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::nginx_text::mistaken_time::{self, Mistaken};
use crate::nginx_text::value::Refused;
use crate::resolve::Setting;
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "timeout-value-invalid",
    category: Category::Capacity,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a timeout that nginx cannot read, such as `1hr` or `off`",
    page: include_str!("../../../docs/rules/timeout-value-invalid.md"),
    check,
};

/// Whether the argument of a directive is a timeout, which this rule and no other judges.
pub(super) fn is_about(context: &Context<'_>, setting: Setting<'_>) -> bool {
    context.reports(RULE.name) && setting.directive.id().is_some_and(is_timeout)
}

fn is_timeout(id: DirectiveId) -> bool {
    id.name().ends_with("timeout")
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems() {
        if let ProblemKind::Value(refused) = &problem.kind {
            let setting = context.configuration.setting(problem.reference);
            let place = refused.place(setting);
            let whole = Place { file: place.file, span: setting.directive.words_span() };
            if is_about(context, setting) && !context.has_syntax_error_in(whole) {
                findings.push(finding(setting, place, refused));
            }
        }
    }
}

fn finding(setting: Setting<'_>, place: Place, refused: &Refused) -> Finding {
    let finding = Finding::new(&RULE, place, refused.message.clone()).at_place("refused");
    let word = refused.word.checked_sub(1).and_then(|number| setting.directive.argument(number));
    let text = word.map(wslint_grammar::Word::value).unwrap_or_default();
    let in_seconds = is_in_seconds(setting, refused.word);
    match mistaken_time::read(&text, in_seconds) {
        Mistaken::For(time) => {
            let units = if in_seconds {
                "`y`, `M`, `w`, `d`, `h`, `m` and `s`"
            } else {
                "`w`, `d`, `h`, `m`, `s` and `ms`"
            };
            finding
                .help(format!("nginx reads whole numbers with the units {units}, in this order"))
                .fix(Fix::safe(format!("write `{time}`"), vec![Edit::replace(place.span, time)]))
        }
        Mistaken::Never => finding.help(
            "nginx has no word for \"never\", and zero is no time at all: write a long one such as \
             `7d`",
        ),
        Mistaken::Variable => {
            finding.help("no variable is read here: write the time itself, such as `1h`")
        }
        Mistaken::Months => finding.help(
            "a capital `M` is for months, which are not read here: write `m` for minutes, or days \
             as in `30d`",
        ),
        Mistaken::Unreadable => finding.help(refused.help.clone()),
    }
}

/// Whether nginx counts whole seconds, and so knows months and years, but nothing shorter: the
/// second argument of `keepalive_timeout` goes into a header.
fn is_in_seconds(setting: Setting<'_>, word: usize) -> bool {
    let definitions = setting.directive.id().map(DirectiveId::definitions).unwrap_or_default();
    word == 2 || definitions.iter().any(|definition| matches!(definition.value, Value::Seconds))
}
