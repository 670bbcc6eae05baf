//! `wslint trace`: one handshake, step by step.

pub(crate) mod json;
pub(crate) mod text;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use wslint_grammar::catalogue::Version;
use wslint_model::handshake::{Client, Kind, Question, Reach, Trace, Tracer, Url, VersionedTrace};
use wslint_model::resolve::Configuration;
use wslint_model::source::Sources;
use wslint_rules::check::check;
use wslint_rules::context::Context;
use wslint_rules::explain::{FindingsByPlace, advice};
use wslint_rules::finding::{Effect, Finding, Severity, VersionRange};
use wslint_rules::rules;

use crate::cli::{TraceCommon, TraceFormat, TraceOptions};
use crate::discover::{Ignores, Input, Inputs, discover};
use crate::settings::{Settings, SettingsForPaths};
use crate::{FINDINGS, SUCCESS, complain, print, terminal, trouble};

/// A handshake that was followed, for printing.
struct Told<'a> {
    url: &'a Url,
    nginx_version: Option<Version>,
    sources: &'a Sources,
    configuration: &'a Configuration,
    /// The ends with Chrome's handshake, by versions of nginx.
    chrome: &'a [Explained],
    /// The same with Firefox's, when it ends otherwise.
    firefox: Option<&'a [Explained]>,
    /// What keeps nginx from loading the configuration.
    refusals: &'a [Finding],
    advice: &'a [String],
    assumes_map: bool,
}

pub(crate) fn run(options: &TraceOptions) -> ExitCode {
    let Some(configurations) = read(options.path.as_deref(), &options.common) else {
        return trouble();
    };
    let (configuration, settings) = choose(configurations, &options.url);
    let version = settings.assumptions.nginx_version;
    let findings = check(&configuration, rules::ALL, &settings.assumptions);
    let context = Context::new(&configuration, &settings.assumptions);
    let tracer = Tracer::new(&context);
    let question = Question {
        url: options.url.clone(),
        client: Client::Chrome,
        fields: options.header.clone(),
        address: options.client_address,
        proxy_protocol: options.proxy_protocol,
        // Replaced by each version that is asked about.
        nginx_version: Version::new(1, 0, 0),
    };
    let chrome = tracer.trace_versions(&question, version);
    let firefox = tracer.trace_versions(&Question { client: Client::Firefox, ..question }, version);
    let chrome = explained(&configuration, chrome, &findings);
    let firefox = explained(&configuration, firefox, &findings);
    let refusals: Vec<Finding> = findings.into_iter().filter(keeps_from_loading).collect();
    let differs = chrome.len() != firefox.len()
        || chrome
            .iter()
            .zip(&firefox)
            .any(|(chrome, firefox)| chrome.trace.outcome.kind != firefox.trace.outcome.kind);
    let advice = chrome.first().map(|first| advice(&context, &first.trace, &first.rules));
    let advice = advice.unwrap_or_default();
    let told = Told {
        url: &options.url,
        nginx_version: version,
        sources: &configuration.loaded.sources,
        configuration: &configuration,
        chrome: &chrome,
        firefox: differs.then_some(&firefox),
        refusals: &refusals,
        advice: &advice,
        assumes_map: tracer.assumes_usual_map(),
    };
    let printed = print(|out| match options.format {
        TraceFormat::Json => json::write(&told, out),
        TraceFormat::Text => {
            let is_terminal = io::stdout().is_terminal();
            let color = terminal::use_color(options.common.color, is_terminal);
            text::write(&told, color, terminal::width(), out)
        }
    });
    let switches = refusals.is_empty()
        && chrome.iter().chain(&firefox).all(|one| one.trace.outcome.kind == Kind::Switches);
    match printed {
        SUCCESS if !switches => FINDINGS,
        printed => printed,
    }
}

/// A trace, with the rules that explain how it ends.
pub(crate) struct Explained {
    pub(crate) versions: VersionRange,
    pub(crate) trace: Trace,
    pub(crate) rules: Vec<&'static str>,
}

/// Finds the names under which a check reports the reasons why handshakes fail.
pub(crate) fn explained(
    configuration: &Configuration,
    traces: Vec<VersionedTrace>,
    findings: &[Finding],
) -> Vec<Explained> {
    let findings = FindingsByPlace::new(findings);
    let explain = |VersionedTrace { versions, trace }| {
        let rules = findings.explained_by(configuration, &trace);
        Explained { versions, trace, rules }
    };
    traces.into_iter().map(explain).collect()
}

/// Whether nginx refuses the configuration because of a finding.
pub(crate) fn keeps_from_loading(finding: &Finding) -> bool {
    finding.effect == Effect::NotLoaded && finding.severity == Severity::Error
}

/// Reads the configurations at a path; `None` when that was said to be impossible.
pub(crate) fn read(path: Option<&Path>, common: &TraceCommon) -> Option<Vec<Input>> {
    let path = path.map_or_else(crate::check_command::default_path, Path::to_owned);
    let paths = std::slice::from_ref::<PathBuf>(&path);
    let stdin_filename = common.stdin_filename.as_deref();
    let inputs = SettingsForPaths::new(common)
        .and_then(|settings| discover(paths, stdin_filename, Ignores::Followed, &settings));
    let Inputs { configurations, errors } = match inputs {
        Ok(inputs) => inputs,
        Err(error) => {
            let color = terminal::use_color(common.color, io::stderr().is_terminal());
            complain(&error.report(color));
            return None;
        }
    };
    for error in &errors {
        complain(error);
    }
    if configurations.is_empty() {
        if errors.is_empty() {
            complain(&"there is no configuration");
        }
        return None;
    }
    Some(configurations)
}

/// Of the configurations of a folder, the one that the URL belongs to best.
fn choose(inputs: Vec<Input>, url: &Url) -> (Configuration, Rc<Settings>) {
    let mut best: Option<(Reach, Configuration, Rc<Settings>)> = None;
    for Input { loaded, settings } in inputs {
        let configuration = Configuration::resolve(loaded);
        let reach = Tracer::new(&Context::new(&configuration, &settings.assumptions)).reach(url);
        if best.as_ref().is_none_or(|(known, ..)| reach > *known) {
            best = Some((reach, configuration, settings));
        }
    }
    let (_, configuration, settings) = best.expect("there is at least one");
    (configuration, settings)
}
