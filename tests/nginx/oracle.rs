//! `wslint trace` against a real nginx, on configurations that a seed makes.
//!
//! nginx is started on each, between a strict backend and a client, and every handshake must end
//! as the trace says: how, who refuses it, with which status, and what the backend got of it, to
//! the last field. Where they differ, nginx is right.
//!
//! `WSLINT_ORACLE_SEED` makes other configurations, `WSLINT_ORACLE_CASES` another number of them.

pub(crate) mod compare;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use compare::{Verdict, compare};
use wslint_grammar::catalogue::Version;
use wslint_model::assumptions::Assumptions;
use wslint_model::handshake::{Client, Kind, Question, Trace, Tracer};
use wslint_model::load::{LoadOptions, load};
use wslint_model::resolve::Configuration;
use wslint_rules::check::check;
use wslint_rules::context::Context;
use wslint_rules::finding::Effect;
use wslint_rules::rules;
use wslint_test_support::random::Random;
use wslint_test_support::{Nginx, on_every_nginx};

use crate::generator::{self, Route};
use crate::observe::{Running, Seen};
use crate::seeds::for_each_seed;

const SEED: u64 = 20_251;
const CASES: usize = 26;

/// How many differences are shown whole.
const SHOWN: usize = 3;

/// What came of all configurations.
#[derive(Debug, Default)]
struct Tally {
    counts: BTreeMap<&'static str, usize>,
    differences: Vec<String>,
}

impl Tally {
    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }
}

#[test]
fn handshakes_end_as_with_nginx() {
    on_every_nginx!(handshakes_end_as_with_nginx);
    let result = Mutex::new(Tally::default());
    for_each_seed(("WSLINT_ORACLE_SEED", SEED), ("WSLINT_ORACLE_CASES", CASES), |seed| {
        try_case(seed, &result);
    });
    let result = result.into_inner().expect("no thread panicked");
    println!("{:?}", result.counts);
    for difference in &result.differences {
        println!("{}", difference.lines().next().unwrap_or_default());
    }
    for difference in result.differences.iter().take(SHOWN) {
        println!("{difference}");
    }
    assert!(result.differences.is_empty(), "{} differences", result.differences.len());
}

/// What nginx does with a handshake. What comes first where one is mirrored is a matter of time.
fn observe(nginx: &Running, route: &Route, trace: &Trace) -> Seen {
    let mut observed = nginx.send(route);
    for _ in 0..8 {
        if !compare::is_mirrored(trace) {
            break;
        }
        // A copy that comes late is not to be taken for the next handshake.
        std::thread::sleep(std::time::Duration::from_millis(30));
        if !observed.switched || trace.outcome.kind == Kind::Switches {
            break;
        }
        observed = nginx.send(route);
    }
    observed
}

/// Starts nginx on the configuration of a seed, and follows every handshake.
fn try_case(seed: u64, result: &Mutex<Tally>) {
    let case = generator::case(&mut Random::new(seed));
    let nginx = match Running::start(&case.folder) {
        Ok(running) => running,
        Err(check) => {
            let text = &case.folder.files[&case.folder.main];
            let text = format!("seed {seed}: nginx does not take it: {check:?}\n{text}");
            result.lock().expect("no panic").differences.push(text);
            return;
        }
    };
    let file = nginx.main_file();
    let configuration =
        Configuration::resolve(load(&file, &LoadOptions::default()).expect("a file"));
    let installed = Nginx::version();
    let version = Version::new(installed.0 as u16, installed.1 as u16, installed.2 as u16);
    let assumptions = Assumptions::for_version(Some(version));
    let refused = check(&configuration, rules::ALL, &assumptions)
        .into_iter()
        .find(|finding| finding.effect == Effect::NotLoaded);
    if let Some(finding) = refused {
        let text =
            format!("seed {seed}: nginx takes what {} refuses: {finding:?}", finding.rule.name);
        result.lock().expect("no panic").differences.push(text);
    }
    let context = Context::new(&configuration, &assumptions);
    let tracer = Tracer::new(&context);
    for route in &case.routes {
        let url = format!("ws://{}{}", nginx.authority(route), route.target);
        let question = Question {
            url: url.parse().expect("a URL"),
            client: match route.browser {
                wslint_test_support::Browser::Chrome => Client::Chrome,
                wslint_test_support::Browser::Firefox => Client::Firefox,
            },
            fields: route.fields.clone(),
            address: Some([127, 0, 0, 1].into()),
            proxy_protocol: false,
            nginx_version: version,
        };
        let trace = tracer.trace(&question);
        let observed = observe(&nginx, route, &trace);
        let mut result = result.lock().expect("no panic");
        result.count("routes");
        result.count(match &trace.upstream_request {
            Some(_) => "reach the backend",
            None => "end at nginx",
        });
        result.count(trace.outcome.kind.name());
        match compare(&trace, &observed) {
            Verdict::Equal => {}
            Verdict::Files => result.count("find a file"),
            Verdict::Cached => result.count("cached"),
            Verdict::Differs(difference) => {
                let mut text = format!("seed {seed} {url}: {difference}\n");
                let _ = writeln!(text, "{route:?}\n{observed:#?}\n{:#?}", trace.upstream_request);
                for step in &trace.steps {
                    let _ = writeln!(text, "  {}: {}", step.phase.name(), step.message);
                }
                let _ = writeln!(text, "  {:?}", trace.outcome);
                for (path, file) in &nginx.folder.files {
                    let _ = writeln!(text, "# {path}\n{file}");
                }
                result.differences.push(text);
            }
        }
    }
}
