//! `wslint check`, which is also `wslint` alone.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use wslint_rules::check::check;
use wslint_rules::finding::{Finding, Severity};
use wslint_rules::load::{LoadOptions, Loaded};
use wslint_rules::resolve::Configuration;
use wslint_rules::rule::Rule;

use crate::cli::{CheckOptions, Format};
use crate::discover::{Inputs, discover, identity};
use crate::report::{self, Checked, Report, Style};
use crate::terminal;
use crate::{FINDINGS, SUCCESS, complain, selection, trouble};

/// One configuration and what is wrong with it.
struct Result {
    configuration: Configuration,
    findings: Vec<Finding>,
}

pub(crate) fn run(options: &CheckOptions) -> ExitCode {
    let rules = match selection::select(&options.select, &options.ignore) {
        Ok(rules) => rules,
        Err(error) => {
            complain(&error);
            return trouble();
        }
    };
    let load = LoadOptions { prefixes: options.includes.prefix.clone(), ..LoadOptions::default() };
    let paths = if options.paths.is_empty() { vec![default_path()] } else { options.paths.clone() };
    let inputs = discover(&paths, options.stdin_filename.as_deref(), &load);
    for error in &inputs.errors {
        complain(error);
    }
    let Inputs { configurations, errors } = inputs;
    if configurations.is_empty() {
        if errors.is_empty() {
            complain(&"nothing was checked");
        }
        // A program that reads JSON gets some, whatever happened.
        if options.format == Format::Json {
            let _ = write(&[], 0, errors.len(), options);
        }
        return trouble();
    }
    if let Some(path) = overwritten(&configurations, options) {
        complain(&format_args!(
            "--output-file would overwrite {}, which is checked",
            path.display()
        ));
        return trouble();
    }
    let mut results = check_all(configurations, &rules, options);
    let worst =
        results.iter().flat_map(|result| &result.findings).map(|found| found.severity).max();
    let hidden = hide(&mut results, shown_from(options));
    match write(&results, hidden, errors.len(), options) {
        Ok(()) => {}
        // A reader that stops reading does not change the verdict.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => {
            let to = options.output_file.as_deref().map(|path| format!(" to {}", path.display()));
            let to = to.unwrap_or_default();
            complain(&format_args!("cannot write the report{to}: {error}"));
            return trouble();
        }
    }
    // The process ends here; giving large trees back piece by piece takes a tenth of its time.
    std::mem::forget(results);
    if !errors.is_empty() {
        return trouble();
    }
    let failed = worst.is_some_and(|worst| worst >= options.fail_on.into());
    if failed && !options.exit_zero { FINDINGS } else { SUCCESS }
}

/// The output file, when it is one of those that are checked.
fn overwritten<'o>(configurations: &[Loaded], options: &'o CheckOptions) -> Option<&'o Path> {
    let path = options.output_file.as_deref()?;
    let output = identity(path)?;
    let mut sources = configurations.iter().flat_map(|loaded| loaded.sources.iter());
    sources
        .any(|(_, source)| source.path.as_deref().and_then(identity).as_ref() == Some(&output))
        .then_some(path)
}

/// What is checked when nothing is named: the main file here, else all that is in this folder.
pub(crate) fn default_path() -> PathBuf {
    let main = Path::new("nginx.conf");
    if main.is_file() { main.to_owned() } else { PathBuf::from(".") }
}

fn check_all(
    configurations: Vec<Loaded>,
    rules: &[&'static Rule],
    options: &CheckOptions,
) -> Vec<Result> {
    let check_one = |loaded| {
        let configuration = Configuration::resolve(loaded);
        let findings = check(&configuration, rules, options.nginx_version);
        Result { configuration, findings }
    };
    configurations.into_iter().map(check_one).collect()
}

/// A finding that decides the exit status is not hidden.
fn shown_from(options: &CheckOptions) -> Severity {
    Severity::from(options.severity).min(options.fail_on.into())
}

/// Takes the findings below `least` away, and says how many there were.
fn hide(results: &mut [Result], least: Severity) -> usize {
    let mut hidden = 0;
    for result in results {
        let before = result.findings.len();
        result.findings.retain(|finding| finding.severity >= least);
        hidden += before - result.findings.len();
    }
    hidden
}

/// How many files were read; one that several configurations include counts once.
fn count_files(results: &[Result]) -> usize {
    if let [only] = results {
        return only.configuration.loaded.sources.len();
    }
    let sources = results.iter().flat_map(|result| result.configuration.loaded.sources.iter());
    sources.map(|(_, source)| source.name.as_str()).collect::<BTreeSet<_>>().len()
}

fn write(
    results: &[Result],
    hidden: usize,
    failed: usize,
    options: &CheckOptions,
) -> io::Result<()> {
    let checked: Vec<Checked<'_>> = results
        .iter()
        .map(|result| Checked {
            sources: &result.configuration.loaded.sources,
            findings: &result.findings,
        })
        .collect();
    let files = count_files(results);
    let report = Report { checked, files, nginx_version: options.nginx_version, hidden, failed };
    let format = match options.format {
        Format::Full => report::Format::Full,
        Format::Concise => report::Format::Concise,
        Format::Json => report::Format::Json,
        Format::JsonLines => report::Format::JsonLines,
    };
    let to_file = options.output_file.is_some();
    let is_terminal = !to_file && io::stdout().is_terminal();
    let style = Style {
        color: terminal::use_color(options.color, is_terminal),
        links: terminal::has_links(is_terminal),
        unicode: terminal::has_unicode(),
        width: if to_file { terminal::DEFAULT_WIDTH } else { terminal::width() },
        quiet: options.quiet,
        statistics: options.statistics,
    };
    let mut out: Box<dyn Write> = match &options.output_file {
        Some(path) => Box::new(BufWriter::new(File::create(path)?)),
        None => Box::new(BufWriter::new(io::stdout().lock())),
    };
    report::write(&report, format, style, &mut out)?;
    out.flush()
}
