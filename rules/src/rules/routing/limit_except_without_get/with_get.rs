//! Tests of the method that let `GET` through.

use wslint_grammar::{Edit, Span, Word};
use wslint_model::resolve::Setting;

/// Adds `GET` to the methods that a test lets through.
pub(super) fn with_get(head: Setting<'_>) -> Option<Vec<Edit>> {
    let is_operator = |word: &Word<'_>| matches!(word.raw(), b"!=" | b"!~" | b"!~*");
    let mut words = head.directive.arguments().skip_while(|word| !is_operator(word));
    let operator = words.next()?;
    let methods = words.next()?;
    if methods.is_escaped() {
        return None;
    }
    let raw = std::str::from_utf8(methods.raw()).ok()?;
    let start = raw.find(|it: char| it.is_ascii_alphabetic())?;
    let rest = &raw[start..];
    let length = rest.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (before, behind) = (&raw[..start], &rest[length..]);
    let at = methods.span().start + start as u32;
    let name = Span::new(at, at + length as u32);
    let group = format!("(GET|{})", &rest[..length]);
    let is_end = |behind: &str| matches!(behind.trim_start_matches(['"', '\'']), "" | ")");
    match operator.value().as_ref() {
        // One method: it becomes one of two.
        b"!=" if before.trim_matches(['"', '\'']).is_empty() && is_end(behind) => Some(vec![
            Edit::replace(operator.span(), "!~"),
            Edit::replace(name, format!("^{group}$")),
        ]),
        b"!~" | b"!~*" if before.ends_with('(') => Some(vec![Edit::insert(at, "GET|")]),
        b"!~" | b"!~*" if behind.starts_with('$') && before.ends_with('^') => {
            Some(vec![Edit::replace(name, group)])
        }
        b"!~" | b"!~*" if before.is_empty() && (behind.starts_with('|') || is_end(behind)) => {
            Some(vec![Edit::insert(at, "GET|")])
        }
        _ => None,
    }
}
