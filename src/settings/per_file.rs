//! Rules that are not used for some files.

use std::path::{Path, PathBuf};

use wslint_model::load::{Loaded, normalised};
use wslint_model::source::Source;
use wslint_rules::finding::Finding;
use wslint_rules::rule::Rule;

use super::value::{Pattern, RuleSets, Scope};

/// Patterns with the rules that are left out for the files that they match.
#[derive(Debug, Default)]
pub(crate) struct PerFileIgnores {
    folder: PathBuf,
    entries: Vec<(Pattern, Vec<&'static Rule>)>,
}

impl PerFileIgnores {
    /// The entries of a settings file in `folder`.
    pub(super) fn new(folder: &Path, entries: Vec<(Pattern, RuleSets)>) -> Self {
        let entries = entries.into_iter().map(|(pattern, sets)| (pattern, sets.rules()));
        Self { folder: folder.to_owned(), entries: entries.collect() }
    }

    /// Takes away the findings of rules that are left out for the files that they are in.
    pub(crate) fn apply(&self, loaded: &Loaded, findings: &mut Vec<Finding>) {
        if self.entries.is_empty() {
            return;
        }
        // The files of a dump lie where they lay: its main file stands beside the settings.
        let main = Path::new(&loaded.main().name);
        let folder = match main.parent() {
            Some(folder) if loaded.is_dump => folder,
            _ => &self.folder,
        };
        findings.retain(|finding| {
            let source = loaded.sources.get(finding.place.file);
            !self.is_ignored(finding.rule, &path_of(source), folder)
        });
    }

    /// The patterns, with the names of the rules that are left out.
    pub(super) fn shown(&self) -> impl Iterator<Item = (&str, Vec<&'static str>)> {
        self.entries.iter().map(|(pattern, rules)| {
            (pattern.matcher.glob().glob(), rules.iter().map(|rule| rule.name).collect())
        })
    }

    fn is_ignored(&self, rule: &Rule, path: &Path, folder: &Path) -> bool {
        self.entries.iter().any(|(pattern, rules)| {
            rules.contains(&rule)
                && match pattern.scope {
                    Scope::Absolute => pattern.matcher.is_match(path),
                    Scope::Name => {
                        path.file_name().is_some_and(|name| pattern.matcher.is_match(name))
                    }
                    Scope::Relative => path
                        .strip_prefix(folder)
                        .is_ok_and(|relative| pattern.matcher.is_match(relative)),
                }
        })
    }
}

/// The whole path of a file.
fn path_of(source: &Source) -> PathBuf {
    match &source.path {
        Some(path) => normalised(&std::path::absolute(path).unwrap_or_else(|_| path.clone())),
        None => PathBuf::from(&source.name),
    }
}
