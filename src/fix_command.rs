//! `wslint check --fix` and `--diff`: what rules know to mend is mended, or shown.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use wslint_grammar::Applicability;
use wslint_model::resolve::Configuration;
use wslint_rules::finding::Finding;
use wslint_rules::fix::{FileKey, FixedFile, Frozen, Subject, Together, fix_all};

use crate::check_command::{
    Examination, Examined, Stream, check_again, conclude, examine, examine_text, find_fixable,
    keep_shown,
};
use crate::cli::CheckOptions;
use crate::report::{Applied, Fixed};
use crate::settings::Settings;
use crate::write_file::{Prepared, WriteError};
use crate::{FINDINGS, SUCCESS, complain, diff, print, terminal, trouble};

pub(crate) fn run(options: &CheckOptions) -> ExitCode {
    let is_stdin = options.paths.iter().any(|path| path == Path::new("-"));
    if is_stdin && options.paths.len() > 1 {
        complain(&"standard input can only be fixed alone");
        return trouble();
    }
    let examination = match examine(options) {
        Ok(examination) => examination,
        Err(status) => return status,
    };
    if is_stdin && examination.all.iter().any(|it| it.configuration.loaded.is_dump) {
        complain(
            &"the output of `nginx -T` cannot be fixed: it is made of files that are elsewhere",
        );
        return trouble();
    }
    let mut frozen = Frozen::new();
    let mut problems = Problems::default();
    problems.tell_of_dumps(&examination.all);
    loop {
        let together = mend(&examination.all, &frozen, options);
        if options.diff {
            problems.tell(&together);
            examination.complain();
            problems.any |= !examination.errors.is_empty();
            return show(&together.files, &problems, options);
        }
        if is_stdin {
            problems.tell(&together);
            return answer(&examination, &together, &problems, options);
        }
        match prepare(&together.files) {
            Ok(prepared) => {
                problems.tell(&together);
                let failed = finish(prepared, &mut problems);
                return report(&examination, &together, &failed, &problems, options);
            }
            // What belongs together with a file that cannot be written is not written either.
            Err(unwritable) => {
                for (key, error) in unwritable {
                    problems.add(&error);
                    frozen.insert(key);
                }
            }
        }
    }
}

/// What went wrong, told to a person when it did.
#[derive(Default)]
struct Problems {
    any: bool,
}

impl Problems {
    fn add(&mut self, problem: &dyn Display) {
        complain(problem);
        self.any = true;
    }

    fn tell_of_dumps(&mut self, all: &[Examined]) {
        let has_fix = |it: &&Examined| it.findings.iter().any(|finding| finding.fix.is_some());
        let dumps = all.iter().filter(|it| it.configuration.loaded.is_dump).filter(has_fix);
        let names: BTreeSet<&str> =
            dumps.map(|it| it.configuration.loaded.main().name.as_str()).collect();
        for name in names {
            self.add(&format_args!(
                "nothing is fixed in {name}: it is in the output of `nginx -T`"
            ));
        }
    }

    fn tell(&mut self, together: &Together) {
        for conflict in &together.conflicts {
            let [one, other] = &conflict.configurations;
            self.add(&format_args!(
                "{} is left as it is: {one} and {other} need different texts of it",
                conflict.file
            ));
        }
        let taken_back: BTreeSet<String> = together
            .fixed
            .iter()
            .flat_map(|fixed| &fixed.taken_back)
            .map(|it| {
                format!(
                    "{}:{}: the fix of {} was taken back, and its files are left as they were: {}; \
                     this is a mistake of wslint's, please report it",
                    it.file, it.line, it.rule, it.worse
                )
            })
            .collect();
        for text in taken_back {
            self.add(&text);
        }
    }
}

/// What the files would be like.
fn mend(all: &[Examined], frozen: &Frozen, options: &CheckOptions) -> Together {
    let up_to = if options.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    let finders: Vec<_> = all
        .iter()
        .map(|examined| {
            let settings = settings_of(examined);
            move |configuration: &Configuration| fixable(configuration, settings, options)
        })
        .collect();
    let subjects: Vec<Subject<'_>> = all
        .iter()
        .zip(&finders)
        .map(|(examined, find)| Subject {
            configuration: &examined.configuration,
            load: &examined.settings.load,
            assumptions: &examined.settings.assumptions,
            // What comments ignore stays as it is, also where it is shown.
            found: (!options.no_ignores).then_some(examined.findings.as_slice()),
            find,
            writable: examined.writable(options),
            up_to,
        })
        .collect();
    fix_all(&subjects, frozen)
}

fn settings_of(examined: &Examined) -> &Settings {
    &examined.settings
}

fn fixable(
    configuration: &Configuration,
    settings: &Settings,
    options: &CheckOptions,
) -> Vec<Finding> {
    let mut findings = find_fixable(configuration, settings, options);
    keep_shown(&mut findings, settings, options);
    findings
}

/// Prints what would change.
fn show(files: &[FixedFile], problems: &Problems, options: &CheckOptions) -> ExitCode {
    let is_terminal = options.output_file.is_none() && io::stdout().is_terminal();
    let reader = diff::Reader {
        color: terminal::use_color(options.color, is_terminal),
        is_terminal,
        unicode: terminal::has_unicode(),
    };
    let write = |out: &mut dyn Write| {
        let mut files = files.iter();
        files.try_for_each(|file| diff::write(&file.name, &file.before, &file.after, reader, out))
    };
    let printed = match &options.output_file {
        None => print(write),
        Some(path) => {
            let written = File::create(path).map(BufWriter::new).and_then(|mut out| {
                write(&mut out)?;
                out.flush()
            });
            match written {
                Ok(()) => SUCCESS,
                Err(error) => {
                    complain(&format_args!("cannot write the diff to {}: {error}", path.display()));
                    trouble()
                }
            }
        }
    };
    if printed != SUCCESS || problems.any {
        trouble()
    } else if files.is_empty() || options.exit_zero {
        SUCCESS
    } else {
        FINDINGS
    }
}

/// Gives standard input back as it is to be, and reports on it elsewhere.
fn answer(
    examination: &Examination,
    together: &Together,
    problems: &Problems,
    options: &CheckOptions,
) -> ExitCode {
    let applied = applied(&examination.all, together, &BTreeSet::new());
    let Some(main) = examination.all.first() else { return trouble() };
    let text = match together.files.first() {
        Some(file) => file.after.to_vec(),
        None => main.configuration.loaded.main().tree.text().to_vec(),
    };
    let printed = print(|out| out.write_all(&text));
    let now = examine_text(&main.configuration, text, &main.settings, options);
    let fixed = Fixed { applied, files: together.files.len(), all: options.unsafe_fixes };
    let now = Examination { all: vec![now], errors: Vec::new() };
    let status = conclude(&now, Some(fixed), options, Stream::Error);
    if problems.any || printed != SUCCESS { trouble() } else { status }
}

/// New texts that lie beside their files.
type AllPrepared<'t> = Vec<(&'t FixedFile, Prepared<'t>)>;

/// Writes all new texts beside their files.
///
/// # Errors
/// With the files for which that cannot be done.
fn prepare(files: &[FixedFile]) -> Result<AllPrepared<'_>, Vec<(FileKey, WriteError)>> {
    let mut prepared = Vec::new();
    let mut errors = Vec::new();
    for file in files {
        let Some(path) = &file.path else { continue };
        match Prepared::new(path, &file.before, &file.after) {
            Ok(new) => prepared.push((file, new)),
            Err(error) => errors.push((FileKey::of_path(path), error)),
        }
    }
    if errors.is_empty() { Ok(prepared) } else { Err(errors) }
}

/// Puts the new texts in the place of the old ones. What comes back are the names of the files that
/// are as they were nevertheless.
fn finish<'t>(prepared: AllPrepared<'t>, problems: &mut Problems) -> BTreeSet<&'t str> {
    let mut failed = BTreeSet::new();
    for (file, new) in prepared {
        if let Err(error) = new.finish() {
            problems.add(&error);
            failed.insert(file.name.as_str());
        }
    }
    failed
}

/// Reports what was done, and what remains.
fn report(
    examination: &Examination,
    together: &Together,
    failed: &BTreeSet<&str>,
    problems: &Problems,
    options: &CheckOptions,
) -> ExitCode {
    let applied = applied(&examination.all, together, failed);
    let files = together.files.len() - failed.len();
    let fixed = Some(Fixed { applied, files, all: options.unsafe_fixes });
    let status = if together.files.is_empty() {
        examination.complain();
        conclude(examination, fixed, options, Stream::Out)
    } else {
        check_again(options, fixed)
    };
    if problems.any { trouble() } else { status }
}

/// What was mended, but for what would have been in files that could not be written. What several
/// configurations have in common is listed once.
fn applied<'a>(
    all: &'a [Examined],
    together: &'a Together,
    failed: &BTreeSet<&str>,
) -> Vec<Applied<'a>> {
    let mut seen = BTreeSet::new();
    let configurations = all.iter().map(|examined| &examined.configuration);
    let mut applied: Vec<Applied<'a>> = configurations
        .zip(&together.fixed)
        .flat_map(|(before, fixed)| fixed.applied(before))
        .filter(|(_, sources, finding)| {
            let mut edits = finding.fix.iter().flat_map(|fix| &fix.edits);
            !edits.any(|edit| failed.contains(sources.get(edit.file).name.as_str()))
        })
        .filter(|(round, sources, finding)| {
            let name = sources.get(finding.place.file).name.as_str();
            let place = (finding.place.span, finding.rule.name, finding.message.as_str());
            seen.insert((*round, name, place))
        })
        .map(|(round, sources, finding)| Applied { round: round + 1, sources, finding })
        .collect();
    applied.sort_by_key(|it| it.round);
    applied
}
