//! The steps of a block, read once: each regular expression is compiled once, however often a
//! request comes by.

use std::sync::{Arc, RwLock};

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, Word};

use crate::evaluate::Condition;
use crate::resolve::{Configuration, LevelId, LevelKind, RewriteStep};
use crate::source::Place;
use crate::text::pattern::Pattern;

/// A step of the rewrite module.
#[derive(Debug)]
pub(crate) struct Step {
    /// The directive, up to its `;` or `{`.
    pub(crate) place: Place,
    /// What it does.
    pub(crate) action: Action,
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum Action {
    /// `set $name text`
    Set {
        /// The variable, in lower case, without `$`.
        name: String,
        /// The text.
        text: Vec<u8>,
    },
    /// `if (condition) { … }`
    If {
        /// Its block.
        block: LevelId,
        /// Whether settings of the block come into effect: it is in a location.
        has_settings: bool,
        /// The condition.
        condition: Condition,
    },
    /// `break`
    Break,
    /// `return`, with its code if that is a number, and whether a text follows.
    Return(Option<u16>, bool),
    /// `rewrite pattern replacement [flag]`
    Rewrite {
        /// The regular expression.
        pattern: Pattern,
        /// The replacement, without a `?` at its end.
        replacement: Vec<u8>,
        /// `?` at its end: the request's own arguments are not appended.
        drops_arguments: bool,
        /// What happens after it.
        flag: Flag,
    },
}

/// What a `rewrite` that was taken leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flag {
    /// The next step.
    None,
    /// The search for a location.
    Last,
    /// The end of the steps.
    Break,
    /// A redirect with this status.
    Redirect(u16),
}

/// The steps of all blocks that were asked for.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    by_level: RwLock<FxHashMap<LevelId, Arc<[Step]>>>,
}

impl Programs {
    /// The steps of a server, a location or an `if`.
    pub(crate) fn of(&self, configuration: &Configuration, level: LevelId) -> Arc<[Step]> {
        if let Ok(known) = self.by_level.read()
            && let Some(steps) = known.get(&level)
        {
            return Arc::clone(steps);
        }
        let steps: Arc<[Step]> = read(configuration, level).into();
        match self.by_level.write() {
            // Another thread may have been faster.
            Ok(mut known) => Arc::clone(known.entry(level).or_insert(steps)),
            Err(_) => steps,
        }
    }
}

fn read(configuration: &Configuration, level: LevelId) -> Vec<Step> {
    let steps = configuration.rewrite_steps(level).iter();
    let read = steps.filter_map(|step| match *step {
        RewriteStep::Directive(reference) => {
            let setting = configuration.setting(reference);
            Some(Step { place: setting.place(), action: action(setting.directive)? })
        }
        RewriteStep::If(block) => {
            let head = configuration.head(block)?;
            let action = Action::If {
                block,
                has_settings: configuration.level(block).kind == LevelKind::If,
                condition: Condition::read(head.directive),
            };
            Some(Step { place: head.place(), action })
        }
    });
    read.collect()
}

/// `None` for what nginx rejects.
fn action(directive: Directive<'_>) -> Option<Action> {
    let word = |number| directive.argument(number).map(|word: Word<'_>| word.value().into_owned());
    Some(match directive.id()? {
        d::SET => {
            let name = String::from_utf8_lossy(&word(0)?).to_ascii_lowercase();
            Action::Set { name: name.strip_prefix('$')?.to_owned(), text: word(1)? }
        }
        d::BREAK => Action::Break,
        d::RETURN => {
            let code = word(0)?;
            let code = std::str::from_utf8(&code).ok().and_then(|code| code.parse().ok());
            Action::Return(code, word(1).is_some_and(|text| !text.is_empty()))
        }
        d::REWRITE => {
            let (pattern, mut replacement) = (word(0)?, word(1)?);
            let redirects = [&b"http://"[..], b"https://", b"$scheme"];
            let flag = match word(2).as_deref() {
                Some(b"permanent") => Flag::Redirect(301),
                Some(b"redirect") => Flag::Redirect(302),
                _ if redirects.iter().any(|start| replacement.starts_with(start)) => {
                    Flag::Redirect(302)
                }
                Some(b"last") => Flag::Last,
                Some(b"break") => Flag::Break,
                _ => Flag::None,
            };
            let drops_arguments = replacement.last() == Some(&b'?');
            if drops_arguments {
                replacement.pop();
            }
            let pattern = Pattern::new(String::from_utf8_lossy(&pattern).into_owned(), false);
            Action::Rewrite { pattern, replacement, drops_arguments, flag }
        }
        _ => return None,
    })
}
