//! `wslint check`, which is also `wslint` alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use wslint_grammar::Span;
use wslint_grammar::catalogue::Version;
use wslint_model::load::load_text;
use wslint_model::resolve::Configuration;
use wslint_rules::check::{Wanted, check_for};
use wslint_rules::finding::{Finding, Severity};
use wslint_rules::fix::Writable;

use crate::add_ignores::{self, Added};
use crate::cli::{CheckOptions, Format};
use crate::discover::{Ignores, Input, Inputs, discover, identity};
use crate::input::InputError;
use crate::report::{self, Checked, Fixed, Report, Style};
use crate::settings::{Settings, SettingsError, SettingsForPaths, show};
use crate::{FINDINGS, SUCCESS, complain, print, terminal, trouble};

/// One configuration and what is wrong with it.
pub(crate) struct Examined {
    pub(crate) configuration: Configuration,
    pub(crate) settings: Rc<Settings>,
    /// What is shown.
    pub(crate) findings: Vec<Finding>,
    /// How many findings matter too little to be shown.
    hidden: usize,
}

/// All that was checked.
pub(crate) struct Examination {
    /// The configurations.
    pub(crate) all: Vec<Examined>,
    /// Why other paths were not checked.
    pub(crate) errors: Vec<InputError>,
}

/// Where a report goes when no file is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output.
    Out,
    /// Standard error: something else is on standard output.
    Error,
}

impl Examined {
    fn is_failure(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity >= self.settings.fail_on)
    }

    /// Takes away what matters too little to be shown.
    fn hide(&mut self, options: &CheckOptions) {
        let before = self.findings.len();
        keep_shown(&mut self.findings, &self.settings, options);
        self.hidden = before - self.findings.len();
    }

    /// Which of its files `--fix` may change.
    pub(crate) fn writable(&self, options: &CheckOptions) -> Writable {
        if self.configuration.loaded.is_dump {
            Writable::Nothing
        } else if options.paths == [Path::new("-")] {
            Writable::MainText
        } else {
            Writable::All
        }
    }
}

pub(crate) fn run(options: &CheckOptions) -> ExitCode {
    let has_stdin = options.paths.iter().any(|path| path == Path::new("-"));
    if options.add_ignores && has_stdin {
        complain(&"--add-ignores cannot write into standard input");
        return nothing_checked(1, options);
    }
    let examination = match examine(options) {
        Ok(examination) => examination,
        Err(status) => return status,
    };
    if options.add_ignores {
        return write_ignores(&examination.all, options);
    }
    // When comments are written, the second check tells.
    examination.complain();
    let status = conclude(&examination, None, options, Stream::Out);
    // The process ends here; giving large trees back piece by piece takes a tenth of its time.
    std::mem::forget(examination);
    status
}

/// Reads and checks what the options name.
///
/// # Errors
/// When nothing was checked; why is said then, and this is the exit status.
pub(crate) fn examine(options: &CheckOptions) -> Result<Examination, ExitCode> {
    let settings = SettingsForPaths::new(options).map_err(|it| settings_trouble(&it, options))?;
    let paths = if options.paths.is_empty() { vec![default_path()] } else { options.paths.clone() };
    let ignores = ignores(options);
    let stdin_filename = options.stdin_filename.as_deref();
    let inputs = discover(&paths, stdin_filename, ignores, &settings)
        .map_err(|error| settings_trouble(&error, options))?;
    let Inputs { configurations, errors } = inputs;
    if options.show_settings && !configurations.is_empty() {
        complain_about(&errors);
        let shown = print(|out| show(&configurations, out));
        return Err(if errors.is_empty() { shown } else { trouble() });
    }
    if configurations.is_empty() {
        complain_about(&errors);
        if errors.is_empty() {
            complain(&"nothing was checked");
        }
        return Err(nothing_checked(errors.len(), options));
    }
    if let Some(path) = overwritten(&paths, &configurations, options) {
        complain(&format_args!("--output-file would overwrite {}, which is read", path.display()));
        return Err(trouble());
    }
    let mut all: Vec<Examined> =
        configurations.into_iter().map(|input| check_one(input, ignores, options)).collect();
    keep_unused_everywhere(&mut all);
    for examined in &mut all {
        examined.hide(options);
    }
    Ok(Examination { all, errors })
}

impl Examination {
    /// Says what could not be checked.
    pub(crate) fn complain(&self) {
        complain_about(&self.errors);
    }
}

fn complain_about(errors: &[InputError]) {
    for error in errors {
        complain(error);
    }
}

/// Writes the report and gives the verdict.
pub(crate) fn conclude(
    examination: &Examination,
    fixed: Option<Fixed<'_>>,
    options: &CheckOptions,
    stream: Stream,
) -> ExitCode {
    let Examination { all, errors } = examination;
    match write(all, fixed, errors.len(), options, stream) {
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
    let failed = all.iter().any(Examined::is_failure);
    if !errors.is_empty() {
        return trouble();
    }
    if failed && !options.exit_zero { FINDINGS } else { SUCCESS }
}

/// Writes comments for what was found, and checks what they leave.
fn write_ignores(results: &[Examined], options: &CheckOptions) -> ExitCode {
    let found = |result| {
        let Examined { configuration, findings, .. }: &Examined = result;
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
    let status = check_again(options, None);
    if problems.is_empty() { status } else { trouble() }
}

/// Checks what is there now.
pub(crate) fn check_again(options: &CheckOptions, fixed: Option<Fixed<'_>>) -> ExitCode {
    match examine(options) {
        Ok(examination) => {
            examination.complain();
            conclude(&examination, fixed, options, Stream::Out)
        }
        Err(status) => status,
    }
}

/// Says what is wrong with settings: with others than those that are meant, nothing is checked.
fn settings_trouble(error: &SettingsError, options: &CheckOptions) -> ExitCode {
    complain(&error.report(terminal::use_color(options.color, io::stderr().is_terminal())));
    nothing_checked(1, options)
}

fn nothing_checked(failed: usize, options: &CheckOptions) -> ExitCode {
    // A program that reads JSON gets some, whatever happened.
    if options.format == Format::Json {
        let _ = write(&[], None, failed, options, Stream::Out);
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

fn ignores(options: &CheckOptions) -> Ignores {
    if options.no_ignores { Ignores::Overlooked } else { Ignores::Followed }
}

fn check_one(
    Input { loaded, settings }: Input,
    ignores: Ignores,
    options: &CheckOptions,
) -> Examined {
    let configuration = Configuration::resolve(loaded);
    let findings = find(&configuration, &settings, ignores, options);
    Examined { configuration, settings, findings, hidden: 0 }
}

/// Checks another text of the main file of a configuration.
pub(crate) fn examine_text(
    configuration: &Configuration,
    text: Vec<u8>,
    settings: &Rc<Settings>,
    options: &CheckOptions,
) -> Examined {
    let main = configuration.loaded.main();
    let loaded = load_text(main.name.clone(), main.path.as_deref(), text, &settings.load);
    let mut now =
        check_one(Input { loaded, settings: Rc::clone(settings) }, ignores(options), options);
    now.hide(options);
    now
}

/// Everything that is wrong with a configuration, as the settings want it.
pub(crate) fn find(
    configuration: &Configuration,
    settings: &Settings,
    ignores: Ignores,
    options: &CheckOptions,
) -> Vec<Finding> {
    let wanted = Wanted {
        follows_ignores: ignores == Ignores::Followed,
        advice: wants_advice(settings, options),
        ..Wanted::ALL
    };
    find_wanted(configuration, settings, wanted)
}

/// As [`find`], but for what can't be fixed in any case.
pub(crate) fn find_fixable(
    configuration: &Configuration,
    settings: &Settings,
    options: &CheckOptions,
) -> Vec<Finding> {
    let wanted = Wanted { advice: wants_advice(settings, options), ..Wanted::FIXES };
    find_wanted(configuration, settings, wanted)
}

fn wants_advice(settings: &Settings, options: &CheckOptions) -> bool {
    // A rule may be made to weigh more.
    shown_from(settings, options) == Severity::Info || !settings.severities.is_empty()
}

fn find_wanted(configuration: &Configuration, settings: &Settings, wanted: Wanted) -> Vec<Finding> {
    let mut findings = check_for(configuration, &settings.rules, &settings.assumptions, wanted);
    settings.per_file_ignores.apply(&configuration.loaded, &mut findings);
    if !settings.severities.is_empty() {
        for finding in &mut findings {
            let severity = settings.severities.get(finding.rule.name);
            finding.severity = severity.copied().unwrap_or(finding.severity);
        }
    }
    findings
}

/// The least severity that is shown. A finding that decides the exit status is shown in any case.
fn shown_from(settings: &Settings, options: &CheckOptions) -> Severity {
    Severity::from(options.severity).min(settings.fail_on)
}

/// Takes away what matters too little to be shown.
pub(crate) fn keep_shown(findings: &mut Vec<Finding>, settings: &Settings, options: &CheckOptions) {
    let least = shown_from(settings, options);
    findings.retain(|finding| finding.severity >= least);
}

/// A comment in a file that several configurations include is unused when it is in all of them.
fn keep_unused_everywhere(results: &mut [Examined]) {
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
    for Examined { configuration, findings, .. } in results {
        findings.retain(|Finding { rule, place, .. }| {
            let name = &configuration.loaded.sources.get(place.file).name;
            rule.name != RULE || unused.get(&(name.clone(), place.span)) == read.get(name)
        });
    }
}

/// The version of nginx that all were checked for.
fn common_version(results: &[Examined]) -> Option<Version> {
    let mut versions = results.iter().map(|result| result.settings.assumptions.nginx_version);
    let first = versions.next()?;
    versions.all(|version| version == first).then_some(first)?
}

/// How many files were read; one that several configurations include counts once.
fn count_files(results: &[Examined]) -> usize {
    if let [only] = results {
        return only.configuration.loaded.sources.len();
    }
    let sources = results.iter().flat_map(|result| result.configuration.loaded.sources.iter());
    sources.map(|(_, source)| source.name.as_str()).collect::<BTreeSet<_>>().len()
}

fn write(
    results: &[Examined],
    fixed: Option<Fixed<'_>>,
    failed: usize,
    options: &CheckOptions,
    stream: Stream,
) -> io::Result<()> {
    let checked: Vec<Checked<'_>> = results
        .iter()
        .map(|result| Checked {
            sources: &result.configuration.loaded.sources,
            findings: &result.findings,
            writable: result.writable(options),
        })
        .collect();
    let files = count_files(results);
    let hidden = results.iter().map(|result| result.hidden).sum();
    let nginx_version = common_version(results).or(options.nginx_version);
    let report = Report { checked, files, nginx_version, hidden, failed, fixed };
    let format = match options.format {
        Format::Full => report::Format::Full,
        Format::Concise => report::Format::Concise,
        Format::Json => report::Format::Json,
        Format::JsonLines => report::Format::JsonLines,
    };
    let to_file = options.output_file.is_some();
    let is_terminal = !to_file
        && match stream {
            Stream::Out => io::stdout().is_terminal(),
            Stream::Error => io::stderr().is_terminal(),
        };
    let style = Style {
        color: terminal::use_color(options.color, is_terminal),
        links: terminal::has_links(is_terminal),
        unicode: terminal::has_unicode(),
        width: if to_file { terminal::DEFAULT_WIDTH } else { terminal::width() },
        quiet: options.quiet,
        statistics: options.statistics,
    };
    let mut out: Box<dyn Write> = match (&options.output_file, stream) {
        (Some(path), _) => Box::new(BufWriter::new(File::create(path)?)),
        (None, Stream::Out) => Box::new(BufWriter::new(io::stdout().lock())),
        (None, Stream::Error) => Box::new(BufWriter::new(io::stderr().lock())),
    };
    report::write(&report, format, style, &mut out)?;
    out.flush()
}
