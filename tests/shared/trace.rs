//! `wslint trace` says of every handshake what became of it.

use std::collections::BTreeMap;

use serde_json::Value;
use wslint_model::assumptions::Assumptions;
use wslint_model::handshake::{Kind, Reason, ReasonKind, Trace, Tracer};
use wslint_model::load::{LoadOptions, load};
use wslint_model::resolve::Configuration;
use wslint_rules::context::Context;

use crate::data::{
    VERSIONS, case_url, folder, handshake, is_refused, lines, list, real_url, text, write_case,
};

/// What is wrong with a trace, compared with what nginx did.
fn difference(trace: &Trace, truth: &Value, primed: bool) -> Option<String> {
    let cached = trace.outcome.reasons.iter().any(|reason| reason.kind == ReasonKind::Cached);
    if primed && cached {
        return None;
    }
    // The backend that the data comes from accepts two `Host` headers, a strict one rejects them
    // (RFC 9112, section 3.2).
    let several_hosts = truth["upstream"]["host"].as_str().is_some_and(|host| host.contains(','));
    let rejects = |reason: &Reason| reason.kind == ReasonKind::SeveralHosts;
    if several_hosts && trace.outcome.reasons.iter().any(rejects) {
        return None;
    }
    let switches = truth["ws"] == Value::Bool(true);
    let expected = if switches { Kind::Switches } else { Kind::Refused };
    if trace.outcome.kind != expected {
        return Some(format!("{:?} {}", trace.outcome.kind, trace.outcome.why));
    }
    let status = truth["status"].as_u64().map(|status| status as u16);
    if trace.outcome.status != status {
        return Some(format!("status {:?}", trace.outcome.status));
    }
    let Some(upstream) = truth["upstream"].as_object() else {
        let none = trace.upstream_request.is_none();
        return (!none).then(|| "nothing reached the backend".to_owned());
    };
    let Some(request) = &trace.upstream_request else {
        return Some("a request reached the backend".to_owned());
    };
    let field = |name: &str| {
        let lines = request.fields.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
        lines.map(|field| field.value.as_str()).collect::<Vec<_>>().join(", ")
    };
    let ours = [
        ("method", request.method.clone()),
        ("uri", request.uri.clone()),
        ("version", format!("HTTP/{}", request.http_version)),
        ("upgrade", field("upgrade")),
        ("connection", field("connection")),
    ];
    ours.into_iter().find_map(|(name, ours)| {
        let theirs = upstream[name].as_str().unwrap_or_default();
        (ours != theirs).then(|| format!("{name}: ours {ours:?}, nginx {theirs:?}"))
    })
}

#[test]
fn generated_handshakes_end_as_with_nginx() {
    let Some(shared) = folder() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (mut routes, mut differences) = (0, BTreeMap::<String, Vec<String>>::new());
    for case in lines(&shared.join("oracle/cases.jsonl")) {
        let configuration = write_case(&case, folder.path());
        for (version_name, version) in VERSIONS {
            let truth = &case["truth"][version_name];
            if truth["load"] != "ok" {
                let why = "nginx refuses the configuration".to_owned();
                if !is_refused(&configuration, version) {
                    differences.entry(why).or_default().push(case["id"].to_string());
                }
                continue;
            }
            let assumptions = Assumptions::for_version(Some(version));
            let context = Context::new(&configuration, &assumptions);
            let tracer = Tracer::new(&context);
            for route in list(&case["routes"]) {
                let id = text(route, "id");
                let question = handshake(&case_url(route), version).expect("a URL");
                let trace = tracer.trace(&question);
                routes += 1;
                let primed = route["prime"] == Value::Bool(true);
                if let Some(difference) = difference(&trace, &truth["routes"][id], primed) {
                    let place =
                        format!("{} {id} {version_name} {}", case["id"], truth["routes"][id]);
                    let kind = format!("{}: {difference}", text(route, "flow"));
                    differences.entry(kind).or_default().push(place);
                }
            }
        }
    }
    println!("{routes} routes");
    for (difference, places) in &differences {
        println!("{} × {difference}: {}", places.len(), places[0]);
    }
    assert!(differences.is_empty(), "{} kinds of differences", differences.len());
}

/// Files whose routes end otherwise for a reason that is not in the configuration.
const OTHER_SURROUNDINGS: [&str; 2] = [
    // It lets one public address in; the truth was made from the machine itself, and asked for
    // that address the trace agrees.
    "andybets+nginx-reverse-proxy/nginx/websocket.conf",
    // The folder of its `root` held an index file where the truth was made.
    "nginxinc+NGINX-Demos/nginx-regex-tester/regextester/regextester.conf",
];

#[test]
fn real_handshakes_end_as_with_nginx() {
    let Some(shared) = folder() else { return };
    let (mut routes, mut equal) = (0_usize, 0_usize);
    let mut differences = Vec::new();
    for entry in lines(&shared.join("corpus/truth.jsonl")) {
        let file = entry["file"].as_str().expect("an entry has a file");
        // The file that these include is not there.
        if file.contains("reverse-proxy-confs") {
            continue;
        }
        let path = shared.join("corpus/files").join(file);
        let Ok(loaded) = load(&path, &LoadOptions::default()) else { continue };
        let configuration = Configuration::resolve(loaded);
        for (version_name, version) in VERSIONS {
            let truth = &entry["truth"][version_name];
            if truth["load"] != "ok" {
                continue;
            }
            let assumptions = Assumptions::for_version(Some(version));
            let context = Context::new(&configuration, &assumptions);
            let tracer = Tracer::new(&context);
            for route in list(&truth["routes"]) {
                let Some(question) = handshake(&real_url(route), version) else { continue };
                routes += 1;
                match difference(&tracer.trace(&question), route, false) {
                    None => equal += 1,
                    Some(_) if OTHER_SURROUNDINGS.contains(&file) => {}
                    Some(difference) => {
                        differences.push(format!("{file} {version_name}: {difference}; {route}"));
                    }
                }
            }
        }
    }
    println!("{equal} of {routes} routes");
    for difference in &differences {
        println!("{difference}");
    }
    assert!(differences.is_empty(), "{equal} of {routes} are equal");
}
