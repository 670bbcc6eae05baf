//! The format of `wslint.toml`.
//!
//! Its keys have the names of the options that they stand for. `docs/schema/` has the JSON Schema
//! of these types, with what is written about the fields here.

use serde::Deserialize;

use super::value::{
    DirectiveEntry, Entries, NginxVersion, Pattern, Prefixes, RuleSet, RuleSets, SeverityName,
    SeverityOrOff, Texts,
};

/// The settings of wslint for the nginx configurations below a folder.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, schemars(title = "wslint.toml"))]
pub(super) struct SettingsFile {
    /// The version of nginx that the configurations are for, as in "1.22.1".
    #[cfg_attr(test, schemars(with = "NginxVersion"))]
    pub(super) nginx_version: Option<NginxVersion>,
    /// Use only these rules: names, categories or "all".
    #[cfg_attr(test, schemars(with = "RuleSets"))]
    pub(super) select: Option<RuleSets>,
    /// Leave these rules out.
    #[cfg_attr(test, schemars(with = "RuleSets"))]
    pub(super) ignore: Option<RuleSets>,
    /// Patterns of locations that are meant for WebSockets, as in "/ws*".
    #[cfg_attr(test, schemars(with = "Texts"))]
    pub(super) websocket: Option<Texts>,
    /// Where absolute includes are found: a table of FROM = "TO", or "FROM=TO". TO is relative to
    /// the folder of this file.
    #[cfg_attr(test, schemars(with = "Prefixes"))]
    pub(super) prefix: Option<Prefixes>,
    /// Exit with 1 when a finding has this severity or a higher one.
    #[cfg_attr(test, schemars(with = "SeverityName"))]
    pub(super) fail_on: Option<SeverityName>,
    /// The severity of the findings of rules or categories; "off" switches a rule off.
    pub(super) severity: Entries<RuleSet, SeverityOrOff>,
    /// Rules that are left out for the files that a pattern matches, relative to the folder of
    /// this file; a pattern without a slash matches the names of files in any folder.
    pub(super) per_file_ignores: Entries<Pattern, RuleSets>,
    /// Directives of modules that wslint does not know.
    pub(super) directives: Entries<String, DirectiveEntry>,
}
