//! A character that nobody sees and nginx takes for a letter.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, Edit, Fix, Quote, Word, first_invisible};
use wslint_model::damage::text_damage::{Damage, InvisibleIn, invisible};
use wslint_model::handshake::proxied_request::is_handshake_field;
use wslint_model::source::{DirectiveRef, FileId, Place};
use wslint_model::validate::ProblemKind;

use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::refusal::refusal;
use crate::rules::INVISIBLE_CHARACTERS as RULE;
use crate::syntax_errors;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    syntax_errors::report(context, &RULE, findings, syntax_errors::is_about_invisible_characters);
    let mut problems: Option<Problems<'_>> = None;
    for (file, source) in context.configuration.loaded.sources.iter() {
        // Texts without any such character are not walked.
        if first_invisible(source.tree.text()).is_none() {
            continue;
        }
        for directive in source.tree.directives() {
            findings.extend(in_directive(context, file, directive, &mut problems));
        }
    }
}

/// The problems of single directives, once they are asked for.
type Problems<'c> = FxHashMap<DirectiveRef, &'c ProblemKind>;

/// The first such character in a directive: one is enough to look at the line again.
fn in_directive<'c>(
    context: &'c Context<'_>,
    file: FileId,
    directive: Directive<'_>,
    problems: &mut Option<Problems<'c>>,
) -> Option<Finding> {
    let header = |number| directive.argument(number).map(Word::value).unwrap_or_default();
    let is_header = directive.id() == Some(d::PROXY_SET_HEADER);
    // What is quoted is text, in which such a character may be meant, but not in these values.
    let quoted = directive
        .argument(1)
        .filter(|word| is_header && word.quote() != Quote::None && is_handshake_field(&header(0)))
        .and_then(in_quotes);
    let mut words = std::iter::once(directive.name_word()).chain(directive.arguments());
    let found = words.find_map(invisible).or(quoted)?;
    let place = Place { file, span: found.span };
    if context.has_syntax_error_in(Place { file, span: directive.words_span() }) {
        return None;
    }
    let problems = problems.get_or_insert_with(|| {
        context.problems().iter().map(|problem| (problem.reference, &problem.kind)).collect()
    });
    let nginx = match problems.get(&DirectiveRef { file, index: directive.index() }) {
        Some(ProblemKind::Damaged(Damage::Invisible(_), kind)) => Some(refusal(directive, kind)),
        // Another mistake is reported by its own rule.
        Some(_) => return None,
        None => None,
    };
    let character = found.character.name();
    let finding = match nginx {
        Some(nginx) => {
            let message = format!("{nginx}: {character} is a part of the word, not a blank");
            Finding::new(&RULE, place, message)
        }
        None if is_malformed_entry(directive) => Finding::new(
            &RULE,
            place,
            format!(
                "invalid number of the map parameters: {character} is a part of the word, not a \
                 blank"
            ),
        ),
        None => in_value(place, &character, is_header && is_handshake_field(&header(0))),
    };
    Some(finding.at_place("nobody sees it").help("type the line anew").fix(fix(&found)))
}

/// It loads, and the value is another one than what is to be seen.
fn in_value(place: Place, character: &str, is_handshake: bool) -> Finding {
    let message = format!("nginx takes {character} for a part of the value");
    let finding = Finding::new(&RULE, place, message);
    if is_handshake {
        finding.effect(Effect::HandshakeFails)
    } else {
        finding.severity(Severity::Warning).effect(Effect::Degraded)
    }
}

fn in_quotes(word: Word<'_>) -> Option<InvisibleIn> {
    let character = first_invisible(word.raw())?;
    let start = word.span().start + character.at as u32;
    let end = start + character.length as u32;
    Some(InvisibleIn { character, span: wslint_grammar::Span::new(start, end) })
}

/// Whether a line of a map is not a key and a value because of such a character.
fn is_malformed_entry(directive: Directive<'_>) -> bool {
    let parent = directive.parent().and_then(Directive::id);
    parent == Some(d::MAP) && directive.argument_count() != 1
}

fn fix(found: &InvisibleIn) -> Fix {
    let text = if found.character.is_blank { " " } else { "" };
    let message = if found.character.is_blank { "write a plain blank" } else { "take it away" };
    Fix::safe(message, vec![Edit::replace(found.span, text)])
}
