//! A `#` in the middle of a word, where it begins no comment.

use wslint_grammar::{Edit, Fix, Span};
use wslint_model::damage::text_damage::{Damage, hash};
use wslint_model::handshake::proxied_request::is_handshake_field;
use wslint_model::resolve::Setting;
use wslint_model::source::Place;
use wslint_model::validate::ProblemKind;

use crate::context::Context;
use crate::finding::{Effect, Finding};
use crate::refusal::refusal;
use crate::rules::HASH_NOT_A_COMMENT as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems() {
        let ProblemKind::Damaged(Damage::Hash(span), kind) = &problem.kind else { continue };
        let setting = context.configuration.setting(problem.reference);
        let file = setting.reference.file;
        let whole = Place { file, span: setting.directive.words_span() };
        if !context.has_syntax_error_in(whole) {
            let nginx = refusal(setting.directive, kind);
            let message = format!("{nginx}: the `#` is a part of the word and begins no comment");
            let finding = Finding::new(&RULE, Place { file, span: *span }, message);
            findings.push(explained(setting, *span, finding).effect(Effect::NotLoaded));
        }
    }
    for &setting in context.header_lines() {
        let name = setting.value(0).unwrap_or_default();
        if setting.directive.argument_count() == 2
            && is_handshake_field(&name)
            && let Some(word) = setting.directive.argument(1)
            && let Some(span) = hash(word)
        {
            let text = String::from_utf8_lossy(word.raw());
            let message = format!(
                "nginx sends `{text}`: the `#` is a part of the word and begins no comment"
            );
            let place = Place { file: setting.reference.file, span };
            findings.push(explained(setting, span, Finding::new(&RULE, place, message)));
        }
    }
}

fn explained(setting: Setting<'_>, hash: Span, finding: Finding) -> Finding {
    let finding = finding
        .at_place("only a blank before it makes it a comment")
        .help("put the comment behind the `;`, or on a line of its own");
    let text = setting.directive.tree().text();
    // Where a `;` comes before the `#` nothing is lost; where the only one is in the comment, the
    // directive would go on to the next line.
    let Some(terminator) = setting.directive.terminator() else { return finding };
    let line_ends = memchr::memchr(b'\n', &text[terminator.end as usize..]);
    let rest =
        terminator.end as usize..line_ends.map_or(text.len(), |at| terminator.end as usize + at);
    if !text[rest].trim_ascii().is_empty() {
        return finding;
    }
    let comment = Span::new(hash.start, terminator.start);
    let written = String::from_utf8_lossy(&text[comment.range()]).into_owned();
    let whole = Span::new(hash.start, terminator.end);
    let edit = Edit::replace(whole, format!("; {}", written.trim_end()));
    finding.fix(Fix::not_safe("put the comment behind the `;`", vec![edit]))
}
