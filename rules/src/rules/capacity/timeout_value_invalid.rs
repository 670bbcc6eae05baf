//! A timeout that nginx cannot read, such as `1hr` or `off`.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{DirectiveId, Edit, Fix};
use wslint_model::resolve::Setting;
use wslint_model::source::Place;
use wslint_model::text::mistaken_time::{self, Mistaken};
use wslint_model::text::value::Refused;
use wslint_model::validate::ProblemKind;

use crate::cause::refused_value::{in_one_word, is_in_seconds, is_of_timeout};
use crate::context::Context;
use crate::finding::Finding;
use crate::rules::TIMEOUT_VALUE_INVALID as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems() {
        let setting = context.configuration.setting(problem.reference);
        let whole = Place { file: problem.reference.file, span: setting.directive.words_span() };
        let is_readable = || !context.has_syntax_error_in(whole);
        if let ProblemKind::Value(refused) = &problem.kind {
            let place = refused.place(setting);
            if is_of_timeout(context, setting) && is_readable() {
                findings.push(finding(setting, place, refused));
            }
        } else if let Some(time) = in_one_word(problem, setting)
            && is_readable()
        {
            findings.extend(several_words(setting, whole, &time));
        }
    }
}

fn several_words(setting: Setting<'_>, whole: Place, time: &str) -> Option<Finding> {
    let first = setting.directive.argument(0)?.span();
    let last = setting.directive.arguments().next_back()?.span();
    let message = format!(
        "invalid number of arguments in \"{}\" directive: the blank makes two of one",
        String::from_utf8_lossy(&setting.directive.name())
    );
    let place = Place { span: first.to(last), ..whole };
    let edit = Edit::replace(place.span, time);
    let finding = Finding::new(&RULE, place, message).at_place("several words");
    let finding = finding.help("write the number and its unit without a blank between them");
    Some(finding.fix(Fix::safe(format!("write `{time}`"), vec![edit])))
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
        Mistaken::Never => {
            let finding = finding.help(
                "nginx has no word for \"never\", and zero is no time at all: write a long one such \
                 as `7d`",
            );
            match setting.directive.id() {
                Some(id) if KEEPS_OPEN.contains(&id) => {
                    finding.fix(Fix::not_safe("write `7d`", vec![Edit::replace(place.span, "7d")]))
                }
                _ => finding,
            }
        }
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

/// What may end a WebSocket on which nothing is sent, so that a long time is what was meant.
const KEEPS_OPEN: [DirectiveId; 2] = [d::PROXY_READ_TIMEOUT, d::PROXY_TIMEOUT];
