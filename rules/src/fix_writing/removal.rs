//! Taking directives away.

use wslint_grammar::{Directive, DirectiveId, Edit, Span};

use super::style::own_indentation;
use crate::context::Context;
use crate::resolve::{Effective, LevelId};

/// Takes a directive without a body away: with its line when nothing else stands there, while a
/// comment stays. `None` when a comment stands in the middle of it.
pub(crate) fn remove(directive: Directive<'_>) -> Option<Edit> {
    let span = directive.words_span().to(directive.terminator()?);
    let tree = directive.tree();
    let comments = tree.comments();
    let next = comments.partition_point(|comment| comment.start < span.start);
    if directive.is_block() || comments.get(next).is_some_and(|comment| comment.start < span.end) {
        return None;
    }
    let text = tree.text();
    let rest = &text[span.end as usize..];
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let own = own_indentation(directive);
    let line_end = match &rest[blanks..] {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        [] => Some(0),
        _ => None,
    };
    let behind = span.end + blanks as u32;
    let whole = match (own, line_end) {
        (Some(own), Some(line_end)) => Span::new(span.start - own.len() as u32, behind + line_end),
        // It is the last on its line.
        (None, Some(_)) => {
            let before = text[..span.start as usize].iter().rev();
            let blanks = before.take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            Span::new(span.start - blanks as u32, span.end)
        }
        (_, None) => Span::new(span.start, behind),
    };
    Some(Edit::delete(whole))
}

/// Whether a level has but one line of the list `id`, and would inherit others without it.
pub(crate) fn leaves_list_empty(context: &Context<'_>, level: LevelId, id: DirectiveId) -> bool {
    let configuration = context.configuration;
    let own = configuration.own(level, id);
    own.iter().count() < 2
        && configuration.level(level).parent.is_some_and(|around| {
            !matches!(configuration.effective(around, id), Effective::Default)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_second(text: &str) -> String {
        let tree = wslint_grammar::parse(text.as_bytes().to_vec());
        let directive = tree.directives().nth(1).expect("a second directive");
        let edit = remove(directive).expect("an edit");
        let left = wslint_grammar::apply_edits(text.as_bytes(), &[edit]).expect("a text");
        String::from_utf8(left).expect("UTF-8")
    }

    #[test]
    fn a_directive_goes_with_its_line() {
        assert_eq!(without_second("a 1;\n  b 2; \nc 3;\n"), "a 1;\nc 3;\n");
        assert_eq!(without_second("a 1;\r\n\tb\r\n\t\t2;\r\nc 3;\r\n"), "a 1;\r\nc 3;\r\n");
        assert_eq!(without_second("a 1;\nb 2; # why\nc 3;\n"), "a 1;\n# why\nc 3;\n");
        assert_eq!(without_second("x { b 2; }"), "x { }");
        assert_eq!(without_second("a 1; b 2;\nc 3;\n"), "a 1;\nc 3;\n");
        assert_eq!(without_second("a 1;\nb 2;"), "a 1;\n");
    }
}
