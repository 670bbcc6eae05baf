//! What holds for a configuration: the settings file that is nearest to it, and the options of the
//! command line, which win.

mod discovery;
mod file;
mod for_paths;
mod given;
mod merge;
mod per_file;
mod problem;
#[cfg(test)]
mod schema;
mod show;
mod value;

use std::collections::BTreeMap;
use std::path::PathBuf;

use wslint_model::assumptions::Assumptions;
use wslint_model::load::LoadOptions;
use wslint_rules::finding::Severity;
use wslint_rules::rule::Rule;

pub(crate) use for_paths::SettingsForPaths;
pub(crate) use per_file::PerFileIgnores;
pub(crate) use problem::SettingsError;
pub(crate) use show::show;
use value::directive_text;

/// What holds for one configuration.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The file that they come from; `None` when there is none.
    pub(crate) file: Option<PathBuf>,
    /// The rules that are used.
    pub(crate) rules: Vec<&'static Rule>,
    /// The severity of all findings of these rules, by name.
    pub(crate) severities: BTreeMap<&'static str, Severity>,
    /// From which severity on findings make the exit status 1.
    pub(crate) fail_on: Severity,
    /// What is known about the configuration beside its text.
    pub(crate) assumptions: Assumptions,
    /// Where included files are.
    pub(crate) load: LoadOptions,
    /// Rules that are not used for some files.
    pub(crate) per_file_ignores: PerFileIgnores,
}
