//! Unified diffs, as `patch` reads them.

use std::io::{self, Write};
use std::time::Duration;

use owo_colors::{OwoColorize, Style};
use similar::{ChangeTag, TextDiff};

use crate::report::text::one_line;

/// After so long the diff of a very long text that differs everywhere need not be the shortest one.
const PATIENCE: Duration = Duration::from_secs(5);

/// For whom a diff is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader {
    /// Whether there are colours.
    pub(crate) color: bool,
    /// Whether a person reads it on a terminal, which obeys what is in a file. Else every byte is as
    /// it is.
    pub(crate) is_terminal: bool,
    /// Whether the terminal has other characters than ASCII.
    pub(crate) unicode: bool,
}

/// Writes how a file changes.
///
/// # Errors
/// Only when `out` cannot be written to.
pub(crate) fn write(
    name: &str,
    before: &[u8],
    after: &[u8],
    reader: Reader,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = |style: Style| if reader.color { style } else { Style::new() };
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(before, after);
    let name = one_line(name, reader.unicode);
    writeln!(out, "{}", format_args!("--- {name}").style(style(Style::new().bold())))?;
    writeln!(out, "{}", format_args!("+++ {name}").style(style(Style::new().bold())))?;
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        writeln!(out, "{}", hunk.header().style(style(Style::new().cyan())))?;
        for change in hunk.iter_changes() {
            let (sign, look) = match change.tag() {
                ChangeTag::Delete => ('-', Style::new().red()),
                ChangeTag::Insert => ('+', Style::new().green()),
                ChangeTag::Equal => (' ', Style::new()),
            };
            let look = style(look);
            let line = change.value();
            let (line, end) = match line.strip_suffix(b"\n") {
                Some(line) => (line, "\n"),
                None => (line, "\n\\ No newline at end of file\n"),
            };
            write!(out, "{}{sign}", look.prefix_formatter())?;
            if reader.is_terminal {
                write!(out, "{}", tabbed(&String::from_utf8_lossy(line), reader.unicode))?;
            } else {
                out.write_all(line)?;
            }
            write!(out, "{}{end}", look.suffix_formatter())?;
        }
    }
    Ok(())
}

/// A line that a terminal may be shown; tabs are what configurations are indented with.
fn tabbed(line: &str, unicode: bool) -> String {
    line.split('\t').map(|part| one_line(part, unicode)).collect::<Vec<_>>().join("\t")
}
