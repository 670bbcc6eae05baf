//! A handshake that fails has a finding that names the reason, and one that succeeds has none that
//! says that it fails.

use std::collections::BTreeMap;

use serde_json::Value;
use wslint_model::assumptions::Assumptions;
use wslint_model::handshake::{ReasonKind, Tracer};
use wslint_model::resolve::{LevelId, LevelKind};
use wslint_rules::check::check;
use wslint_rules::context::Context;
use wslint_rules::explain::FindingsByPlace;
use wslint_rules::finding::{Effect, Finding};
use wslint_rules::rules;

use crate::data::{VERSIONS, case_url, folder, handshake, lines, list, text, write_case};

/// Whether a location is meant for WebSockets.
fn is_meant(context: &Context<'_>, location: LevelId) -> bool {
    context.websocket_locations().any(|(forwarded, _)| {
        context.configuration.enclosing(forwarded.level, LevelKind::Location) == Some(location)
    })
}

/// Why a handshake was refused, if it was for its headers, version, map or a cache.
fn reason<'v>(truth: &'v Value, route: &Value) -> Option<&'v str> {
    if truth["ws"] == Value::Bool(true) {
        return None;
    }
    match truth["why"].as_str() {
        Some(why) if !why.is_empty() && !truth["upstream"].is_null() => Some(why),
        // What the backend said came from the cache.
        _ if route["prime"] == Value::Bool(true) && truth["status"] == 200 => Some("cache"),
        _ => None,
    }
}

/// Rules about what a backend must refuse, which the one that the data comes from takes: two `Host`
/// lines (RFC 9112, section 3.2).
const STRICTER: [&str; 1] = ["duplicate-host-header"];

/// What the trace calls a reason of the backend; nothing for a cache, which the trace takes to be
/// empty.
fn names(reason: &str) -> &'static [ReasonKind] {
    use ReasonKind as Kind;
    match reason {
        "method" => &[Kind::Method],
        "version" => &[Kind::Http10, Kind::Http2],
        "upgrade" => &[Kind::UpgradeMissing, Kind::UpgradeValue],
        "connection" => &[Kind::ConnectionMissing, Kind::ConnectionValue],
        "sec-key" | "sec-version" => &[Kind::WebSocketHeader, Kind::HeadersNotPassed],
        "accept" => &[Kind::ResponseHeaderHidden, Kind::OtherKey],
        "response headers" => &[Kind::ResponseHeaderHidden],
        "cache" => &[],
        other => panic!("the reason {other} has no name"),
    }
}

#[derive(Default)]
struct Count {
    found: usize,
    all: usize,
    missed: Vec<String>,
}

impl Count {
    fn add(&mut self, found: bool, route: impl FnOnce() -> String) {
        self.all += 1;
        self.found += usize::from(found);
        if !found {
            self.missed.push(route());
        }
    }
}

#[test]
fn generated_handshakes_have_a_finding_when_they_fail_and_none_when_they_succeed() {
    let Some(shared) = folder() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut refused = BTreeMap::<String, Count>::new();
    let mut switched = Count::default();
    for case in lines(&shared.join("oracle/cases.jsonl")) {
        let configuration = write_case(&case, folder.path());
        for (version_name, version) in VERSIONS {
            let truth = &case["truth"][version_name];
            if truth["load"] != "ok" {
                continue;
            }
            let assumptions = Assumptions::for_version(Some(version));
            let context = Context::new(&configuration, &assumptions);
            let tracer = Tracer::new(&context);
            let findings = check(&configuration, rules::ALL, &assumptions);
            let findings = FindingsByPlace::new(&findings);
            for route in list(&case["routes"]) {
                let truth = &truth["routes"][text(route, "id")];
                let question = handshake(&case_url(route), version).expect("a URL");
                let trace = tracer.trace(&question);
                let Some(location) = trace.location else { continue };
                let about = findings.about(&configuration, &trace);
                let rules: Vec<&str> = about.iter().map(|finding| finding.rule.name).collect();
                let shown = || {
                    let flow = text(route, "flow");
                    let (case, route) = (&case["id"], &route["id"]);
                    let reasons = &trace.outcome.reasons;
                    format!("{case} {route} {version_name} ({flow}): {reasons:?}, found {rules:?}")
                };
                match reason(truth, route) {
                    Some(reason) if is_meant(&context, location) => {
                        let found = match names(reason) {
                            [] => rules.contains(&"cache-without-upgrade-bypass"),
                            names => findings
                                .explaining(&configuration, &trace)
                                .iter()
                                .any(|(kind, _)| names.contains(kind)),
                        };
                        refused.entry(reason.to_owned()).or_default().add(found, shown);
                    }
                    _ if truth["ws"] == Value::Bool(true) => {
                        let fails = |finding: &&Finding| {
                            finding.effect == Effect::HandshakeFails
                                && !STRICTER.contains(&finding.rule.name)
                        };
                        switched.add(!about.iter().any(fails), shown);
                    }
                    _ => {}
                }
            }
        }
    }
    let mut missed = 0;
    for (reason, count) in refused.iter().chain([(&"switched".to_owned(), &switched)]) {
        println!("{reason}: {} of {}", count.found, count.all);
        for route in count.missed.iter().take(12) {
            println!("    {route}");
        }
        missed += count.missed.len();
    }
    assert!(missed == 0, "{missed} routes have a wrong verdict");
}
