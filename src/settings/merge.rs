//! What the file says and what the options say, in one.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use wslint_model::assumptions::Assumptions;
use wslint_model::load::LoadOptions;
use wslint_rules::finding::Severity;
use wslint_rules::rule::Rule;

use super::file::SettingsFile;
use super::given::Given;
use super::value::{Prefixes, RuleSet, RuleSets, SeverityOrOff, Texts};
use super::{PerFileIgnores, Settings};
use crate::cli::IncludeOptions;
use crate::selection::{self, UnknownRule};

/// The options of the command line, with the rules that they name.
#[derive(Debug)]
pub(super) struct Overrides<'o> {
    given: Given<'o>,
    selected: Vec<&'static Rule>,
    ignored: Vec<&'static Rule>,
}

impl<'o> Overrides<'o> {
    /// # Errors
    /// When an option names a rule that does not exist.
    pub(super) fn new(given: Given<'o>) -> Result<Self, UnknownRule> {
        Ok(Self {
            selected: selection::all_named(given.select)?,
            ignored: selection::all_named(given.ignore)?,
            given,
        })
    }

    /// What holds with the file at `path`, or without any.
    pub(super) fn merge(&self, file: SettingsFile, path: Option<PathBuf>) -> Settings {
        let folder = path.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        let given = self.given;
        let rules = |sets: &Option<RuleSets>| sets.as_ref().map(RuleSets::rules);
        let severities = severities(&file);
        let off = switched_off(&severities);
        let rules = if self.selected.is_empty() {
            let mut ignored = rules(&file.ignore).unwrap_or_default();
            ignored.extend(&self.ignored);
            ignored.extend(off);
            selection::choose(rules(&file.select).as_deref(), &ignored)
        } else {
            // Whoever asks for a rule gets it, whatever the file says about it.
            selection::choose(Some(&self.selected), &self.ignored)
        };
        let websocket = match given.websocket {
            [] => file.websocket.map(|Texts(patterns)| patterns).unwrap_or_default(),
            patterns => patterns.to_vec(),
        };
        let fail_on = given.fail_on.map(Severity::from);
        Settings {
            rules,
            severities: severities
                .into_iter()
                .filter_map(|(name, severity)| Some((name, severity?)))
                .collect(),
            fail_on: fail_on.or(file.fail_on.map(Severity::from)).unwrap_or(Severity::Warning),
            assumptions: Assumptions {
                nginx_version: given.nginx_version.or(file.nginx_version.map(|version| version.0)),
                directives: file.directives.0.into_iter().map(|(name, it)| (name, it.0)).collect(),
                websocket,
            },
            load: LoadOptions {
                prefixes: prefixes(given.includes, file.prefix, folder),
                ignore_includes: false,
            },
            per_file_ignores: PerFileIgnores::new(folder, file.per_file_ignores.0),
            file: path,
        }
    }
}

/// What the file says of each rule: what is said of a rule itself counts more than what is said of
/// its category, and that more than what is said of all.
fn severities(file: &SettingsFile) -> BTreeMap<&'static str, Option<Severity>> {
    let mut entries: Vec<_> = file.severity.0.iter().collect();
    entries.sort_by_key(|(set, _)| Reverse(set.0.len()));
    let rules = |(set, level): &(RuleSet, SeverityOrOff)| {
        let severity = level.severity();
        set.0.iter().map(move |rule| (rule.name, severity)).collect::<Vec<_>>()
    };
    entries.into_iter().flat_map(rules).collect()
}

/// The rules that are switched off.
fn switched_off(severities: &BTreeMap<&'static str, Option<Severity>>) -> Vec<&'static Rule> {
    let off = severities.iter().filter(|(_, severity)| severity.is_none());
    off.filter_map(|(name, _)| wslint_rules::rules::by_name(name)).collect()
}

/// The first pair that fits counts, so that the options come first.
fn prefixes(
    options: &IncludeOptions,
    file: Option<Prefixes>,
    folder: &Path,
) -> Vec<(PathBuf, PathBuf)> {
    let mut all = options.prefix.clone();
    let file = file.map(|Prefixes(pairs)| pairs).unwrap_or_default();
    all.extend(file.into_iter().map(|(from, to)| (from, folder.join(to))));
    all
}
