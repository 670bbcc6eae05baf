//! What `docs/fixes.md` shows is what `wslint --diff` prints.
//!
//! `WSLINT_UPDATE_PAGE=1 cargo test --test rules fixes_page` writes what it prints now into the page.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use serde::Deserialize;
use wslint_test_support::files::{entries, name};

/// The heading of the part that is made here, and the sentence under it.
const HEAD: &str = "## Rules with fixes\n";

#[derive(Deserialize)]
struct Rule {
    rule: String,
    category: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn wslint(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wslint"));
    command.args(arguments).current_dir(root()).env("LC_ALL", "C.UTF-8");
    command.output().expect("wslint runs")
}

/// The main files of the bad fixtures of a rule, those with short names first.
fn fixtures(rule: &str) -> Vec<String> {
    let folder = format!("fixtures/{rule}");
    let mut names: Vec<String> = entries(&root().join(&folder))
        .iter()
        .map(|path| name(path))
        .filter(|name| name.starts_with("bad"))
        .map(|name| match root().join(&folder).join(&name).is_dir() {
            true => format!("{name}/nginx.conf"),
            false => name,
        })
        .collect();
    names.sort_by_key(|name| (name.len(), name.clone()));
    names.into_iter().map(|name| format!("{folder}/{name}")).collect()
}

/// How a file would change for one rule; `None` when it would not.
fn diff(rule: &str, path: &str, options: &[&str]) -> Option<String> {
    let arguments = ["--diff", "--no-config", "--select", rule, "--severity", "info", path];
    let output = wslint(&[&arguments[..], options].concat());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{path}");
    let text = String::from_utf8(output.stdout).expect("the fixtures are text");
    (!text.is_empty()).then_some(text)
}

/// For each rule the first of its fixtures that has a safe fix, and the first that has another one.
fn examples() -> String {
    let output = wslint(&["rules", "--format", "json"]);
    let rules: Vec<Rule> = serde_json::from_slice(&output.stdout).expect("a list of rules");
    let mut text = String::new();
    for Rule { rule, category } in rules {
        let mut blocks = String::new();
        let mut has = [false; 2];
        for path in fixtures(&rule) {
            let safe = diff(&rule, &path, &[]);
            let all = diff(&rule, &path, &["--unsafe-fixes"]);
            let kind = usize::from(safe.is_none());
            let Some(diff) = safe.or(all) else { continue };
            if !std::mem::replace(&mut has[kind], true) {
                let kind = ["Safe", "Unsafe"][kind];
                let _ = write!(blocks, "\n{kind}:\n```diff\n{diff}```\n");
            }
        }
        if !blocks.is_empty() {
            let page = format!("../rules/src/rules/{category}/{}.md", rule.replace('-', "_"));
            let _ = write!(text, "\n### [{rule}]({page})\n{blocks}");
        }
    }
    text
}

fn page_file() -> PathBuf {
    root().join("docs/fixes.md")
}

#[test]
fn the_page_shows_what_the_program_does() {
    let page = fs::read_to_string(page_file()).expect("the page");
    let start = page.find(HEAD).expect("the part with the rules") + HEAD.len();
    let shown = page[start..].find("\n### ").map_or("", |at| &page[start + at..]);
    let printed = examples();
    assert!(printed.contains("\n### "), "no rule has a fix");
    if env::var_os("WSLINT_UPDATE_PAGE").is_some() && shown != printed {
        let text = [&page[..page.len() - shown.len()], &printed].concat();
        fs::write(page_file(), text).expect("a writable page");
        return;
    }
    assert_eq!(shown, printed, "WSLINT_UPDATE_PAGE=1 writes what is printed now into the page");
}
