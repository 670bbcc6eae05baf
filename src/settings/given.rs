//! What the command line says about settings.

use wslint_grammar::catalogue::Version;

use crate::cli::{CheckOptions, IncludeOptions, Level, SettingsFileOptions, TraceCommon};

/// The options that settings depend on, of whichever command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given<'o> {
    pub(super) select: &'o [String],
    pub(super) ignore: &'o [String],
    pub(super) fail_on: Option<Level>,
    pub(super) nginx_version: Option<Version>,
    pub(super) websocket: &'o [String],
    pub(super) includes: &'o IncludeOptions,
    pub(super) file: &'o SettingsFileOptions,
}

impl<'o> From<&'o CheckOptions> for Given<'o> {
    fn from(options: &'o CheckOptions) -> Self {
        Self {
            select: &options.select,
            ignore: &options.ignore,
            fail_on: options.fail_on,
            nginx_version: options.nginx_version,
            websocket: &options.websocket,
            includes: &options.includes,
            file: &options.settings_file,
        }
    }
}

impl<'o> From<&'o TraceCommon> for Given<'o> {
    fn from(options: &'o TraceCommon) -> Self {
        Self {
            select: &[],
            ignore: &[],
            fail_on: None,
            nginx_version: options.nginx_version,
            websocket: &[],
            includes: &options.includes,
            file: &options.settings_file,
        }
    }
}
