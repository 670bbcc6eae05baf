//! Taking directives away.

use wslint_grammar::{Directive, DirectiveId, Edit, Span};
use wslint_model::resolve::{Effective, LevelId};

use super::spot::above_comments;
use super::style::own_indentation;
use crate::context::Context;

/// Takes a directive without a body away: with its line when nothing else stands there, while a
/// comment stays. `None` when a comment stands in the middle of it.
pub(crate) fn remove(directive: Directive<'_>) -> Option<Edit> {
    let span = directive.words_span().to(directive.terminator()?);
    let comments = directive.tree().comments();
    let next = comments.partition_point(|comment| comment.start < span.start);
    if directive.is_block() || comments.get(next).is_some_and(|comment| comment.start < span.end) {
        return None;
    }
    let (span, are_lines) = with_its_lines(directive, span);
    let text = directive.tree().text();
    Some(Edit::delete(if are_lines { with_empty_lines(text, span) } else { span }))
}

/// Takes a block away, with all that stands in it, and where it stood between empty lines, with
/// those behind it. `None` for one that does not end.
pub(crate) fn remove_block(directive: Directive<'_>) -> Option<Edit> {
    Some(Edit::delete(lines_of_block(directive, false)?))
}

/// What goes with a block, see [`remove_block`], perhaps with the comments directly above it too.
pub(super) fn lines_of_block(directive: Directive<'_>, with_comments: bool) -> Option<Span> {
    let span = directive.words_span().to(directive.close()?);
    let (mut span, are_lines) = with_its_lines(directive, span);
    let text = directive.tree().text();
    if are_lines && with_comments {
        span.start = above_comments(text, span.start);
    }
    Some(if are_lines { with_empty_lines(text, span) } else { span })
}

/// Whether a comment stands in a block.
pub(crate) fn has_comment(block: Directive<'_>) -> bool {
    let Some(body) = block.body_span() else { return false };
    let comments = block.tree().comments();
    let next = comments.partition_point(|comment| comment.start < body.start);
    comments.get(next).is_some_and(|comment| comment.start < body.end)
}

/// `span`, which begins with a directive, with the rest of its lines when nothing else stands on
/// them, and whether that is so.
fn with_its_lines(directive: Directive<'_>, span: Span) -> (Span, bool) {
    let text = directive.tree().text();
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
    match (own, line_end) {
        (Some(own), Some(line_end)) => {
            (Span::new(span.start - own.len() as u32, behind + line_end), true)
        }
        // It is the last on its line.
        (None, Some(_)) => {
            let before = text[..span.start as usize].iter().rev();
            let blanks = before.take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            (Span::new(span.start - blanks as u32, span.end), false)
        }
        (_, None) => (Span::new(span.start, behind), false),
    }
}

/// Whole lines, with the empty ones around them that nothing would need any more.
fn with_empty_lines(text: &[u8], span: Span) -> Span {
    let (start, end) = (span.start as usize, span.end as usize);
    let mut first = start;
    while let Some(above) = text[..first].strip_suffix(b"\n") {
        let line = memchr::memrchr(b'\n', above).map_or(0, |at| at + 1);
        if !above[line..].trim_ascii().is_empty() {
            break;
        }
        first = line;
    }
    let mut last = end;
    while let Some(length) = memchr::memchr(b'\n', &text[last..]) {
        if !text[last..last + length].trim_ascii().is_empty() {
            break;
        }
        last += length + 1;
    }
    let begins_block = first == 0 || text[..first].trim_ascii_end().ends_with(b"{");
    let ends_block = matches!(text[last..].trim_ascii_start(), [] | [b'}', ..]);
    if first < start && ends_block {
        Span::new(first as u32, end as u32)
    } else if first < start || begins_block {
        Span::new(start as u32, last as u32)
    } else {
        span
    }
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

    fn without_block(text: &str) -> String {
        let tree = wslint_grammar::parse(text.as_bytes().to_vec());
        let block = tree.directives().find(|it| it.name().as_ref() == b"map").expect("a map");
        let edit = remove_block(block).expect("an edit");
        let left = wslint_grammar::apply_edits(text.as_bytes(), &[edit]).expect("a text");
        String::from_utf8(left).expect("UTF-8")
    }

    #[test]
    fn a_block_goes_with_the_empty_lines_that_it_needed() {
        assert_eq!(without_block("a 1;\n\nmap $a $b {\n  c d;\n}\n\nb 2;\n"), "a 1;\n\nb 2;\n");
        assert_eq!(without_block("x {\n  map $a $b { }\n\n  b 2;\n}\n"), "x {\n  b 2;\n}\n");
        assert_eq!(without_block("x {\n  b 2;\n\n  map $a $b { }\n}\n"), "x {\n  b 2;\n}\n");
        assert_eq!(without_block("a 1;\r\nmap $a $b {\r\n}\r\nb 2;\r\n"), "a 1;\r\nb 2;\r\n");
        assert_eq!(without_block("a 1; map $a $b { } b 2;"), "a 1; b 2;");
        assert_eq!(without_block("map $a $b { } # why\nb 2;\n"), "# why\nb 2;\n");
    }

    #[test]
    fn no_blank_line_is_left_over() {
        assert_eq!(without_second("x {\n  b 2;\n\n  c 3;\n}\n"), "x {\n  c 3;\n}\n");
        assert_eq!(without_second("a 1;\n\nb 2;\n\nc 3;\n"), "a 1;\n\nc 3;\n");
        assert_eq!(without_second("a 1;\nb 2;\n\nc 3;\n"), "a 1;\n\nc 3;\n");
        assert_eq!(without_second("x {\n\n  b 2;\n}\n"), "x {\n}\n");
        assert_eq!(without_second("x {\n\n  b 2;\n  c 3;\n}\n"), "x {\n\n  c 3;\n}\n");
        assert_eq!(without_second("x {\r\n\tb 2;\r\n\r\n\tc;\r\n}"), "x {\r\n\tc;\r\n}");
    }
}
