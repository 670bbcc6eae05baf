//! All rules. A rule is two files in the directory of its category: `NAME.rs` has the check, and
//! `NAME.md` is the page, which begins with the rule's facts. The build script makes a module and a
//! static of each, and lists them all in `ALL`.

use crate::rule::Rule;

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The rule with that name.
pub fn by_name(name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.name == name)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::ALL;

    /// What several rules know is in a module outside of `rules/` that is named for it.
    #[test]
    fn no_rule_imports_from_another() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        for rule in ALL {
            let name = rule.name.replace('-', "_");
            let file = directory.join(rule.category.name()).join(&name).with_extension("rs");
            let text = fs::read_to_string(&file).unwrap();
            let own = format!("crate::rules::{} as RULE;", name.to_uppercase());
            for (number, line) in (1..).zip(text.lines()) {
                let is_own = line.strip_prefix("use ") == Some(&own);
                // An indented `super` is the rule itself, for its tests.
                let is_other = line.contains("crate::rules::") || line.starts_with("use super::");
                assert!(is_own || !is_other, "{}:{number}: {line}", file.display());
            }
        }
    }
}
