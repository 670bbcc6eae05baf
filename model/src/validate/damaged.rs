//! Damage of the text that explains a problem better than what nginx says.

use wslint_grammar::Directive;
use wslint_grammar::catalogue::directive as d;

use super::ProblemKind;
use crate::damage::text_damage::{
    Damage, expanded, in_argument, in_arguments, invisible, quoted_blank, typographic,
};

/// What damage explains a problem with a directive, if any does.
pub(crate) fn behind(directive: Directive<'_>, problem: &ProblemKind) -> Option<Damage> {
    match problem {
        ProblemKind::Unknown => {
            let word = directive.name_word();
            invisible(word).map(Damage::Invisible).or_else(|| typographic(word).map(Damage::Quotes))
        }
        ProblemKind::Arguments(definition) => {
            let count = directive.argument_count();
            let too_few = definition.arguments.wants_more_than(count);
            in_arguments(directive).or_else(|| quoted_blank(directive)).or_else(|| {
                let gap = (too_few && definition.variables).then(|| expanded(directive));
                gap.flatten().map(Damage::Expanded)
            })
        }
        ProblemKind::ArgumentsAdded(_) => {
            in_arguments(directive).or_else(|| quoted_blank(directive))
        }
        ProblemKind::Value(refused) => {
            let word = match refused.word.checked_sub(1) {
                Some(number) => directive.argument(number)?,
                // The key of a line of data.
                None => directive.name_word(),
            };
            // What is wrong with one word of a condition may be found at another.
            let in_condition = || {
                let words = directive.arguments().filter(|_| directive.id() == Some(d::IF));
                words.into_iter().find_map(typographic)
            };
            let quotes = typographic(word).or_else(in_condition).map(Damage::Quotes);
            in_argument(word).or(quotes)
        }
        _ => None,
    }
}
