//! What the rewrite module sets on the way to a location (`ngx_http_rewrite_module`).
//!
//! First the steps of the server run, then those of the location that was chosen; the steps of a
//! location around it do not.

use wslint_grammar::Directive;
use wslint_grammar::catalogue::directive as d;

use super::condition::{Condition, Truth};
use super::facts::{Facts, Still};
use super::variable::Environment;
use super::{Request, Unknown, Value, Variables};
use crate::resolve::{Configuration, LevelId, LevelKind, RewriteStep};
use crate::source::{DirectiveRef, Place};

/// The variables that are set when a request arrives at `level`.
pub(super) fn environment(
    variables: &Variables<'_>,
    request: &Request,
    level: LevelId,
) -> Environment {
    let configuration = variables.configuration();
    let run = Run { variables, facts: Still::new(request, Environment::default()) };
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
    run.facts.into_environment()
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

struct Run<'e, 'c> {
    variables: &'e Variables<'c>,
    facts: Still<'e>,
}

impl Run<'_, '_> {
    fn value(&self, text: &[u8]) -> Value {
        self.variables.evaluate_with(text, &self.facts).value
    }

    fn truth(&self, truth: Truth, place: Place) -> Result<bool, Value> {
        match truth {
            Truth::Known(holds) => Ok(holds),
            Truth::Tried(holds, captures) => {
                self.facts.matched(&captures.unwrap_or_default());
                Ok(holds)
            }
            Truth::Unknown(why) => {
                Err(Value::Unknown(Unknown { place: why.place.or(Some(place)), ..why }))
            }
        }
    }

    /// Takes the steps of a level. `inside` is an `if` that the request is known to be in.
    fn steps(
        &self,
        configuration: &Configuration,
        level: LevelId,
        inside: Option<LevelId>,
    ) -> Flow {
        for step in configuration.rewrite_steps(level) {
            let flow = match *step {
                RewriteStep::Directive(reference) => self.directive(configuration, reference),
                RewriteStep::If(block) => {
                    let truth = match configuration.head(block) {
                        _ if inside == Some(block) => Ok(true),
                        Some(head) => {
                            let condition = Condition::read(head.directive);
                            self.truth(condition.holds(|text| self.value(text)), head.place())
                        }
                        None => Ok(false),
                    };
                    match truth {
                        Ok(true) => self.steps(configuration, block, None),
                        Ok(false) => Flow::GoesOn,
                        Err(why) => self.perhaps(configuration, block, &why),
                    }
                }
            };
            if flow == Flow::Stops {
                return Flow::Stops;
            }
        }
        Flow::GoesOn
    }

    fn directive(&self, configuration: &Configuration, reference: DirectiveRef) -> Flow {
        let directive = configuration.setting(reference).directive;
        match directive.id() {
            Some(d::SET) => {
                if let (Some(name), Some(text)) = (variable_name(directive), directive.argument(1))
                {
                    let value = self.value(&text.value());
                    self.facts.assign(name, value);
                }
                Flow::GoesOn
            }
            Some(d::BREAK | d::RETURN) => Flow::Stops,
            _ => Flow::GoesOn,
        }
    }

    /// A block that may be entered or not: what it sets is not known afterwards, unless it sets
    /// what is there already.
    fn perhaps(&self, configuration: &Configuration, block: LevelId, why: &Value) -> Flow {
        for step in configuration.rewrite_steps(block) {
            let RewriteStep::Directive(reference) = *step else { continue };
            let directive = configuration.setting(reference).directive;
            if directive.id() == Some(d::SET)
                && let (Some(name), Some(text)) = (variable_name(directive), directive.argument(1))
                && self.facts.assigned(&name) != Some(self.value(&text.value()))
            {
                self.facts.assign(name, why.clone());
            }
        }
        Flow::GoesOn
    }
}

fn variable_name(directive: Directive<'_>) -> Option<String> {
    let word = directive.argument(0)?.value();
    let name = std::str::from_utf8(word.strip_prefix(b"$")?).ok()?;
    Some(name.to_ascii_lowercase())
}
