//! `wslint parse`: what the files say, as JSON in the format of crossplane's payload.
//!
//! The format is that of `crossplane parse` (nginxinc/crossplane: README.md, section "Schema", and
//! crossplane/parser.py), so that programs made for crossplane read it. The directives, their
//! lines and their arguments are nginx's: where crossplane splits a text into other words than
//! nginx does, nginx is followed. `tests/compare_crossplane.py` compares the two and explains
//! every difference that is left.
//!
//! The payload is written while the trees are walked. Nothing here recurses and no value of the
//! payload's size is built, so neither deep blocks nor large files need memory beyond their tree.

mod configuration;
mod cycle;
mod json;
mod problem;
mod statement;
#[cfg(test)]
mod tests;
mod walk;

use std::io::{self, Write};

use configuration::Configuration;
use json::Json;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
use wslint_model::load::Loaded;

/// What the payload holds and how it is laid out. Each option is one of `crossplane parse`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ParseOptions {
    /// With comments, as directives called `#` (`--include-comments`).
    pub(crate) comments: bool,
    /// Put what an `include` brings in in its place, so that there is one file, and name the file
    /// of every directive (`--combine`). What is included twice is there twice: as often as nginx
    /// would read it.
    pub(crate) combine: bool,
    /// Leave out what `include` brings in (`--single-file`).
    pub(crate) no_includes: bool,
    /// Spread the JSON over lines, each level this many spaces further in (`--indent`); of
    /// blocks in blocks, most of it is then blanks. Without it, the payload is one line.
    pub(crate) indent: Option<usize>,
}

/// Writes one payload with all files of `loaded`, and a newline behind it. Returns whether its
/// `status` is `ok`: every file was read and understood. `is_complete` says whether all that was
/// asked for is in `loaded`.
///
/// `config` holds the files of the first configuration in the order of its [`Sources`], then those
/// of the next; `includes` are numbers into the whole of `config`.
///
/// # Errors
/// When `out` cannot be written to.
///
/// [`Sources`]: wslint_model::source::Sources
pub(crate) fn write_payload(
    loaded: &[Loaded],
    is_complete: bool,
    options: &ParseOptions,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    let configurations = configurations(loaded, options);
    let is_ok = is_complete
        && configurations.iter().all(|configuration| configuration.problems().next().is_none());
    match options.indent {
        None => write(&configurations, is_ok, Json::new(&mut out, CompactFormatter)),
        Some(width) => {
            let indent = " ".repeat(width);
            let formatter = PrettyFormatter::with_indent(indent.as_bytes());
            write(&configurations, is_ok, Json::new(&mut out, formatter))
        }
    }?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(is_ok)
}

fn configurations<'l>(loaded: &'l [Loaded], options: &'l ParseOptions) -> Vec<Configuration<'l>> {
    let mut entry_count = 0;
    let configuration = |loaded| {
        let configuration = Configuration::new(loaded, entry_count, options);
        entry_count += configuration.entry_count();
        configuration
    };
    loaded.iter().map(configuration).collect()
}

fn write<W: Write, F: Formatter>(
    configurations: &[Configuration<'_>],
    is_ok: bool,
    mut json: Json<W, F>,
) -> io::Result<()> {
    json.begin_object()?;
    json.status_field(is_ok)?;
    json.key("errors")?;
    json.begin_array()?;
    for problem in configurations.iter().flat_map(Configuration::problems) {
        json.problem_with_file(problem)?;
    }
    json.end_array()?;
    json.key("config")?;
    json.begin_array()?;
    for configuration in configurations {
        configuration.write(&mut json)?;
    }
    json.end_array()?;
    json.end_object()
}
