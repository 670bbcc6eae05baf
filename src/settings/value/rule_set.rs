//! Names of rules.

use wslint_rules::rule::Rule;

use super::text::{Meaning, read_as_text};
use crate::selection;

/// The rules that a name stands for: one, those of a category, or `all`.
#[derive(Clone, Debug)]
pub(in crate::settings) struct RuleSet(pub(in crate::settings) Vec<&'static Rule>);

read_as_text!(RuleSet);

impl Meaning for RuleSet {
    fn of(name: &str) -> Result<Self, String> {
        selection::named(name).map(Self).map_err(|error| error.to_string())
    }
}
