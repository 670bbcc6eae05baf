//! Severities by name.

use serde::Deserialize;
use wslint_rules::finding::Severity;

/// A severity.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(in crate::settings) enum SeverityName {
    /// Advice, and facts that matter only to some.
    Info,
    /// It works, but it is fragile, degraded or insecure.
    Warning,
    /// The handshake cannot succeed, or nginx refuses the configuration.
    Error,
}

impl From<SeverityName> for Severity {
    fn from(name: SeverityName) -> Self {
        match name {
            SeverityName::Info => Severity::Info,
            SeverityName::Warning => Severity::Warning,
            SeverityName::Error => Severity::Error,
        }
    }
}

/// What becomes of a rule's findings.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(in crate::settings) enum SeverityOrOff {
    /// The rule is not used.
    Off,
    /// Advice, and facts that matter only to some.
    Info,
    /// It works, but it is fragile, degraded or insecure.
    Warning,
    /// The handshake cannot succeed, or nginx refuses the configuration.
    Error,
}

impl SeverityOrOff {
    /// The severity; `None` when the rule is off.
    pub(in crate::settings) fn severity(self) -> Option<Severity> {
        match self {
            SeverityOrOff::Off => None,
            SeverityOrOff::Info => Some(Severity::Info),
            SeverityOrOff::Warning => Some(Severity::Warning),
            SeverityOrOff::Error => Some(Severity::Error),
        }
    }
}
