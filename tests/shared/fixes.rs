//! `--fix` on data that is not part of the project: made and real configurations. What the fixes do
//! is judged with the trace, which other tests hold against real nginxes. Skipped with a message
//! where that data is absent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use wslint_grammar::Applicability;
use wslint_grammar::catalogue::Version;
use wslint_model::assumptions::Assumptions;
use wslint_model::handshake::{By, Intent, Kind, Outcome, Reason, Tracer};
use wslint_model::load::{LoadOptions, load};
use wslint_model::resolve::{Configuration, LevelId};
use wslint_rules::check::{Wanted, check_for};
use wslint_rules::context::Context;
use wslint_rules::explain::rule_about;
use wslint_rules::finding::{Category, Finding, Severity};
use wslint_rules::fix::{Fixed, Frozen, Subject, Writable, fix};
use wslint_rules::rules;

use crate::data::{VERSIONS, case_url, folder, handshake, is_refused, lines, text, write_case};

const KINDS: [(&str, Applicability); 2] =
    [("safe", Applicability::Safe), ("all", Applicability::Unsafe)];

/// How many of a hundred handshakes must be mended at least that fail for reasons that can be mended,
/// at locations whose settings show that they are meant for WebSockets. The others may be for pages.
const SHARES: [(&str, usize); 2] = [("safe", 50), ("all", 90)];

fn read(path: &Path) -> Option<Configuration> {
    Some(Configuration::resolve(load(path, &LoadOptions::default()).ok()?))
}

/// What `wslint --fix` does without further options.
fn apply(configuration: &Configuration, up_to: Applicability) -> Fixed {
    let find = |configuration: &Configuration| -> Vec<Finding> {
        let mut findings =
            check_for(configuration, rules::ALL, &Assumptions::default(), Wanted::FIXES);
        findings.retain(|finding| finding.severity >= Severity::Warning);
        findings
    };
    let subject = Subject {
        configuration,
        load: &LoadOptions::default(),
        assumptions: &Assumptions::default(),
        found: None,
        find: &find,
        writable: Writable::All,
        up_to,
    };
    fix(subject, &Frozen::new())
}

/// What is wrong with the work of the fixes, whatever they are.
fn flaws(fixed: &Fixed, up_to: Applicability) -> Vec<String> {
    let mut flaws: Vec<String> =
        fixed.taken_back.iter().map(|bad| format!("taken back: {bad:?}")).collect();
    if let Some(after) = fixed.configuration() {
        let again = apply(after, up_to);
        flaws.extend(again.files.iter().map(|file| format!("changed again: {}", file.name)));
    }
    flaws
}

/// Whether a handshake fails for a reason that a configuration's headers, HTTP version, maps or
/// caches have.
fn is_fixable_in_principle(outcome: &Outcome) -> bool {
    const CATEGORIES: [Category; 4] =
        [Category::Handshake, Category::Inheritance, Category::Map, Category::Cache];
    let is_about = |reason: &Reason| {
        let name = rule_about(reason.kind);
        rules::ALL.iter().any(|rule| rule.name == name && CATEGORIES.contains(&rule.category))
    };
    outcome.kind == Kind::Refused
        && (outcome.by == Some(By::Backend) || outcome.reasons.iter().any(is_about))
}

/// How the handshakes of a case end with a version, and whether settings of the locations that they
/// come to show that these are meant for WebSockets; `None` when nginx refuses the configuration.
fn ends(
    configuration: &Configuration,
    case: &Value,
    version: Version,
) -> Option<Vec<(Outcome, bool)>> {
    if is_refused(configuration, version) {
        return None;
    }
    let assumptions = Assumptions::for_version(Some(version));
    let context = Context::new(configuration, &assumptions);
    let tracer = Tracer::new(&context);
    let listed = tracer.routes(Some(version));
    let meant = listed.iter().filter(|route| route.intent == Intent::WebSocket);
    // The level that proxies may be an `if` of the location.
    let meant: BTreeSet<LevelId> =
        meant.flat_map(|route| configuration.ancestors(route.level)).collect();
    let routes = case["routes"].as_array().expect("routes").iter();
    let ends = routes.map(|route| {
        let question = handshake(&case_url(route), version).expect("a URL");
        let trace = tracer.trace(&question);
        let is_meant = trace.location.is_some_and(|location| meant.contains(&location));
        (trace.outcome, is_meant)
    });
    Some(ends.collect())
}

#[test]
fn made_handshakes_are_mended_and_none_breaks() {
    let Some(shared) = folder() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut remaining: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut failures = Vec::new();
    for case in lines(&shared.join("oracle/cases.jsonl")) {
        let id = text(&case, "id");
        let before = write_case(&case, folder.path());
        for (kind, up_to) in KINDS {
            let fixed = apply(&before, up_to);
            failures.extend(flaws(&fixed, up_to).iter().map(|flaw| format!("{id} {kind}: {flaw}")));
            let after = fixed.configuration().unwrap_or(&before);
            for (_, version) in VERSIONS {
                let Some(was) = ends(&before, &case, version) else { continue };
                let Some(is) = ends(after, &case, version) else {
                    failures.push(format!("{id} {kind}: nginx {version} would refuse it"));
                    continue;
                };
                for (number, ((was, is_meant), (is, _))) in was.iter().zip(&is).enumerate() {
                    let switches = is.kind == Kind::Switches;
                    if was.kind == Kind::Switches && !switches {
                        let route = &case["routes"][number]["id"];
                        let why = &is.why;
                        failures.push(format!("{id} {kind}: {version} breaks {route}: {why}"));
                    }
                    if is_fixable_in_principle(was) && !is_meant {
                        *counts.entry(format!("{kind} {version}: for pages")).or_default() += 1;
                    } else if is_fixable_in_principle(was) {
                        let what = if switches { "mended" } else { "fail still" };
                        *counts.entry(format!("{kind} {version}: {what}")).or_default() += 1;
                        if !switches {
                            let why = format!("{kind}: {} {:?}", is.why, is.reasons);
                            let places = remaining.entry(why).or_default();
                            places.push(format!("{id} {}", case["routes"][number]["id"]));
                        }
                    }
                }
            }
        }
    }
    for (kind, least) in SHARES {
        for (_, version) in VERSIONS {
            let count = |what| counts.get(&format!("{kind} {version}: {what}")).copied();
            let [mended, others] = ["mended", "fail still"].map(|it| count(it).unwrap_or_default());
            if mended * 100 < least * (mended + others) {
                failures.push(format!("{kind} {version}: less than {least} % are mended"));
            }
        }
    }
    println!("handshakes that fail for reasons of headers, version, map or cache: {counts:#?}");
    for (why, places) in remaining {
        println!("{:>5} {why}: {}", places.len(), places[0]);
    }
    for failure in &failures {
        println!("{failure}");
    }
    assert!(failures.is_empty(), "{} failures", failures.len());
}

/// What tells a route from others, and for which versions a handshake switches there.
type RouteEnds = Vec<((Vec<String>, String), Vec<bool>)>;

fn routes(configuration: &Configuration) -> RouteEnds {
    let of = |version| {
        let assumptions = Assumptions::for_version(Some(version));
        let context = Context::new(configuration, &assumptions);
        Tracer::new(&context).routes(Some(version))
    };
    let [old, new] = VERSIONS.map(|(_, version)| of(version));
    old.into_iter()
        .zip(new)
        .map(|(old, new)| {
            let switches = [&old, &new]
                .map(|route| route.traces.iter().all(|it| it.trace.outcome.kind == Kind::Switches));
            ((old.names, old.pattern), switches.to_vec())
        })
        .collect()
}

#[test]
fn real_configurations_do_not_become_worse() {
    let Some(shared) = folder() else { return };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for entry in lines(&shared.join("corpus/truth.jsonl")) {
        let file = entry["file"].as_str().expect("an entry has a file");
        let Some(before) = read(&shared.join("corpus/files").join(file)) else { continue };
        *counts.entry("files".to_owned()).or_default() += 1;
        for (kind, up_to) in KINDS {
            let fixed = apply(&before, up_to);
            failures.extend(flaws(&fixed, up_to).iter().map(|it| format!("{file} {kind}: {it}")));
            let Some(after) = fixed.configuration() else { continue };
            *counts.entry(format!("{kind}: changed")).or_default() += 1;
            for (_, _, finding) in fixed.applied(&before) {
                *counts.entry(format!("{kind}: fixes of {}", finding.rule.name)).or_default() += 1;
            }
            let errors = |configuration: &Configuration| -> usize {
                let sources = configuration.loaded.sources.iter();
                sources.map(|(_, source)| source.tree.errors().len()).sum()
            };
            if errors(after) > errors(&before) {
                failures.push(format!("{file} {kind}: more syntax errors than before"));
            }
            if VERSIONS.iter().any(|&(_, version)| is_refused(&before, version)) {
                continue;
            }
            if VERSIONS.iter().any(|&(_, version)| is_refused(after, version)) {
                failures.push(format!("{file} {kind}: nginx would refuse it"));
            }
            let (was, is) = (routes(&before), routes(after));
            if was.len() != is.len() {
                failures.push(format!("{file} {kind}: {} routes, then {}", was.len(), is.len()));
            }
            for ((route, was), (_, is)) in was.iter().zip(&is) {
                let lost = was.iter().zip(is).any(|(was, is)| *was && !is);
                let won = was.iter().zip(is).any(|(was, is)| !was && *is);
                if lost {
                    failures.push(format!("{file} {kind}: {route:?} does not switch any more"));
                }
                *counts.entry(format!("{kind}: routes mended")).or_default() += usize::from(won);
            }
        }
    }
    println!("{counts:#?}");
    for failure in &failures {
        println!("{failure}");
    }
    assert!(failures.is_empty(), "{} failures", failures.len());
}
