//! What nginx and wslint say about the same files, and whether that is the same.

use std::path::Path;

use wslint_grammar::catalogue;
use wslint_model::assumptions::Assumptions;
use wslint_model::load::{LoadOptions, load, load_text};
use wslint_model::resolve::Configuration;
use wslint_rules::check::check;
use wslint_rules::finding::{Effect, Severity};
use wslint_rules::rules;
use wslint_test_support::{Check, Folder, Nginx, Version, check_beside};

use super::KNOWN_DIFFERENCES;

/// What nginx says when it is not the configuration's fault.
const SURROUNDINGS: [&str; 13] = [
    "host not found",
    "open() \"",
    "mkdir() \"",
    "chown(\"",
    "chmod() \"",
    "bind() to",
    "socket() ",
    "setsockopt(",
    "cannot load certificate",
    "dlopen() \"",
    "getpwnam(",
    "mmap(",
    "could not build ",
];

/// An error of wslint that says that nginx refuses the configuration.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) rule: &'static str,
    pub(crate) message: String,
    /// Relative to the folder of the main file.
    pub(crate) file: String,
    pub(crate) line: u32,
}

/// How the two compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Both take it, or both refuse it for a mistake in the same place.
    Same,
    /// nginx takes it, wslint does not.
    FalseAlarm,
    /// nginx refuses it, wslint does not.
    Missed,
    /// Both refuse it, and wslint names only places after nginx's.
    Late,
    /// nginx lacks something that another machine may have.
    Surroundings,
    /// A difference that is explained, by its number in [`KNOWN_DIFFERENCES`].
    Known(usize),
}

/// What both say.
#[derive(Debug)]
pub(crate) struct Judgement {
    pub(crate) nginx: Check,
    pub(crate) wslint: Vec<Found>,
}

impl Judgement {
    /// Asks both about a folder of files.
    pub(crate) fn of(folder: &Folder) -> Self {
        let (nginx, wslint) = check_beside(folder, wslint);
        Self { nginx, wslint }
    }

    /// How the two compare; `refused_line` is the one that nginx names.
    pub(crate) fn outcome(&self, refused_line: &str) -> Outcome {
        let Check { ok, message, file, line, .. } = &self.nginx;
        if *ok {
            return if self.wslint.is_empty() { Outcome::Same } else { Outcome::FalseAlarm };
        }
        if message.is_empty() || SURROUNDINGS.iter().any(|words| message.contains(words)) {
            return Outcome::Surroundings;
        }
        let is_in_time = |found: &Found| match (file, line) {
            (Some(file), Some(line)) => found.file != *file || found.line <= *line,
            _ => true,
        };
        if self.wslint.iter().any(is_in_time) {
            return Outcome::Same;
        }
        let known = KNOWN_DIFFERENCES
            .iter()
            .position(|known| message.contains(known.words) && refused_line.contains(known.line));
        match known {
            Some(number) => Outcome::Known(number),
            None if self.wslint.is_empty() => Outcome::Missed,
            None => Outcome::Late,
        }
    }
}

/// The errors of wslint, for the version of nginx that is installed.
fn wslint(main: &Path) -> Vec<Found> {
    let Version(major, minor, patch) = Nginx::version();
    let version = [major, minor, patch].map(|number| u16::try_from(number).expect("a version"));
    let version = catalogue::Version::new(version[0], version[1], version[2]);
    let loaded = load(main, &LoadOptions::default()).expect("a readable file");
    let configuration = Configuration::resolve(loaded);
    let folder = main.parent().expect("a file in a folder");
    check(&configuration, rules::ALL, &Assumptions::for_version(Some(version)))
        .into_iter()
        .filter(|found| found.effect == Effect::NotLoaded && found.severity == Severity::Error)
        .map(|found| {
            let source = configuration.loaded.sources.get(found.place.file);
            let name = Path::new(&source.name);
            Found {
                rule: found.rule.name,
                message: found.message.clone(),
                file: name.strip_prefix(folder).unwrap_or(name).display().to_string(),
                line: source.position(found.place.span.start).line,
            }
        })
        .collect()
}

/// Runs every rule over a text.
pub(crate) fn survives(text: Vec<u8>) {
    let loaded = load_text("nginx.conf".to_owned(), None, text, &LoadOptions::default());
    check(&Configuration::resolve(loaded), rules::ALL, &Assumptions::default());
}
