//! `wslint check`, which is also `wslint` alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use wslint_grammar::Span;
use wslint_grammar::catalogue::Version;
use wslint_rules::check::{check, check_with_ignores};
use wslint_rules::finding::{Finding, Severity};
use wslint_rules::resolve::Configuration;

use crate::add_ignores::{self, Added};
use crate::cli::{CheckOptions, Format};
use crate::discover::{Ignores, Input, Inputs, discover, identity};
use crate::report::{self, Checked, Report, Style};
use crate::settings::{Settings, SettingsError, SettingsForPaths, show};
use crate::terminal;
use crate::{FINDINGS, SUCCESS, complain, print, trouble};

/// One configuration and what is wrong with it.
struct Result {
    configuration: Configuration,
    settings: Rc<Settings>,
    findings: Vec<Finding>,
}

impl Result {
    /// A finding that decides the exit status is not hidden.
    fn shown_from(&self, options: &CheckOptions) -> Severity {
        Severity::from(options.severity).min(self.settings.fail_on)
    }

    fn is_failure(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity >= self.settings.fail_on)
    }
}

pub(crate) fn run(options: &CheckOptions) -> ExitCode {
    if options.add_ignores && options.paths.iter().any(|path| path == Path::new("-")) {
        complain(&"--add-ignores cannot write into standard input");
        return nothing_checked(1, options);
    }
    run_once(options, options.add_ignores)
}

/// Checks, and checks again what comments were written into.
fn run_once(options: &CheckOptions, add_ignores: bool) -> ExitCode {
    let settings = match SettingsForPaths::new(options) {
        Ok(settings) => settings,
        Err(error) => return settings_trouble(&error, options),
    };
    let paths = if options.paths.is_empty() { vec![default_path()] } else { options.paths.clone() };
    let ignores = if options.no_ignores { Ignores::Overlooked } else { Ignores::Followed };
    let stdin_filename = options.stdin_filename.as_deref();
    let inputs = match discover(&paths, stdin_filename, ignores, &settings) {
        Ok(inputs) => inputs,
        Err(error) => return settings_trouble(&error, options),
    };
    // When comments are written, the second check tells.
    for error in inputs.errors.iter().filter(|_| !add_ignores) {
        complain(error);
    }
    let Inputs { configurations, errors } = inputs;
    if options.show_settings && !configurations.is_empty() {
        let shown = print(|out| show(&configurations, out));
        return if errors.is_empty() { shown } else { trouble() };
    }
    if configurations.is_empty() {
        if errors.is_empty() {
            complain(&"nothing was checked");
        }
        return nothing_checked(errors.len(), options);
    }
    if let Some(path) = overwritten(&paths, &configurations, options) {
        complain(&format_args!("--output-file would overwrite {}, which is read", path.display()));
        return trouble();
    }
    let mut results: Vec<Result> =
        configurations.into_iter().map(|input| check_one(input, ignores)).collect();
    keep_unused_everywhere(&mut results);
    let failed = results.iter().any(Result::is_failure);
    let hidden = hide(&mut results, options);
    if add_ignores {
        return write_ignores(&results, options);
    }
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
    if failed && !options.exit_zero { FINDINGS } else { SUCCESS }
}

/// Writes comments for what was found, and checks what they leave.
fn write_ignores(results: &[Result], options: &CheckOptions) -> ExitCode {
    let found = |result| {
        let Result { configuration, findings, .. }: &Result = result;
        (&configuration.loaded, findings.as_slice())
    };
    let Added { comments, files, problems } = add_ignores::add(results.iter().map(found));
    for problem in &problems {
        complain(problem);
    }
    if options.format == Format::Full && !options.quiet {
        let (comments, files) =
            (report::text::count(comments, "comment"), report::text::count(files, "file"));
        print(|out| writeln!(out, "Wrote {comments} into {files}."));
    }
    let status = run_once(options, false);
    if problems.is_empty() { status } else { trouble() }
}

/// Says what is wrong with settings: with others than those that are meant, nothing is checked.
fn settings_trouble(error: &SettingsError, options: &CheckOptions) -> ExitCode {
    complain(&error.report(terminal::use_color(options.color, io::stderr().is_terminal())));
    nothing_checked(1, options)
}

fn nothing_checked(failed: usize, options: &CheckOptions) -> ExitCode {
    // A program that reads JSON gets some, whatever happened.
    if options.format == Format::Json {
        let _ = write(&[], 0, failed, options);
    }
    trouble()
}

/// The output file, when it is one of those that are read.
fn overwritten<'o>(
    paths: &[PathBuf],
    configurations: &[Input],
    options: &'o CheckOptions,
) -> Option<&'o Path> {
    let path = options.output_file.as_deref()?;
    let output = identity(path)?;
    let sources = configurations.iter().flat_map(|input| input.loaded.sources.iter());
    let read = sources.filter_map(|(_, source)| source.path.as_deref());
    let settings = configurations.iter().filter_map(|input| input.settings.file.as_deref());
    let mut all = read.chain(paths.iter().map(PathBuf::as_path)).chain(settings);
    all.any(|read| identity(read).as_ref() == Some(&output)).then_some(path)
}

/// What is checked when nothing is named: the main file here, else all that is in this folder.
pub(crate) fn default_path() -> PathBuf {
    let main = Path::new("nginx.conf");
    if main.is_file() { main.to_owned() } else { PathBuf::from(".") }
}

fn check_one(Input { loaded, settings }: Input, ignores: Ignores) -> Result {
    let configuration = Configuration::resolve(loaded);
    let check = if ignores == Ignores::Followed { check_with_ignores } else { check };
    let mut findings = check(&configuration, &settings.rules, &settings.assumptions);
    settings.per_file_ignores.apply(&configuration.loaded, &mut findings);
    if !settings.severities.is_empty() {
        for finding in &mut findings {
            let severity = settings.severities.get(finding.rule.name);
            finding.severity = severity.copied().unwrap_or(finding.severity);
        }
    }
    Result { configuration, settings, findings }
}

/// A comment in a file that several configurations include is unused when it is in all of them.
fn keep_unused_everywhere(results: &mut [Result]) {
    const RULE: &str = "unused-ignore";
    let mut unused: BTreeMap<(String, Span), usize> = BTreeMap::new();
    for result in &*results {
        let found = result.findings.iter().filter(|finding| finding.rule.name == RULE);
        for Finding { place, .. } in found {
            let name = result.configuration.loaded.sources.get(place.file).name.clone();
            *unused.entry((name, place.span)).or_default() += 1;
        }
    }
    if unused.is_empty() || results.len() == 1 {
        return;
    }
    let mut read: BTreeMap<String, usize> = BTreeMap::new();
    for (_, source) in results.iter().flat_map(|it| it.configuration.loaded.sources.iter()) {
        *read.entry(source.name.clone()).or_default() += 1;
    }
    for Result { configuration, findings, .. } in results {
        findings.retain(|Finding { rule, place, .. }| {
            let name = &configuration.loaded.sources.get(place.file).name;
            rule.name != RULE || unused.get(&(name.clone(), place.span)) == read.get(name)
        });
    }
}

/// The version of nginx that all were checked for.
fn common_version(results: &[Result]) -> Option<Version> {
    let mut versions = results.iter().map(|result| result.settings.assumptions.nginx_version);
    let first = versions.next()?;
    versions.all(|version| version == first).then_some(first)?
}

/// Takes away the findings that matter too little to be shown, and says how many there were.
fn hide(results: &mut [Result], options: &CheckOptions) -> usize {
    let mut hidden = 0;
    for result in results {
        let least = result.shown_from(options);
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
    let nginx_version = common_version(results).or(options.nginx_version);
    let report = Report { checked, files, nginx_version, hidden, failed };
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
