//! What `--fix` promises, against a real nginx, on configurations that a seed makes.
//!
//! nginx is started on each before and after its fixes, the safe ones and all of them, between a
//! strict backend and a client: whatever worked works still, and there is nothing left to be fixed.
//!
//! `WSLINT_FIXES_SEED` makes other configurations, `WSLINT_FIXES_CASES` another number of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use wslint_grammar::Applicability;
use wslint_model::assumptions::Assumptions;
use wslint_model::load::{LoadOptions, load};
use wslint_model::resolve::Configuration;
use wslint_rules::check::{Wanted, check_for};
use wslint_rules::finding::{Finding, Severity};
use wslint_rules::fix::{Fixed, Frozen, Subject, Writable, fix};
use wslint_rules::rules;
use wslint_test_support::random::Random;
use wslint_test_support::{Folder, require_nginx};

use crate::generator::{self, Case, Route};
use crate::observe::Running;
use crate::seeds::for_each_seed;

const SEED: u64 = 70_251;
/// More would take longer than all other tests together: `.ci/run` takes 500, and so does one who
/// changes fixes.
const CASES: usize = 100;

/// How many failures are shown whole.
const SHOWN: usize = 3;

/// How often a handshake that worked before is tried before it is said to fail: machines are busy.
const ATTEMPTS: usize = 6;

/// How often a handshake must work before that is expected of it: some depend on chance.
const PROOFS: usize = 3;

/// How often it must work before a fix is said to have broken it.
const MANY_PROOFS: usize = 30;

/// What stands for the ports while the texts are fixed, and occurs nowhere else in them.
const PORTS: [(&str, &str); 3] =
    [("@LISTEN@", "18181"), ("@OTHER@", "18282"), ("@BACKEND@", "19393")];

/// What came of all configurations.
#[derive(Debug, Default)]
struct Tally {
    counts: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Tally {
    fn count(&mut self, what: &str, number: usize) {
        *self.counts.entry(what.to_owned()).or_default() += number;
    }
}

#[test]
fn what_worked_works_still() {
    require_nginx!();
    let result = Mutex::new(Tally::default());
    for_each_seed(("WSLINT_FIXES_SEED", SEED), ("WSLINT_FIXES_CASES", CASES), |seed| {
        let tally = try_case(seed);
        let mut result = result.lock().expect("no panic");
        for (what, number) in tally.counts {
            result.count(&what, number);
        }
        result.failures.extend(tally.failures);
    });
    let result = result.into_inner().expect("no thread panicked");
    for (what, number) in &result.counts {
        println!("{number:>7} {what}");
    }
    for failure in &result.failures {
        println!("{}", failure.lines().next().unwrap_or_default());
    }
    for failure in result.failures.iter().take(SHOWN) {
        println!("{failure}");
    }
    assert!(result.failures.is_empty(), "{} failures", result.failures.len());
}

/// The texts of a case as they are after their fixes, and what was fixed.
struct Mended {
    folder: Folder,
    /// The rules, one for each finding.
    rules: Vec<&'static str>,
    /// What went wrong.
    trouble: Option<String>,
}

fn try_case(seed: u64) -> Tally {
    let case = generator::case(&mut Random::new(seed));
    let mut tally = Tally::default();
    let mut before = None;
    let mut last: Option<Folder> = None;
    for (kind, up_to) in [("safe", Applicability::Safe), ("all", Applicability::Unsafe)] {
        let mended = mend(&case, up_to);
        tally.count("configurations", usize::from(up_to == Applicability::Safe));
        if let Some(trouble) = mended.trouble {
            let mut text = format!("seed {seed}: {kind} fixes: {trouble}\n");
            for (path, before) in &case.folder.files {
                let _ = writeln!(text, "# {path} before\n{before}");
            }
            tally.failures.push(text);
        }
        if mended.rules.is_empty() {
            continue;
        }
        tally.count(&format!("{kind}: configurations that were changed"), 1);
        for rule in &mended.rules {
            tally.count(&format!("{kind}: fixes of {rule}"), 1);
        }
        if last.replace(mended.folder.clone()).as_ref() == Some(&mended.folder) {
            tally.count("configurations that all fixes change as the safe ones do", 1);
            continue;
        }
        let before = before.get_or_insert_with(|| switches(&case, seed));
        let after = Case { folder: mended.folder, routes: case.routes.clone() };
        let running = match Running::start(&after.folder) {
            Ok(running) => running,
            Err(check) => {
                let text = format!("seed {seed}: nginx does not take the {kind} fixes: {check:?}");
                tally.failures.push(with_texts(text, &case, &after));
                continue;
            }
        };
        for (route, worked) in case.routes.iter().zip(before) {
            let mut works = running.send(route).switched;
            for _ in 1..ATTEMPTS {
                if !works && *worked {
                    std::thread::sleep(std::time::Duration::from_millis(50));
                    works = running.send(route).switched;
                }
            }
            match (*worked, works) {
                (true, true) => tally.count(&format!("{kind}: handshakes that work still"), 1),
                (false, false) => tally.count(&format!("{kind}: handshakes that fail still"), 1),
                (false, true) => tally.count(&format!("{kind}: handshakes that were mended"), 1),
                // With a `mirror` that gets the handshake too, whichever answer comes first counts.
                (true, false) if !works_always(&case, route) => {
                    tally.count(&format!("{kind}: handshakes that depend on chance"), 1);
                }
                (true, false) => {
                    let text = format!("seed {seed}: {kind} fixes break {}", shown(route));
                    tally.failures.push(with_texts(text, &case, &after));
                }
            }
        }
    }
    tally
}

/// Whether each handshake of a case switches.
fn switches(case: &Case, seed: u64) -> Vec<bool> {
    match Running::start(&case.folder) {
        Ok(running) => {
            let works = |route| (0..PROOFS).all(|_| running.send(route).switched);
            case.routes.iter().map(works).collect()
        }
        Err(check) => panic!("seed {seed}: nginx does not take it: {check:?}"),
    }
}

/// Whether a handshake with a case works again and again.
fn works_always(case: &Case, route: &Route) -> bool {
    Running::start(&case.folder)
        .is_ok_and(|running| (0..MANY_PROOFS).all(|_| running.send(route).switched))
}

fn shown(route: &Route) -> String {
    format!("ws://{}{} ({:?})", route.host, route.target, route.browser)
}

fn with_texts(mut text: String, before: &Case, after: &Case) -> String {
    text.push('\n');
    for (path, old) in &before.folder.files {
        let new = &after.folder.files[path];
        if old != new {
            let _ = writeln!(text, "# {path} before\n{old}\n# {path} after\n{new}");
        }
    }
    text
}

/// Fixes a case, in a folder of its own. Nothing is written: the new texts are taken as they come.
fn mend(case: &Case, up_to: Applicability) -> Mended {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().canonicalize().expect("a folder");
    let prefix = path.display().to_string();
    let conf = path.join("conf");
    let to_numbers = |text: &str| {
        let text = text.replace("@PREFIX@", &prefix);
        PORTS.iter().fold(text, |text, (name, port)| text.replace(name, port))
    };
    let to_names = |text: &str| {
        let text = text.replace(&prefix, "@PREFIX@");
        PORTS.iter().fold(text, |text, (name, port)| text.replace(port, name))
    };
    case.folder.map(to_numbers).write(&conf).expect("a writable folder");
    let loaded = load(&conf.join(&case.folder.main), &LoadOptions::default()).expect("a file");
    let configuration = Configuration::resolve(loaded);
    let fixed = apply(&configuration, up_to);
    let mut after = case.folder.clone();
    for file in &fixed.files {
        let path = file.path.as_deref().expect("a file of the disk");
        let name = relative(path, &conf);
        let text = String::from_utf8(file.after.to_vec()).expect("a text");
        fs::write(path, &text).expect("a writable file");
        after.files.insert(name, to_names(&text));
    }
    let mut trouble = fixed.taken_back.first().map(|bad| format!("taken back: {bad:?}"));
    if !fixed.files.is_empty() {
        // As a second run of the program would find them.
        let main = conf.join(&case.folder.main);
        let again = Configuration::resolve(load(&main, &LoadOptions::default()).expect("a file"));
        let again = apply(&again, up_to);
        if let Some(file) = again.files.first() {
            let text = String::from_utf8_lossy(&file.after).into_owned();
            trouble = Some(format!("a second run changes {}\n{text}", file.name));
        }
    }
    let applied = fixed.applied(&configuration).map(|(_, _, finding)| finding.rule.name);
    Mended { folder: after, rules: applied.collect(), trouble }
}

fn relative(path: &Path, folder: &Path) -> String {
    let folder = folder.canonicalize().expect("a folder");
    let path = path.canonicalize().expect("a file");
    path.strip_prefix(folder).expect("it is in there").to_string_lossy().into_owned()
}

/// What `wslint --fix` does without further options.
fn apply(configuration: &Configuration, up_to: Applicability) -> Fixed {
    let assumptions = Assumptions::default();
    let find = |configuration: &Configuration| -> Vec<Finding> {
        let mut findings =
            check_for(configuration, rules::ALL, &Assumptions::default(), Wanted::FIXES);
        findings.retain(|finding| finding.severity >= Severity::Warning);
        findings
    };
    let subject = Subject {
        configuration,
        load: &LoadOptions::default(),
        assumptions: &assumptions,
        found: None,
        find: &find,
        writable: Writable::All,
        up_to,
    };
    fix(subject, &Frozen::new())
}
