//! What the rewrite module sets on the way to a location (`ngx_http_rewrite_module`).
//!
//! First the steps of the server run, then those of the location that was chosen; the steps of a
//! location around it do not.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, Word};

use super::variable::{Environment, Evaluation};
use super::{Request, Value, Variables};
use crate::resolve::{Configuration, LevelId, LevelKind, RewriteStep};
use crate::source::{DirectiveRef, Place};

/// The variables that are set when a request arrives at `level`.
pub(super) fn environment(
    variables: &Variables<'_>,
    request: &Request,
    level: LevelId,
) -> Environment {
    let configuration = variables.configuration();
    let mut run = Run { variables, request, environment: Environment::default() };
    let server = configuration.level(level).server;
    let inside = match configuration.level(level).kind {
        LevelKind::If => Some(level),
        _ => None,
    };
    let location = configuration.enclosing(level, LevelKind::Location);
    for level in [server, location].into_iter().flatten() {
        if run.steps(configuration, level, inside) == Flow::Stops {
            break;
        }
    }
    run.environment
}

/// Whether no step of the rewrite module is taken on the way to `level`.
pub(super) fn sets_nothing(configuration: &Configuration, level: LevelId) -> bool {
    let server = configuration.level(level).server;
    let location = configuration.enclosing(level, LevelKind::Location);
    let mut levels = [server, location].into_iter().flatten();
    levels.all(|level| configuration.rewrite_steps(level).is_empty())
}

/// Whether the steps after one are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    GoesOn,
    Stops,
}

/// What a condition of `if` gives.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Truth {
    True,
    False,
    Unknown(Value),
}

struct Run<'e, 'c> {
    variables: &'e Variables<'c>,
    request: &'e Request,
    environment: Environment,
}

impl Run<'_, '_> {
    fn value(&self, text: &[u8]) -> Value {
        let evaluation = Evaluation {
            variables: self.variables,
            request: self.request,
            environment: &self.environment,
        };
        evaluation.text(text, 0).value
    }

    /// Takes the steps of a level. `inside` is an `if` that the request is known to be in.
    fn steps(
        &mut self,
        configuration: &Configuration,
        level: LevelId,
        inside: Option<LevelId>,
    ) -> Flow {
        for step in configuration.rewrite_steps(level) {
            let flow = match *step {
                RewriteStep::Directive(reference) => self.directive(configuration, reference),
                RewriteStep::If(block) => {
                    let truth = match configuration.head(block) {
                        _ if inside == Some(block) => Truth::True,
                        Some(head) => self.condition(head.directive, head.place()),
                        None => Truth::False,
                    };
                    match truth {
                        Truth::True => self.steps(configuration, block, None),
                        Truth::False => Flow::GoesOn,
                        Truth::Unknown(why) => self.perhaps(configuration, block, &why),
                    }
                }
            };
            if flow == Flow::Stops {
                return Flow::Stops;
            }
        }
        Flow::GoesOn
    }

    fn directive(&mut self, configuration: &Configuration, reference: DirectiveRef) -> Flow {
        let directive = configuration.setting(reference).directive;
        match directive.id() {
            Some(d::SET) => {
                if let (Some(name), Some(text)) = (variable_name(directive), directive.argument(1))
                {
                    let value = self.value(&text.value());
                    self.environment.insert(name, value);
                }
                Flow::GoesOn
            }
            Some(d::BREAK | d::RETURN) => Flow::Stops,
            _ => Flow::GoesOn,
        }
    }

    /// A block that may be entered or not: what it sets is not known afterwards, unless it sets
    /// what is there already.
    fn perhaps(&mut self, configuration: &Configuration, block: LevelId, why: &Value) -> Flow {
        for step in configuration.rewrite_steps(block) {
            let RewriteStep::Directive(reference) = *step else { continue };
            let directive = configuration.setting(reference).directive;
            if directive.id() == Some(d::SET)
                && let (Some(name), Some(text)) = (variable_name(directive), directive.argument(1))
                && self.environment.get(&name) != Some(&self.value(&text.value()))
            {
                self.environment.insert(name, why.clone());
            }
        }
        Flow::GoesOn
    }

    /// The condition of an `if` (`ngx_http_rewrite_if_condition`).
    fn condition(&self, directive: Directive<'_>, place: Place) -> Truth {
        let words: Vec<Vec<u8>> =
            directive.arguments().map(Word::value).map(std::borrow::Cow::into_owned).collect();
        let unknown = |what: &str| Truth::Unknown(Value::unknown(what, Some(place)));
        let Some(words) = without_parentheses(words) else {
            return unknown("a condition that nginx refuses");
        };
        match words.as_slice() {
            [variable] => match self.value(variable) {
                Value::Known(value) => truth(!value.is_empty() && value != b"0"),
                value @ Value::Unknown(_) => Truth::Unknown(value),
            },
            [variable, operator, pattern] => {
                let (left, right) = match (self.value(variable), operator.as_slice()) {
                    (Value::Known(left), b"=" | b"!=") => match self.value(pattern) {
                        Value::Known(right) => (left, right),
                        value @ Value::Unknown(_) => return Truth::Unknown(value),
                    },
                    (Value::Known(left), _) => (left, pattern.clone()),
                    (value @ Value::Unknown(_), _) => return Truth::Unknown(value),
                };
                match operator.as_slice() {
                    b"=" => truth(left == right),
                    b"!=" => truth(left != right),
                    b"~" | b"~*" | b"!~" | b"!~*" => {
                        let ignores_case = operator.ends_with(b"*");
                        match matches(&left, &right, ignores_case) {
                            Some(found) => truth(found != operator.starts_with(b"!")),
                            None => unknown("this regular expression"),
                        }
                    }
                    _ => unknown("a condition that nginx refuses"),
                }
            }
            _ => unknown("the files of the server"),
        }
    }
}

fn truth(value: bool) -> Truth {
    if value { Truth::True } else { Truth::False }
}

fn matches(text: &[u8], pattern: &[u8], ignores_case: bool) -> Option<bool> {
    let flags = if ignores_case { "(?i)" } else { "" };
    let pattern = format!("{flags}{}", std::str::from_utf8(pattern).ok()?);
    let regex = fancy_regex::Regex::new(&pattern).ok()?;
    regex.is_match(std::str::from_utf8(text).ok()?).ok()
}

/// The words of a condition: the first begins with `(`, the last ends with `)`; either may be
/// that and nothing else.
fn without_parentheses(mut words: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    if words.first()?.first() != Some(&b'(') {
        return None;
    }
    words.first_mut()?.remove(0);
    if words.last_mut()?.pop() != Some(b')') {
        return None;
    }
    words.retain(|word| !word.is_empty());
    (!words.is_empty()).then_some(words)
}

fn variable_name(directive: Directive<'_>) -> Option<String> {
    let word = directive.argument(0)?.value();
    let name = std::str::from_utf8(word.strip_prefix(b"$")?).ok()?;
    Some(name.to_ascii_lowercase())
}
