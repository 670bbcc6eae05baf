//! `wslint` and `wslint routes` against a real nginx: they must agree with it as the trace does.
//!
//! A location where every handshake succeeds has no error that says that handshakes fail. A
//! handshake that fails in a WebSocket location has a finding that names the cause. Every effective
//! value that `wslint routes` prints is what the backend gets, and its outcome is that of its URL.
//!
//! `WSLINT_ORACLE_SEED` makes other configurations, `WSLINT_ORACLE_CASES` another number of them.

mod contradictions;
mod kinds;
mod said;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use contradictions::{Contradiction, Scope};
use wslint_test_support::random::Random;
use wslint_test_support::require_nginx;

use crate::generator::{self, Case, Route};
use crate::observe::Running;
use crate::seeds::for_each_seed;

const SEED: u64 = 20_251;
const CASES: usize = 26;

const SMALL_SEED: u64 = 30_251;
const SMALL_CASES: usize = 200;

/// Seeds of generated configurations of which something is not said yet, with what it is about.
const NOT_YET: [(u64, &str); 6] = [
    (20_263, "`Connection` of a request that another location leads on"),
    (20_270, "the status of `error_page` in another location replaces the 101"),
    (20_276, "the status of `error_page` in another location replaces the 101"),
    (30_384, "a named group of `server_name` has a value for each name of the server"),
    (30_420, "the argument that a map asks for, after a rewrite"),
    (30_440, "`$1` in an internal location, after a rewrite without groups"),
];

/// How many contradictions of each kind are shown whole.
const SHOWN: usize = 2;

/// How many handshakes are traced for one configuration without being sent.
const OTHERS: usize = 400;

/// The contradictions found so far, by kind, each with its configuration.
type Found = Mutex<BTreeMap<&'static str, Vec<(String, String)>>>;

#[test]
fn check_and_routes_agree_with_nginx() {
    require_nginx!();
    let found = Found::default();
    for_each_seed(("WSLINT_ORACLE_SEED", SEED), ("WSLINT_ORACLE_CASES", CASES), |seed| {
        try_case(
            seed,
            &generator::case(&mut Random::new(seed)),
            Scope::NeitherTraceNorCache,
            &found,
        );
    });
    assert_none(found);
}

#[test]
fn check_and_routes_agree_with_nginx_on_small_configurations() {
    require_nginx!();
    let found = Found::default();
    let (seed, cases) = (SMALL_SEED, SMALL_CASES);
    for_each_seed(("WSLINT_ORACLE_SEED", seed), ("WSLINT_ORACLE_CASES", cases), |seed| {
        try_case(seed, &generator::small_case(&mut Random::new(seed)), Scope::Everything, &found);
    });
    assert_none(found);
}

/// Starts nginx on a configuration, and compares.
fn try_case(seed: u64, case: &Case, scope: Scope, found: &Found) {
    if NOT_YET.iter().any(|&(left, _)| left == seed)
        && std::env::var_os("WSLINT_ORACLE_SEED").is_none()
    {
        return;
    }
    let nginx = match Running::start(&case.folder) {
        Ok(running) => running,
        Err(check) => {
            let text =
                (format!("seed {seed}: {check:?}"), case.folder.files[&case.folder.main].clone());
            found.lock().expect("no panic").entry("nginx rejects it").or_default().push(text);
            return;
        }
    };
    let mut routes = case.routes.clone();
    if case.folder.files.values().any(|text| text.contains("proxy_cache ")) {
        // Again, after a regular request for the same URL.
        routes.extend(case.routes.iter().map(|route| Route { primed: true, ..route.clone() }));
    }
    let others = others(&case.routes);
    let all = said::about(&nginx.main_file(), |said| {
        contradictions::find(&nginx, said, (&routes, &others), scope)
    });
    for Contradiction { kind, text } in all {
        let mut whole = String::new();
        for (path, file) in &nginx.folder.files {
            let _ = writeln!(whole, "# {path}\n{file}");
        }
        let text = (format!("seed {seed}: {text}"), whole);
        found.lock().expect("no panic").entry(kind).or_default().push(text);
    }
}

/// Handshakes like those that are sent: each with the targets of all others.
fn others(routes: &[Route]) -> Vec<Route> {
    let mut all = Vec::new();
    for route in routes {
        for other in routes.iter().filter(|other| other.other_port == route.other_port) {
            if all.len() < OTHERS {
                all.push(Route { target: other.target.clone(), ..route.clone() });
            }
        }
    }
    all
}

/// Prints what was found, and fails if that is anything.
fn assert_none(found: Found) {
    let found = found.into_inner().expect("no thread panicked");
    for (kind, all) in &found {
        println!("{} × {kind}", all.len());
        for (text, _) in all {
            println!("    {text}");
        }
        for (text, whole) in all.iter().take(SHOWN) {
            println!("{kind}: {text}\n{whole}");
        }
    }
    let counts: Vec<String> =
        found.iter().map(|(kind, all)| format!("{} × {kind}", all.len())).collect();
    assert!(found.is_empty(), "{}", counts.join(", "));
}
