//! Versions of nginx.

use wslint_grammar::catalogue::Version;

use super::text::{Meaning, read_as_text};
use crate::cli;

/// A version, as in the option.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(transparent))]
pub(in crate::settings) struct NginxVersion(
    #[cfg_attr(test, schemars(with = "String"))] pub(in crate::settings) Version,
);

read_as_text!(NginxVersion);

impl Meaning for NginxVersion {
    fn of(text: &str) -> Result<Self, String> {
        cli::parse_version(text).map(Self)
    }
}
