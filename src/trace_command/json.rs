//! The trace as JSON, version 1.

use std::io::{self, Write};

use serde::Serialize;
use wslint_model::handshake::{By, Kind, Step, Trace, UpstreamRequest};
use wslint_model::source::{Place, Sources};
use wslint_rules::finding::Finding;

use super::{Explained, Told};
use crate::json::{Span, VERSION, Versions, locate};

#[derive(Serialize)]
struct Document<'a> {
    /// The version of this format.
    version: u32,
    url: String,
    /// The version of nginx that was asked about; `null` for all.
    nginx_version: Option<String>,
    /// How the handshake ends; with several ends, the one with the oldest versions of nginx.
    outcome: End<'a>,
    /// The ends by versions of nginx, when there are several.
    versions: Vec<VersionedEnd<'a>>,
    /// The ends of handshakes from other browsers than Chrome, where they differ.
    clients: Vec<ClientEnd<'a>>,
    server: Option<Named<'a>>,
    location: Option<Matched<'a>>,
    steps: Vec<StepLine<'a>>,
    upstream_request: Option<Sent<'a>>,
    /// What to change.
    advice: &'a [String],
}

#[derive(Serialize)]
pub(crate) struct End<'a> {
    kind: &'static str,
    by: Option<&'static str>,
    status: Option<u16>,
    why: String,
    rules: Vec<&'a str>,
}

#[derive(Serialize)]
pub(crate) struct VersionedEnd<'a> {
    nginx_versions: Versions,
    outcome: End<'a>,
}

#[derive(Serialize)]
struct ClientEnd<'a> {
    client: &'static str,
    nginx_versions: Versions,
    outcome: End<'a>,
}

#[derive(Serialize)]
pub(crate) struct Named<'a> {
    pub(crate) name: String,
    pub(crate) file: &'a str,
    pub(crate) span: Span,
}

#[derive(Serialize)]
struct Matched<'a> {
    pattern: String,
    file: &'a str,
    span: Span,
}

#[derive(Serialize)]
struct StepLine<'a> {
    phase: &'static str,
    message: &'a str,
    file: Option<&'a str>,
    span: Option<Span>,
}

#[derive(Serialize)]
struct Sent<'a> {
    method: &'a str,
    uri: &'a str,
    http_version: &'a str,
    headers: Vec<[&'a str; 2]>,
    to: &'a str,
}

impl<'a> End<'a> {
    pub(crate) fn new(explained: &'a Explained) -> Self {
        let outcome = &explained.trace.outcome;
        Self {
            kind: outcome.kind.name(),
            by: outcome.by.map(By::name),
            status: outcome.status,
            why: outcome.why.clone(),
            rules: explained.rules.clone(),
        }
    }
}

impl End<'_> {
    /// The end of every handshake when nginx refuses the configuration.
    pub(crate) fn not_loaded(refusals: &[Finding]) -> Option<Self> {
        let refusal = refusals.first()?;
        let mut rules: Vec<_> = refusals.iter().map(|refusal| refusal.rule.name).collect();
        rules.dedup();
        Some(End {
            kind: Kind::NotLoaded.name(),
            by: Some(By::Nginx.name()),
            status: None,
            why: format!("nginx does not load this configuration: {}", refusal.message),
            rules,
        })
    }
}

/// The ends by versions of nginx, when there are several.
pub(crate) fn versions(traces: &[Explained]) -> Vec<VersionedEnd<'_>> {
    if traces.len() < 2 {
        return Vec::new();
    }
    traces
        .iter()
        .map(|one| VersionedEnd {
            nginx_versions: Versions::from(one.versions),
            outcome: End::new(one),
        })
        .collect()
}

pub(super) fn write(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = told.chrome.first() else { return Ok(()) };
    let trace = &first.trace;
    let outcome = End::not_loaded(told.refusals).unwrap_or_else(|| End::new(first));
    let is_loaded = told.refusals.is_empty();
    let document = Document {
        version: VERSION,
        url: told.url.to_string(),
        nginx_version: told.nginx_version.map(|version| version.to_string()),
        outcome,
        versions: if is_loaded { versions(told.chrome) } else { Vec::new() },
        clients: told
            .firefox
            .filter(|_| is_loaded)
            .unwrap_or_default()
            .iter()
            .map(|one| ClientEnd {
                client: "firefox",
                nginx_versions: Versions::from(one.versions),
                outcome: End::new(one),
            })
            .collect(),
        server: server(told, trace),
        location: location(told, trace),
        steps: trace.steps.iter().map(|step| line(told.sources, step)).collect(),
        upstream_request: trace.upstream_request.as_ref().map(sent),
        advice: told.advice,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn place(sources: &Sources, place: Option<Place>) -> (Option<&str>, Option<Span>) {
    place.map(|place| locate(sources, place)).unzip()
}

fn server<'a>(told: &Told<'a>, trace: &Trace) -> Option<Named<'a>> {
    let configuration = told.configuration;
    let head = configuration.head(trace.server?)?;
    let (file, span) = locate(told.sources, head.place());
    let name = super::text::server_name(configuration, trace.server?);
    Some(Named { name, file, span })
}

fn location<'a>(told: &Told<'a>, trace: &Trace) -> Option<Matched<'a>> {
    let head = told.configuration.head(trace.location?)?;
    let (file, span) = locate(told.sources, head.place());
    let words = head.directive.arguments().map(|word| word.value().into_owned());
    let words: Vec<String> =
        words.map(|word| String::from_utf8_lossy(&word).into_owned()).collect();
    Some(Matched { pattern: words.join(" "), file, span })
}

fn line<'a>(sources: &'a Sources, step: &'a Step) -> StepLine<'a> {
    let (file, span) = place(sources, step.place);
    StepLine { phase: step.phase.name(), message: &step.message, file, span }
}

fn sent(request: &UpstreamRequest) -> Sent<'_> {
    Sent {
        method: &request.method,
        uri: &request.uri,
        http_version: &request.http_version,
        headers: request.fields.iter().map(|field| [&*field.name, &*field.value]).collect(),
        to: &request.to,
    }
}
