//! What a rule may ask.

use wslint_grammar::catalogue::Version;

use crate::evaluate::Variables;
use crate::resolve::Configuration;

/// A configuration with all that rules ask about it.
#[derive(Debug)]
pub struct Context<'c> {
    /// Files, levels and what is in effect.
    pub configuration: &'c Configuration,
    /// Variables and maps.
    pub variables: Variables<'c>,
    /// The version of nginx that the configuration is for, if that was said.
    pub nginx_version: Option<Version>,
}

impl<'c> Context<'c> {
    /// Prepares a configuration for the rules.
    pub fn new(configuration: &'c Configuration, nginx_version: Option<Version>) -> Self {
        Self { configuration, variables: Variables::new(configuration), nginx_version }
    }
}
