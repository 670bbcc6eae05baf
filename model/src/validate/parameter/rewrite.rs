//! The rewrite module (`ngx_http_rewrite`, `ngx_http_rewrite_return`, `ngx_http_rewrite_if`).

use wslint_grammar::catalogue::{Context as Block, directive as d};

use super::{Line, Row, refuse, regex_fault, script_fault, shown};
use crate::text::value::{Refused, number};

pub(super) const OPEN: &[Row] =
    &[(d::REWRITE, rewrite), (d::RETURN, return_code), (d::IF, condition)];

fn rewrite(line: &Line<'_>) -> Option<Refused> {
    if line.word(2).is_empty() && line.is_since(1, 17, 7) {
        return refuse(2, "empty replacement".to_owned(), "a URI behind the pattern");
    }
    let flag = || {
        // `last` and the others are not put in by templates.
        if line.is_open_at(3) {
            return None;
        }
        line.one_of(3, &["last", "break", "redirect", "permanent"])
    };
    // A question mark at the end is not part of the text.
    let text = || match line.word(2).strip_suffix(b"?") {
        Some(text) => script_fault(2, text, 0, true),
        None => line.script(2),
    };
    line.regex(1, 0).or_else(flag).or_else(text)
}

fn return_code(line: &Line<'_>) -> Option<Refused> {
    if !matches!(line.block, Block::Server | Block::Location | Block::IfServer | Block::IfLocation)
    {
        return line.script(1);
    }
    let first = line.word(1);
    let code = number(first);
    let is_alone = line.count() == 2;
    let is_url =
        || [&b"http://"[..], b"https://", b"$scheme"].iter().any(|start| first.starts_with(start));
    if code.is_some_and(|code| code <= 999) {
        return line.script(2);
    }
    if code.is_none() && is_alone && is_url() {
        return line.script(1);
    }
    if line.is_open_at(1) {
        return None;
    }
    let message = format!("invalid return code \"{}\"", shown(first));
    refuse(1, message, "a status code, or a URL alone")
}

/// `ngx_http_rewrite_if_condition`
fn condition(line: &Line<'_>) -> Option<Refused> {
    if line.block != Block::Server && line.block != Block::Location || is_open(line) {
        return None;
    }
    let invalid = |at: usize, shown_as: &[u8]| {
        let expected = "`($variable)`, `($variable = text)`, `($variable ~ pattern)` or `(-f path)`, \
                        with blanks around the sign";
        refuse(at, format!("invalid condition \"{}\"", shown(shown_as)), expected)
    };
    let mut words = line.words.to_vec();
    let mut last = words.len() - 1;
    let Some(first) = words[1].strip_prefix(b"(") else { return invalid(1, words[1]) };
    let mut current = 2;
    if !first.is_empty() {
        words[1] = first;
        current = 1;
    }
    let end = words[last];
    let Some(inner) = end.strip_suffix(b")") else { return invalid(last, end) };
    if inner.is_empty() {
        last -= 1;
    } else {
        words[last] = inner;
    }
    let word = *words.get(current)?;
    if word.len() > 1 && word[0] == b'$' {
        if current != last && current + 2 != last {
            return invalid(current, word);
        }
        if current == last {
            return None;
        }
        current += 1;
        let operand = words[last];
        return match words[current] {
            b"=" | b"!=" => script_fault(last, operand, 0, true),
            b"~" | b"~*" | b"!~" | b"!~*" => regex_fault(last, operand, 0, line.version),
            operator => {
                let message = format!("unexpected \"{}\" in condition", shown(operator));
                refuse(current, message, "`=`, `!=`, `~`, `~*`, `!~` or `!~*` in the middle")
            }
        };
    }
    let is_file_test =
        word.len() == 2 && word[0] == b'-' || word.len() == 3 && word.starts_with(b"!-");
    if !is_file_test || current + 1 != last {
        return invalid(current, word);
    }
    let fault = script_fault(last, words[last], 0, true);
    if fault.is_some() || word.last().is_some_and(|test| b"fdex".contains(test)) {
        return fault;
    }
    invalid(current, word)
}

/// Whether a template has yet to fill in something; braces in patterns are none.
fn is_open(line: &Line<'_>) -> bool {
    const MARKS: [&[u8]; 6] = [b"{{", b"}}", b"{%", b"<%", b"%>", b"${{"];
    line.words_from(1)
        .any(|(_, word)| MARKS.iter().any(|mark| memchr::memmem::find(word, mark).is_some()))
}
