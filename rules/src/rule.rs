//! What a rule is.

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};

/// A rule: what it is called, what it means, and the check.
pub struct Rule {
    /// The name, in kebab-case, as in options, comments, JSON and on its page.
    pub name: &'static str,
    /// Which part of the subject it belongs to.
    pub category: Category,
    /// How much its findings matter, unless a case makes it more or less.
    pub severity: Severity,
    /// What happens because of its findings, unless a case makes it another.
    pub effect: Effect,
    /// Whether all that it finds is advice: where nobody reads that, it is not run.
    pub only_advises: bool,
    /// Whether it can find that nginx refuses the configuration.
    pub refuses: bool,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Its page: the file beside the rule's own, which is all that is written about it.
    pub page: &'static str,
    /// Finds what is wrong.
    pub check: fn(&Context<'_>, &mut Vec<Finding>),
}

impl Rule {
    /// Where its page is to be read.
    pub fn url(&self) -> String {
        let file = self.name.replace('-', "_");
        format!(
            "https://github.com/wslint/wslint/blob/main/rules/src/rules/{}/{file}.md",
            self.category
        )
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Rule").field(&self.name).finish()
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Rule {}

impl std::hash::Hash for Rule {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
