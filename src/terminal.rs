//! What the terminal can show.

use std::env;

use crate::cli::ColorWhen;

/// The width of a report that does not go to a terminal.
pub(crate) const DEFAULT_WIDTH: usize = 80;

/// Whether to use colour: the option decides, then `NO_COLOR`, then `CLICOLOR_FORCE` or
/// `FORCE_COLOR`, then whether the output is a terminal.
pub(crate) fn use_color(when: ColorWhen, is_terminal: bool) -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        // https://no-color.org: any value but the empty one counts.
        ColorWhen::Auto if env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        ColorWhen::Auto if is_set("CLICOLOR_FORCE") || is_set("FORCE_COLOR") => true,
        ColorWhen::Auto => is_terminal && env::var_os("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// Whether lines may be drawn with characters beyond ASCII: what the locale says, and not on a
/// dumb terminal. Without any locale setting, as in most containers, UTF-8 is taken for granted.
pub(crate) fn has_unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(env::var_os)
        .find(|value| !value.is_empty());
    let utf8 = locale.is_none_or(|locale| {
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    utf8 && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Whether there can be links behind words (OSC 8): on terminals of today, but not in the logs of
/// CI, which show the escape sequences.
pub(crate) fn has_links(is_terminal: bool) -> bool {
    is_terminal
        && env::var_os("CI").is_none()
        && env::var_os("TERM").is_some_and(|term| term != "dumb" && term != "linux")
}

/// How many columns there are, within what can be read.
pub(crate) fn width() -> usize {
    let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let size = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.or_else(size).unwrap_or(DEFAULT_WIDTH).clamp(40, 120)
}
