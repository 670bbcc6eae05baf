//! All rules. A rule is two files in the directory of its category: `NAME.rs` has the check, and
//! `NAME.md` is the page, which begins with the rule's facts. The build script makes a module and a
//! static of each, and lists them all in `ALL`.

use crate::rule::Rule;

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The rule with that name.
pub fn by_name(name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.name == name)
}
