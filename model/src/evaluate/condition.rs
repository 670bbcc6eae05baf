//! The condition of an `if` (`ngx_http_rewrite_if_condition`).

use wslint_grammar::{Directive, Word};

use super::{Unknown, Value};
use crate::text::pattern::{Captures, Pattern};

/// What an `if` asks.
#[derive(Clone, Debug)]
pub enum Condition {
    /// `($variable)`: is it something else than empty and `0`?
    IsSet(Vec<u8>),
    /// `($variable = text)`, `($variable != text)`
    Equals {
        /// The variable.
        left: Vec<u8>,
        /// The text, perhaps with variables.
        right: Vec<u8>,
        /// Whether `!=` was written.
        negated: bool,
    },
    /// `($variable ~ pattern)` and its like.
    Matches {
        /// The variable.
        left: Vec<u8>,
        /// The regular expression.
        pattern: Pattern,
        /// Whether it begins with `!`.
        negated: bool,
    },
    /// `(-f path)` and its like.
    File {
        /// Whether `!-f` was written.
        negated: bool,
        /// Which of them: `f`, `d`, `e` or `x`.
        test: u8,
        /// The path, perhaps with variables.
        path: Vec<u8>,
    },
    /// What nginx refuses.
    Malformed,
}

/// What a condition gives.
#[derive(Clone, Debug)]
pub enum Truth {
    /// Whether it holds.
    Known(bool),
    /// Whether it holds, after a regular expression was tried: what it captured, if it matched.
    Tried(bool, Option<Captures>),
    /// It cannot be told.
    Unknown(Unknown),
}

impl Condition {
    /// Reads the arguments of an `if`.
    pub fn read(directive: Directive<'_>) -> Self {
        let words = directive.arguments().map(Word::value).map(std::borrow::Cow::into_owned);
        let Some(words) = without_parentheses(words.collect()) else { return Self::Malformed };
        match words.as_slice() {
            [variable] if variable.starts_with(b"$") => Self::IsSet(variable.clone()),
            [word, path] if let Some((negated, test)) = file_test(word) => {
                Self::File { negated, test, path: path.clone() }
            }
            [left, operator, right] if left.starts_with(b"$") => {
                let (left, right) = (left.clone(), right.clone());
                let negated = operator.starts_with(b"!");
                match operator.as_slice() {
                    b"=" | b"!=" => Self::Equals { left, right, negated },
                    b"~" | b"~*" | b"!~" | b"!~*" => {
                        let text = String::from_utf8_lossy(&right).into_owned();
                        let pattern = Pattern::new(text, operator.ends_with(b"*"));
                        Self::Matches { left, pattern, negated }
                    }
                    _ => Self::Malformed,
                }
            }
            _ => Self::Malformed,
        }
    }

    /// The query argument that it asks for, if that is all that it asks: name and value.
    pub(crate) fn argument(&self) -> Option<(&str, &str)> {
        let Self::Equals { left, right, negated: false } = self else { return None };
        let name = std::str::from_utf8(left).ok()?.strip_prefix("$arg_")?;
        let value = std::str::from_utf8(right).ok()?;
        (!value.contains('$')).then_some((name, value))
    }

    /// The regular expression that the URI is held against, if that is what it asks.
    pub(crate) fn pattern(&self) -> Option<&Pattern> {
        match self {
            Self::Matches { left, pattern, .. }
                if matches!(
                    left.as_slice(),
                    b"$uri" | b"$document_uri" | b"$request_uri" | b"$request_filename"
                ) =>
            {
                Some(pattern)
            }
            _ => None,
        }
    }

    /// Whether it holds, where `value` gives what a text becomes.
    pub fn holds(&self, value: impl Fn(&[u8]) -> Value) -> Truth {
        let unknown = |depends_on: &str| {
            Truth::Unknown(Unknown { depends_on: depends_on.to_owned(), place: None })
        };
        match self {
            Self::IsSet(variable) => match value(variable) {
                Value::Known(value) => Truth::Known(!value.is_empty() && value != b"0"),
                Value::Unknown(why) => Truth::Unknown(why),
            },
            Self::Equals { left, right, negated } => match (value(left), value(right)) {
                (Value::Known(left), Value::Known(right)) => {
                    Truth::Known((left == right) != *negated)
                }
                (Value::Unknown(why), _) | (_, Value::Unknown(why)) => Truth::Unknown(why),
            },
            Self::Matches { left, pattern, negated } => match value(left) {
                Value::Known(left) => match pattern.captures(&left) {
                    Some(found) => Truth::Tried(found.is_some() != *negated, found),
                    None => unknown("this regular expression"),
                },
                Value::Unknown(why) => Truth::Unknown(why),
            },
            Self::File { .. } => unknown("the files of the server"),
            Self::Malformed => unknown("a condition that nginx refuses"),
        }
    }
}

/// Whether it is negated, and the letter.
fn file_test(word: &[u8]) -> Option<(bool, u8)> {
    let test = word.strip_prefix(b"!");
    match test.unwrap_or(word) {
        [b'-', letter @ (b'f' | b'd' | b'e' | b'x')] => Some((test.is_some(), *letter)),
        _ => None,
    }
}

/// The words of a condition: the first begins with `(`, the last ends with `)`; either may be
/// that and nothing else.
fn without_parentheses(mut words: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    if words.first()?.first() != Some(&b'(') {
        return None;
    }
    words.first_mut()?.remove(0);
    if words.first()?.is_empty() {
        words.remove(0);
    }
    // An empty text to compare with may stand before it, in quotes.
    if words.last()?.as_slice() == b")" {
        words.pop();
    } else if words.last_mut()?.pop() != Some(b')') {
        return None;
    }
    (!words.is_empty()).then_some(words)
}
