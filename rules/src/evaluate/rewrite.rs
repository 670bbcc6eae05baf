//! What the rewrite module sets on the way to a location (`ngx_http_rewrite_module`).
//!
//! First the steps of the server run, then those of the location that was chosen; the steps of a
//! location around it do not.

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashMap;
use wslint_grammar::Directive;
use wslint_grammar::catalogue::directive as d;

use super::condition::{Condition, Truth};
use super::facts::{Facts, Still};
use super::variable::Environment;
use super::{Request, Unknown, Value, Variables};
use crate::resolve::{Configuration, LevelId, LevelKind, RewriteStep, Setting};
use crate::source::{DirectiveRef, Place};

/// The variables that are set when a request arrives at `level`.
pub(super) fn environment(
    variables: &Variables<'_>,
    request: &Request,
    level: LevelId,
) -> Environment {
    let configuration = variables.configuration();
    let run = Run::new(variables, request, level);
    let inside = match configuration.level(level).kind {
        LevelKind::If => Some(level),
        _ => None,
    };
    run.way_to(level, inside);
    run.facts.into_environment()
}

/// Whether a request gets past the steps of the rewrite module to the `proxy_pass` of a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It does.
    Arrives,
    /// It does not: a `return` answers it, an `if` around the level does not let it in, or one in
    /// the location has another `proxy_pass`.
    TurnedAway,
    /// It depends on these `if` blocks.
    Depends(Vec<LevelId>),
}

/// Whether `request` arrives at `level`, once it has come to its location.
pub(super) fn arrival(variables: &Variables<'_>, request: &Request, level: LevelId) -> Arrival {
    let configuration = variables.configuration();
    if sets_nothing(variables, level) {
        return Arrival::Arrives;
    }
    let run = Run::new(variables, request, level);
    run.way_to(level, None);
    let (handler, doubts) = (run.handler.get(), run.doubts.into_inner());
    let own = (configuration.level(level).kind == LevelKind::If).then_some(level);
    if run.is_answered.get() || handler != own && !own.is_some_and(|own| doubts.contains(&own)) {
        return Arrival::TurnedAway;
    }
    if doubts.is_empty() { Arrival::Arrives } else { Arrival::Depends(doubts) }
}

/// What locations of the server set, before they lead to `level`: to a named location requests come
/// from others alone, and keep their variables.
pub(super) fn set_before<'v>(
    variables: &'v Variables<'_>,
    level: LevelId,
) -> Option<&'v FxHashMap<String, Place>> {
    let configuration = variables.configuration();
    let location = configuration.enclosing(level, LevelKind::Location)?;
    let name = configuration.head(location)?.directive.argument(0)?;
    let is_named = name.raw().first() == Some(&b'@');
    let server = configuration.level(level).server.filter(|_| is_named)?;
    variables.set_in_locations(server)
}

/// Whether no step of the rewrite module is taken on the way to `level`.
pub(super) fn sets_nothing(variables: &Variables<'_>, level: LevelId) -> bool {
    if set_before(variables, level).is_some() {
        return false;
    }
    let configuration = variables.configuration();
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
    /// A `return` was met.
    is_answered: Cell<bool>,
    /// The last `if` that was entered and has a `proxy_pass` of its own.
    handler: Cell<Option<LevelId>>,
    /// The `if` blocks of which it cannot be told whether they are entered, or where they lead,
    /// and that may take the request elsewhere.
    doubts: RefCell<Vec<LevelId>>,
}

impl<'e, 'c> Run<'e, 'c> {
    fn new(variables: &'e Variables<'c>, request: &'e Request, level: LevelId) -> Self {
        let before = set_before(variables, level);
        Self {
            variables,
            facts: Still::new(request, Environment::default()).after(before),
            is_answered: Cell::new(false),
            handler: Cell::new(None),
            doubts: RefCell::default(),
        }
    }

    /// Takes the steps of the server, then those of the location.
    fn way_to(&self, level: LevelId, inside: Option<LevelId>) {
        let configuration = self.variables.configuration();
        let server = configuration.level(level).server;
        let location = configuration.enclosing(level, LevelKind::Location);
        for level in [server, location].into_iter().flatten() {
            if self.steps(configuration, level, inside) == Flow::Stops {
                break;
            }
        }
    }

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
                        Ok(true) => {
                            self.enter(configuration, block);
                            self.steps(configuration, block, None)
                        }
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
            Some(d::RETURN) => {
                self.is_answered.set(true);
                Flow::Stops
            }
            Some(d::BREAK) => Flow::Stops,
            _ => Flow::GoesOn,
        }
    }

    /// A block that is entered.
    fn enter(&self, configuration: &Configuration, block: LevelId) {
        if configuration.own(block, d::PROXY_PASS).iter().next().is_some() {
            self.handler.set(Some(block));
        }
        // What its pattern matches is not asked.
        let leads_away = |line: Setting<'_>| {
            line.directive.argument(2).is_none_or(|flag| flag.value().as_ref() != b"break")
        };
        if configuration.own(block, d::REWRITE).iter().any(leads_away) {
            self.doubts.borrow_mut().push(block);
        }
    }

    /// A block that may be entered or not: what it sets is not known afterwards, unless it sets
    /// what is there already.
    fn perhaps(&self, configuration: &Configuration, block: LevelId, why: &Value) -> Flow {
        let leads_away = |id| configuration.own(block, id).iter().next().is_some();
        if [d::RETURN, d::REWRITE, d::PROXY_PASS].into_iter().any(leads_away) {
            self.doubts.borrow_mut().push(block);
        }
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
