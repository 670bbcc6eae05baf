//! Which rules are used.

use wslint_rules::finding::Category;
use wslint_rules::rule::Rule;
use wslint_rules::rules;

/// A name in `--select` or `--ignore` that is neither a rule nor a category.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule called `{name}`{}", .nearest.as_ref().map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default())]
pub(crate) struct UnknownRule {
    name: String,
    nearest: Option<&'static str>,
}

/// The rules that say that a file could not be understood. To select others does not switch them
/// off: "no problems" about a file that was not read would be a lie.
const NOT_UNDERSTOOD: [&str; 5] = [
    "include-cycle",
    "missing-semicolon",
    "syntax-error",
    "template-leftover",
    "unbalanced-braces",
];

/// The rules that are left when some are selected and some ignored; all of them when nothing is
/// selected. Those that say that a file could not be understood are left out only when ignored.
pub(crate) fn choose(
    selected: Option<&[&'static Rule]>,
    ignored: &[&'static Rule],
) -> Vec<&'static Rule> {
    let is_selected = |rule: &Rule| {
        selected
            .is_none_or(|selected| selected.contains(&rule) || NOT_UNDERSTOOD.contains(&rule.name))
    };
    let all = rules::ALL.iter().copied();
    all.filter(|rule| is_selected(rule) && !ignored.contains(rule)).collect()
}

/// The rules that some names stand for.
///
/// # Errors
/// When a name is unknown.
pub(crate) fn all_named(names: &[String]) -> Result<Vec<&'static Rule>, UnknownRule> {
    let mut all = Vec::new();
    for name in names {
        all.extend(named(name)?);
    }
    Ok(all)
}

/// The rule with that name.
///
/// # Errors
/// When there is none.
pub(crate) fn rule(name: &str) -> Result<&'static Rule, UnknownRule> {
    rules::by_name(name).ok_or_else(|| unknown(name))
}

/// The rules that a name stands for: one, those of a category, or `all`.
///
/// # Errors
/// When it is unknown.
pub(crate) fn named(name: &str) -> Result<Vec<&'static Rule>, UnknownRule> {
    let name = name.trim();
    if name == "all" {
        return Ok(rules::ALL.to_vec());
    }
    if let Some(rule) = rules::by_name(name) {
        return Ok(vec![rule]);
    }
    let category = Category::ALL.iter().find(|category| category.name() == name);
    match category {
        Some(&category) => {
            Ok(rules::ALL.iter().copied().filter(|rule| rule.category == category).collect())
        }
        None => Err(unknown(name)),
    }
}

fn unknown(name: &str) -> UnknownRule {
    let names = rules::ALL.iter().map(|rule| rule.name);
    let categories = Category::ALL.iter().map(|category| category.name());
    let nearest = names
        .chain(categories)
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|&(similarity, _)| similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known);
    UnknownRule { name: name.to_owned(), nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is chosen beside the rules about files that could not be understood.
    fn names(selected: &[&str], ignored: &[&str]) -> Vec<&'static str> {
        let mut names = all_names(selected, ignored);
        names.retain(|name| !NOT_UNDERSTOOD.contains(name));
        names
    }

    fn all_names(selected: &[&str], ignored: &[&str]) -> Vec<&'static str> {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let selected = all_named(&own(selected)).unwrap();
        let selected = (!selected.is_empty()).then_some(&selected[..]);
        let rules = choose(selected, &all_named(&own(ignored)).unwrap());
        rules.iter().map(|rule| rule.name).collect()
    }

    #[test]
    fn rules_are_chosen_by_name_category_or_all() {
        assert_eq!(all_names(&[], &[]).len(), rules::ALL.len());
        assert_eq!(names(&["upstream-empty"], &[]), ["upstream-empty"]);
        let of_maps = names(&["map"], &["map-syntax"]);
        assert!(of_maps.contains(&"map-missing-default") && !of_maps.contains(&"map-syntax"));
        assert!(!of_maps.contains(&"upstream-empty"));
        assert_eq!(all_names(&["all"], &["all"]), [""; 0]);
    }

    #[test]
    fn a_file_that_was_not_understood_is_told_whatever_is_selected() {
        let chosen = all_names(&["upstream-empty"], &[]);
        assert!(NOT_UNDERSTOOD.iter().all(|name| chosen.contains(name)));
        assert!(!all_names(&["map"], &["syntax-error"]).contains(&"syntax-error"));
        assert!(NOT_UNDERSTOOD.iter().all(|name| rules::by_name(name).is_some()));
    }

    #[test]
    fn an_unknown_rule_is_answered_with_the_nearest_one() {
        let error = all_named(&["upstream-emtpy".to_owned()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no rule called `upstream-emtpy`; did you mean `upstream-empty`?"
        );
        let error = rule("xyz").unwrap_err();
        assert_eq!(error.to_string(), "there is no rule called `xyz`");
    }
}
