//! The values of `wslint.toml`. Each says what is wrong with it while it is read, so that the
//! report points at it.

mod directive;
mod entries;
mod list;
mod pattern;
mod prefix;
mod rule_set;
mod severity;
mod text;
mod version;

pub(super) use directive::{DirectiveEntry, directive_text};
pub(super) use entries::Entries;
pub(super) use list::{RuleSets, Texts};
pub(super) use pattern::{Pattern, Scope};
pub(super) use prefix::Prefixes;
pub(super) use rule_set::RuleSet;
pub(super) use severity::{SeverityName, SeverityOrOff};
pub(super) use version::NginxVersion;
