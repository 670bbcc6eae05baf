//! Every rule from outside: its page, its fixtures, and whether the installed nginx agrees.
//!
//! `fixtures/RULE/` holds configurations with the mistake (`bad*`) and without it (`good*`). A
//! fixture is one file, or a folder with an `nginx.conf`. Each `bad-X` has a twin `good-X` that
//! differs by the correction; the other good ones are what the rule must not take for a mistake.
//! In all of them a handshake comes in at [`URI`].

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

use serde::Deserialize;
use wslint_test_support::files::{entries, name};
use wslint_test_support::{
    Browser, Check, Folder, Handshake, Nginx, Site, Version, check, check_verbatim, require_nginx,
};

/// Where the handshake goes.
const URI: &str = "/ws/room";

/// The parts of a page, in order.
const PARTS: [&str; 8] = [
    "## What it means",
    "## Why it matters",
    "## Example",
    "## Correction",
    "## What wslint looks at",
    "## When it is silent",
    "## Fix",
    "## Sources",
];

/// Folders of fixtures that belong to no rule.
const SHARED_FIXTURES: [&str; 2] = ["correct", "guides"];

/// A rule as `wslint rules --format json` lists it.
#[derive(Debug, Deserialize)]
struct Rule {
    #[serde(rename = "rule")]
    name: String,
    category: String,
    severity: String,
    summary: String,
}

/// What of the JSON report is looked at here.
#[derive(Debug, Deserialize)]
struct Report {
    diagnostics: Vec<Diagnostic>,
}

#[derive(Debug, Deserialize)]
struct Diagnostic {
    rule: String,
    severity: String,
    effect: String,
    message: String,
    span: Span,
}

#[derive(Debug, Deserialize)]
struct Span {
    start: Position,
}

#[derive(Debug, Deserialize)]
struct Position {
    line: u32,
}

impl Report {
    /// What is shown without `--severity`, and what one rule found, however little it weighs: advice
    /// of other rules may be right for any configuration.
    fn about(mut self, rule: &str) -> Self {
        self.diagnostics.retain(|found| found.severity != "info" || found.rule == rule);
        self
    }

    /// The rules that found something, with the line.
    fn found(&self) -> Vec<String> {
        let lines = self.diagnostics.iter();
        lines.map(|found| format!("{}:{}", found.span.start.line, found.rule)).collect()
    }
}

/// One fixture of a rule.
#[derive(Clone, Debug)]
struct Fixture {
    rule: String,
    /// `bad`, `good-any-case` and the like.
    name: String,
    /// The file to check, as it is called on the command line.
    main: String,
    is_folder: bool,
}

impl Fixture {
    /// How tests call it: `RULE/NAME`.
    fn id(&self) -> String {
        format!("{}/{}", self.rule, self.name)
    }

    fn is_bad(&self) -> bool {
        self.name.starts_with("bad")
    }

    /// The name of the fixture that has the same mistake corrected.
    fn twin(&self) -> String {
        self.name.replacen("bad", "good", 1)
    }

    /// The files that nginx needs. Fixtures that are one file lie beside others.
    fn folder(&self) -> Folder {
        let path = root().join(&self.main);
        if self.is_folder {
            Folder::read(&path).expect("a readable folder")
        } else {
            Folder::new(&fs::read_to_string(&path).expect("a readable file"))
        }
    }

    /// What wslint says about it, without the advice of other rules.
    fn report(&self, options: &[&str]) -> Report {
        report(&[&["--severity", "info", &self.main], options].concat()).about(&self.rule)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs wslint as in a log: no colour, 80 columns, whatever is set around the tests.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wslint"));
    command.args(arguments).current_dir(root()).env("COLUMNS", "80").env("LC_ALL", "C.UTF-8");
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "TERM"] {
        command.env_remove(name);
    }
    command
}

fn wslint(arguments: &[&str]) -> Output {
    command(arguments).output().expect("wslint runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn report(arguments: &[&str]) -> Report {
    let output = wslint(&[&["--format", "json"], arguments].concat());
    parse_report(&output)
}

fn parse_report(output: &Output) -> Report {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// What wslint says about a text on standard input.
fn report_of_text(text: &str) -> Report {
    let mut child = command(&["--format", "json", "--severity", "info", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("wslint runs");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("wslint reads");
    parse_report(&child.wait_with_output().expect("wslint ends"))
}

fn rules() -> Vec<Rule> {
    let output = wslint(&["rules", "--format", "json"]);
    serde_json::from_slice(&output.stdout).expect("a list of rules")
}

/// The fixtures of all rules, sorted.
fn fixtures() -> Vec<Fixture> {
    let mut fixtures: Vec<Fixture> =
        rules().into_iter().flat_map(|rule| fixtures_of(&rule.name)).collect();
    fixtures.sort_by_key(Fixture::id);
    fixtures
}

/// The fixtures of a rule; none when it has no folder, which one test reports for all.
fn fixtures_of(rule: &str) -> Vec<Fixture> {
    let folder = format!("fixtures/{rule}");
    let mut fixtures = Vec::new();
    if !root().join(&folder).is_dir() {
        return fixtures;
    }
    for name in file_names(&root().join(&folder)) {
        let is_folder = root().join(&folder).join(&name).is_dir();
        let (stem, main) = match name.strip_suffix(".conf") {
            Some(stem) => (stem.to_owned(), format!("{folder}/{name}")),
            None => (name.clone(), format!("{folder}/{name}/nginx.conf")),
        };
        let is_known = stem.starts_with("bad") || stem.starts_with("good");
        assert!(is_known && root().join(&main).is_file(), "{folder}/{name} is no fixture");
        fixtures.push(Fixture { rule: rule.to_owned(), name: stem, main, is_folder });
    }
    fixtures
}

fn file_names(folder: &Path) -> BTreeSet<String> {
    entries(folder).iter().map(|path| name(path)).collect()
}

/// Calls `test` for every fixture, several at a time: most of them wait for nginx. Panics with all
/// that went wrong, not only the first.
fn for_each(fixtures: &[Fixture], test: impl Fn(&Fixture) -> Result<(), String> + Sync) {
    const AT_ONCE: usize = 4;
    let failures: Vec<String> = std::thread::scope(|scope| {
        let test = &test;
        let run = |first| {
            scope.spawn(move || {
                let mine = fixtures.iter().skip(first).step_by(AT_ONCE);
                mine.filter_map(|fixture| {
                    test(fixture).err().map(|error| format!("{}: {error}", fixture.id()))
                })
                .collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (0..AT_ONCE).map(run).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a test thread")).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn ensure(condition: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(message()) }
}

mod pages {
    use super::{
        PARTS, PathBuf, Rule, env, file_names, fs, report_of_text, root, rules, stdout, wslint,
    };

    /// Rules whose mistake takes several files, so that no text alone shows it.
    const SEVERAL_FILES: [&str; 2] = ["include-cycle", "include-missing"];

    /// The directory of each category's rules.
    const RULES: &str = "rules/src/rules";

    fn file_of(rule: &str) -> String {
        format!("{}.md", rule.replace('-', "_"))
    }

    fn path(rule: &str) -> PathBuf {
        let mut categories = file_names(&root().join(RULES)).into_iter();
        let page = |category| root().join(RULES).join(category).join(file_of(rule));
        categories
            .find_map(|category| Some(page(category)).filter(|page| page.is_file()))
            .expect(rule)
    }

    fn page(rule: &str) -> String {
        fs::read_to_string(path(rule)).unwrap_or_else(|error| panic!("{rule}: {error}"))
    }

    /// The text between a heading and the next one.
    fn part<'p>(page: &'p str, heading: &str) -> &'p str {
        let start = page.find(heading).expect("every page has all parts") + heading.len();
        let length = page[start..].find("\n## ").unwrap_or(page.len() - start);
        &page[start..start + length]
    }

    /// The first fenced block of a part.
    fn code(part: &str) -> &str {
        let (_, rest) = part.split_once("```nginx\n").expect("a block of code");
        rest.split_once("```").expect("the end of the block").0
    }

    #[test]
    fn every_page_has_the_same_parts_in_the_same_order() {
        for Rule { name, .. } in rules() {
            let page = page(&name);
            let headings: Vec<&str> = page.lines().filter(|line| line.starts_with("## ")).collect();
            assert_eq!(headings, PARTS, "{name}");
            for heading in PARTS {
                assert!(!part(&page, heading).trim().is_empty(), "{name}: {heading} is empty");
            }
        }
    }

    #[test]
    fn every_page_can_be_read_on_a_terminal() {
        for Rule { name, .. } in rules() {
            for (number, line) in (1..).zip(page(&name).lines()) {
                assert!(line.chars().count() <= 100, "{name}:{number} is too long");
                // These quotes, and this blank, are what a rule is about.
                let line = line.replace(['\u{201c}', '\u{201d}', '\u{a0}'], "\"");
                assert!(line.is_ascii(), "{name}:{number}: not every terminal has more than ASCII");
                assert_eq!(line.trim_end(), line, "{name}:{number} ends in blanks");
            }
        }
    }

    #[test]
    fn every_example_has_the_mistake_and_every_correction_has_none() {
        for Rule { name, .. } in rules() {
            if SEVERAL_FILES.contains(&name.as_str()) {
                continue;
            }
            let page = page(&name);
            let example = report_of_text(code(part(&page, "## Example"))).about(&name);
            let found: Vec<&str> =
                example.diagnostics.iter().map(|found| found.rule.as_str()).collect();
            assert_eq!(found, [name.as_str()], "{name}: the example");
            let correction = report_of_text(code(part(&page, "## Correction"))).about(&name);
            assert!(correction.found().is_empty(), "{name}: {:?}", correction.found());
        }
    }

    #[test]
    fn the_index_lists_every_rule_under_its_category() {
        let file = root().join("docs/rules/README.md");
        let index = fs::read_to_string(&file).expect("an index");
        let mut current = String::new();
        let mut category = "";
        for line in index.lines().filter(|line| !line.starts_with("| [")) {
            current.extend([line, "\n"]);
            category = line.strip_prefix("## ").unwrap_or(category);
            if line.starts_with("|---") {
                for rule in rules().iter().filter(|rule| rule.category == category) {
                    let Rule { name, severity, summary, .. } = rule;
                    let page = format!("../../{RULES}/{category}/{}", file_of(name));
                    let row = format!("| [{name}]({page}) | {severity} | {summary} |\n");
                    current.push_str(&row);
                }
            }
        }
        let listed = current.lines().filter(|line| line.starts_with("| [")).count();
        assert_eq!(listed, rules().len(), "a category has no heading");
        if env::var_os("WSLINT_UPDATE_PAGE").is_some() {
            fs::write(&file, &current).expect("a writable page");
        } else {
            assert!(index == current, "WSLINT_UPDATE_PAGE=1 writes the current index");
        }
    }

    #[test]
    fn every_link_to_a_file_leads_to_one() {
        for name in ["README.md", "CONTRIBUTING.md", "docs/usage.md", "docs/fixes.md"] {
            let file = root().join(name);
            let text = fs::read_to_string(&file).expect("a page");
            for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
                let target = file.with_file_name(link);
                assert!(link.contains("://") || target.exists(), "{name}: {link}");
            }
        }
    }

    #[test]
    fn explain_prints_the_page_as_it_is() {
        for Rule { name, .. } in rules() {
            let output = wslint(&["explain", &name]);
            assert!(output.status.success(), "{name}");
            assert_eq!(stdout(&output), page(&name), "{name}");
        }
    }

    #[test]
    fn explain_helps_with_a_misspelt_name() {
        let output = wslint(&["explain", "upsteam-empty"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains("did you mean `upstream-empty`?"), "{complaint}");
    }
}

mod findings {
    use super::{
        BTreeSet, SHARED_FIXTURES, ensure, file_names, fixtures, fixtures_of, for_each, report,
        root, rules, stdout, wslint,
    };

    #[test]
    fn every_rule_has_fixtures_and_every_bad_one_a_good_twin() {
        for rule in rules() {
            let fixtures = fixtures_of(&rule.name);
            let names: BTreeSet<&str> =
                fixtures.iter().map(|fixture| fixture.name.as_str()).collect();
            let bad = fixtures.iter().filter(|fixture| fixture.is_bad());
            assert!(bad.clone().count() > 0, "{} has no bad fixture", rule.name);
            for fixture in bad {
                assert!(names.contains(fixture.twin().as_str()), "{}: no twin", fixture.id());
            }
        }
    }

    #[test]
    fn there_is_no_fixture_without_a_rule() {
        let mut known: BTreeSet<String> = rules().into_iter().map(|rule| rule.name).collect();
        known.extend(SHARED_FIXTURES.map(str::to_owned));
        let folders = file_names(&root().join("fixtures"));
        let unknown: Vec<&String> = folders.difference(&known).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn a_bad_fixture_has_one_finding_and_a_good_one_none() {
        let advice: BTreeSet<String> = rules()
            .into_iter()
            .filter(|rule| rule.severity == "info")
            .map(|rule| rule.name)
            .collect();
        for_each(&fixtures(), |fixture| {
            if fixture.is_bad() {
                let report = fixture.report(&[]);
                let rules: Vec<&str> = report.diagnostics.iter().map(|it| &*it.rule).collect();
                return ensure(rules == [fixture.rule.as_str()], || {
                    format!("{:?}", report.found())
                });
            }
            // What a weighty rule says to a lesser case is advice, and may stand in a good one.
            let report = if advice.contains(&fixture.rule) {
                fixture.report(&[])
            } else {
                report(&[&fixture.main])
            };
            ensure(report.diagnostics.is_empty(), || format!("{:?}", report.found()))
        });
    }

    /// A review of each is a review of what wslint tells people.
    #[test]
    fn reports() {
        for fixture in fixtures().into_iter().filter(super::Fixture::is_bad) {
            // What other rules advise is no matter of this one's.
            let is_advice = fixture.report(&[]).diagnostics.iter().all(|it| it.severity == "info");
            let advice = ["--severity", "info", "--select", &fixture.rule];
            let shown: &[&str] = if is_advice { &advice } else { &[] };
            let output = wslint(&[&["--color", "never", &fixture.main], shown].concat());
            let name = format!("rules__{}__{}", fixture.rule, fixture.name);
            let mut settings = insta::Settings::clone_current();
            settings.set_omit_expression(true);
            settings.set_prepend_module_to_snapshot(false);
            settings.bind(|| insta::assert_snapshot!(name, without_hidden(&stdout(&output))));
        }
    }

    /// A report without its line about the advice that is not shown.
    fn without_hidden(report: &str) -> String {
        let lines = report.lines().filter(|line| {
            !line.ends_with("; --severity info shows it.")
                && !line.ends_with("; --severity info shows them.")
        });
        lines.flat_map(|line| [line, "\n"]).collect()
    }

    #[test]
    fn a_correct_configuration_is_left_alone_whatever_the_version() {
        for version in [None, Some("1.22.1"), Some("1.31.5")] {
            let mut arguments = vec!["--severity", "info", "fixtures/correct/nginx.conf"];
            arguments.extend(version.into_iter().flat_map(|version| ["--nginx-version", version]));
            let output = wslint(&arguments);
            assert_eq!(stdout(&output), "No problems in 2 files.\n", "{version:?}");
            assert_eq!(output.status.code(), Some(0), "{version:?}");
            assert!(output.stderr.is_empty(), "{version:?}");
        }
    }

    /// What people copy from guides on the web, right and wrong.
    #[test]
    fn configurations_after_guides() {
        let expected: [(&str, &[&str]); 11] = [
            ("correct-directives", &[]),
            ("correct-location", &[]),
            ("correct-map", &[]),
            ("correct-site", &[]),
            (
                "everything-at-once",
                &[
                    "3:upstream-missing-server-keyword",
                    "4:upstream-missing-server-keyword",
                    "10:map-syntax",
                    "16:upstream-undeclared",
                ],
            ),
            ("folklore", &[]),
            ("location-for-everything", &["5:connection-upgrade-hardcoded"]),
            ("map-with-lost-word", &["8:map-syntax"]),
            ("nginx-proxy", &[]),
            ("upstream-by-another-name", &["16:upstream-undeclared"]),
            (
                "upstream-without-server",
                &["6:upstream-missing-server-keyword", "7:upstream-missing-server-keyword"],
            ),
        ];
        let files = file_names(&root().join("fixtures/guides"));
        let listed = expected.iter().map(|(name, _)| format!("{name}.conf")).collect();
        assert_eq!(files, listed);
        for (name, found) in expected {
            let path = format!("fixtures/guides/{name}.conf");
            assert_eq!(report(&[&path]).found(), found, "{name}");
        }
    }
}

/// Whether wslint says what the installed nginx does.
mod truth {
    use super::{
        Browser, Check, Diagnostic, Fixture, Folder, Handshake, Nginx, Site, URI, Version, check,
        check_verbatim, ensure, fixtures, for_each, require_nginx, wslint,
    };

    /// Bad fixtures that nginx is not asked about.
    const NOT_ASKED: &[(&str, &str)] = &[
        (
            "include-cycle/bad",
            "nginx opens files until it may open no more or its stack is full, which takes seconds",
        ),
        ("resolve-needs-zone/bad", "needs a new nginx"),
        ("resolve-needs-zone/bad-resolver", "needs a new nginx"),
        ("server-incomplete/bad-handler", "nginx 1.27.1 takes it, and no handshake shows that"),
        ("backend-scheme-mismatch/bad-tls", "the backend here takes the place of that port"),
        ("upgrade-leaks-into-mirror/bad", "a message may come back before the connection ends"),
        ("upgrade-leaks-into-mirror/bad-own", "a message may come back before the connection ends"),
        ("upgrade-leaks-into-mirror/bad-server", "a message may come back before it ends"),
    ];

    /// Rules, and fixtures, about what fixtures lose, or get another name of, to be run here.
    const AS_IT_IS: &[&str] = &[
        "listen-duplicate",
        "log-format-undeclared",
        "ssl-certificate-missing",
        "upstream-bad-port/bad-none",
        "upstream-undeclared",
        "upstream-name-malformed",
    ];

    /// Fixtures that nginx refuses with other words than wslint, which points at the mistake and
    /// not at where nginx stumbles over it.
    const OTHER_WORDS: &[(&str, &str)] = &[
        ("include-missing/bad", "snippets/websocket.conf\" failed (2: No such file or directory)"),
        ("include-missing/bad-folder", "snippets/limits.conf\" failed (2: No such file"),
        ("missing-semicolon/bad", "invalid number of arguments in \"proxy_set_header\" directive"),
        ("missing-semicolon/bad-before-block", "invalid parameter \"server_name\""),
        ("missing-semicolon/bad-last", "unexpected \"}\""),
        ("missing-semicolon/bad-map", "invalid number of the map parameters"),
        ("missing-semicolon/bad-upstream", "invalid parameter \"server\""),
        ("syntax-error/bad-glued", "unexpected \"d\""),
        ("syntax-error/bad-split-word", "invalid URL prefix"),
        ("syntax-error/bad-quote", "unexpected end of file, expecting \";\" or \"}\""),
        ("template-leftover/bad", "directive \"listen\" is not terminated by \";\""),
        ("unbalanced-braces/bad-double", "\"location\" directive is not allowed here"),
        ("unbalanced-braces/bad-map", "unexpected \"{\""),
        ("upstream-bad-port/bad-proxy-pass", "invalid port in upstream \"127.0.0.1:99999/ws/\""),
    ];

    /// Good fixtures whose handshake ends elsewhere, or that cannot run here.
    const NO_WEBSOCKET: &[(&str, &str)] = &[
        ("backend-scheme-mismatch/good-tls-inside", "the backend here does not speak TLS"),
        ("connection-not-forwarded/good-folder-elsewhere", "the include is on another machine"),
        ("connection-not-forwarded/good-unopened-include", "the include is on another machine"),
        ("connection-value-not-upgrade/good-keepalive-idiom", "proxies pages"),
        ("directive-arity/good-raw", "needs a module that is not part of nginx"),
        ("handler-cannot-upgrade/good-uwsgi", "the backend here does not speak uwsgi"),
        ("handshake-incomplete/good-folder-elsewhere", "the include is on another machine"),
        ("handshake-incomplete/good-http-version-alone", "proxies pages"),
        ("handshake-incomplete/good-ntlm", "proxies pages"),
        ("handshake-incomplete/good-one-sign", "proxies pages and events"),
        ("handshake-incomplete/good-path-word", "says that it proxies no WebSockets"),
        ("handshake-incomplete/good-server-sent-events", "proxies events"),
        ("https-to-default-port-80/good", "the backend here does not speak TLS"),
        ("https-to-default-port-80/good-some", "the backend here does not speak TLS"),
        ("include-missing/good-elsewhere", "the include is on another machine"),
        ("invalid-value/good-placeholders", "is a template, which nginx does not start on"),
        ("invalid-value/good-version", "needs a new nginx"),
        ("map-missing-default/good-folder-elsewhere", "the include is on another machine"),
        ("map-missing-default/good-plain", "proxies pages"),
        ("map-undefined-variable/good-in-stream", "has no HTTP server to send the handshake to"),
        ("map-undefined-variable/good-perl", "this nginx may be built without Perl"),
        ("proxy-http-version-1-0/good-plain", "proxies pages"),
        ("proxy-http-version-2/good-pages", "nginx knows HTTP/2 to backends from 1.29.4 on"),
        ("proxy-ssl-name-is-group/good", "the backend here does not speak TLS"),
        ("proxy-ssl-name-is-group/good-default-written", "the backend here does not speak TLS"),
        ("proxy-ssl-name-is-group/good-domain", "the backend here does not speak TLS"),
        ("proxy-ssl-name-is-group/good-not-sent", "the backend here does not speak TLS"),
        ("proxy-ssl-name-is-group/good-verify", "the backend here does not speak TLS"),
        ("proxy-ssl-not-verified/good-group", "the backend here does not speak TLS"),
        ("proxy-ssl-server-name-off/good-group", "the backend here does not speak TLS"),
        ("resolve-needs-zone/good", "needs a new nginx"),
        ("resolve-needs-zone/good-resolver", "needs a new nginx"),
        ("server-incomplete/good", "has no HTTP server to send the handshake to"),
        ("server-incomplete/good-handler", "has no HTTP server to send the handshake to"),
        ("stream-proxy-timeout/good", "has no HTTP server to send the handshake to"),
        ("stream-proxy-timeout/good-comment", "has no HTTP server to send the handshake to"),
        (
            "stream-proxy-timeout/good-comment-of-another",
            "has no HTTP server to send the handshake to",
        ),
        ("stream-proxy-timeout/good-denied", "has no HTTP server to send the handshake to"),
        ("stream-proxy-timeout/good-inherited", "has no HTTP server to send the handshake to"),
        ("stream-proxy-timeout/good-said", "has no HTTP server to send the handshake to"),
        ("stream-proxy-timeout/good-short", "has no HTTP server to send the handshake to"),
        ("stream-proxy-timeout/good-unknown", "has no HTTP server to send the handshake to"),
        ("spa-fallback-swallows-ws/good-elsewhere", "its WebSockets are another server's"),
        ("spa-fallback-swallows-ws/good-no-policy", "proxies an API"),
        ("spa-fallback-swallows-ws/good-scheme-alone", "its WebSockets are another server's"),
        ("sticky-missing-for-polling/good-sticky", "needs a new nginx"),
        ("template-leftover/good-braces", "only the path with four digits carries WebSockets"),
        ("template-leftover/good-envsubst-bare", "its placeholders are not replaced"),
        ("template-leftover/good-envsubst", "its placeholders are not replaced"),
        ("timeout-value-invalid/good-placeholder", "its placeholders are not replaced"),
        ("timeout-value-invalid/good-stream", "has no HTTP server to send the handshake to"),
        ("unknown-directive/good-commercial", "needs NGINX Plus"),
        ("unknown-directive/good-loaded-module", "needs a module that there is not"),
        ("unknown-directive/good-third-party", "needs modules that are not part of nginx"),
        ("unknown-directive/good-version", "needs several versions of nginx at once"),
        ("upgrade-not-forwarded/good-stream", "has no HTTP server to send the handshake to"),
        ("upgrade-not-forwarded/good-unopened-include", "the include is on another machine"),
        ("upgrade-not-forwarded/good-uwsgi", "the backend here does not speak uwsgi"),
        ("upstream-bad-port/good-addresses", "some of its backends are sockets that are not there"),
        ("upstream-bad-port/good-variable", "no backend here has the port that it computes"),
        ("upstream-empty/good-plus", "needs NGINX Plus"),
        ("upstream-empty/good-folder-elsewhere", "the include is on another machine"),
        ("upstream-empty/good-unopened-include", "the include is on another machine"),
        ("variable-upstream-without-resolver/good-included", "asks a name server"),
        ("dns-resolved-once/good-resolve", "needs a new nginx"),
        ("dns-resolved-once/good-resolver", "there is no name server here"),
        ("worker-connections-too-low/good-pages", "proxies pages"),
        ("worker-shutdown-timeout/good-pages", "proxies pages"),
    ];

    fn reason<'t>(list: &'t [(&str, &'t str)], fixture: &Fixture) -> Option<&'t str> {
        list.iter().find(|(id, _)| *id == fixture.id()).map(|&(_, reason)| reason)
    }

    /// Whether a handshake from each browser becomes a WebSocket, a plain request having come
    /// first, so that a cache may hold its answer.
    fn switches(fixture: &Fixture) -> Result<[bool; 2], Check> {
        switches_in(&fixture.folder())
    }

    fn switches_in(folder: &Folder) -> Result<[bool; 2], Check> {
        let site = Site::start(folder)?;
        site.get("example.com", URI).ok();
        let switched =
            |browser| site.handshake(Handshake::new("example.com", URI, browser)).switched;
        Ok(Browser::ALL.map(switched))
    }

    #[test]
    fn exceptions_are_about_fixtures_that_exist() {
        let known: Vec<String> = fixtures().iter().map(Fixture::id).collect();
        let lists = [NOT_ASKED, OTHER_WORDS, NO_WEBSOCKET];
        for (id, _) in lists.concat() {
            assert!(known.iter().any(|known| known == id), "{id}");
        }
    }

    fn installed_version() -> String {
        let Version(major, minor, patch) = Nginx::version();
        format!("{major}.{minor}.{patch}")
    }

    #[test]
    fn a_handshake_passes_every_good_fixture() {
        require_nginx!();
        let good: Vec<Fixture> = fixtures()
            .into_iter()
            .filter(|fixture| !fixture.is_bad() && reason(NO_WEBSOCKET, fixture).is_none())
            .collect();
        for_each(&good, |fixture| match switches(fixture) {
            Ok([true, true]) => Ok(()),
            Ok(switched) => Err(format!("Chrome, Firefox: {switched:?}")),
            Err(check) => Err(check.message),
        });
    }

    /// What is copied around without need, and what a program writes.
    #[test]
    fn a_handshake_passes_what_is_copied_around() {
        require_nginx!();
        for name in ["folklore", "nginx-proxy"] {
            let path = super::root().join(format!("fixtures/guides/{name}.conf"));
            let text = std::fs::read_to_string(path).expect("a readable file");
            assert_eq!(switches_in(&Folder::new(&text)).ok(), Some([true, true]), "{name}");
        }
    }

    /// Where nothing is left to be said after all fixes, nginx must have nothing to say either.
    #[test]
    fn a_handshake_passes_every_bad_fixture_that_was_fixed() {
        require_nginx!();
        let known = fixtures();
        let is_asked = |fixture: &&Fixture| {
            let twin =
                known.iter().find(|it| it.id() == format!("{}/{}", fixture.rule, fixture.twin()));
            fixture.is_bad()
                && reason(NOT_ASKED, fixture).is_none()
                && twin.is_none_or(|twin| reason(NO_WEBSOCKET, twin).is_none())
        };
        let bad: Vec<Fixture> = known.iter().filter(is_asked).cloned().collect();
        let fixed = std::sync::atomic::AtomicUsize::new(0);
        for_each(&bad, |fixture| {
            let Some(folder) = mended(fixture) else { return Ok(()) };
            fixed.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            agrees(switches_in(&folder), [true, true])
        });
        println!("{fixed:?} fixtures were fixed");
    }

    /// The files of a fixture after all fixes, if there were some and nothing remains.
    fn mended(fixture: &Fixture) -> Option<Folder> {
        let folder = tempfile::tempdir().expect("a folder");
        let before = fixture.folder();
        before.write(folder.path()).expect("a writable folder");
        let main = folder.path().join(&before.main);
        let main = main.to_str().expect("a path that is text");
        let fixed = wslint(&["--fix", "--unsafe-fixes", main]);
        let said = String::from_utf8_lossy(&fixed.stderr);
        assert!(said.is_empty(), "{}: {said}", fixture.id());
        let after =
            Folder { files: Folder::read(main.as_ref()).expect("text").files, ..before.clone() };
        (fixed.status.success() && after != before).then_some(after)
    }

    #[test]
    fn nginx_has_the_trouble_that_every_bad_fixture_is_said_to_have() {
        require_nginx!();
        let bad: Vec<Fixture> = fixtures()
            .into_iter()
            .filter(|fixture| fixture.is_bad() && reason(NOT_ASKED, fixture).is_none())
            .collect();
        let version = installed_version();
        for_each(&bad, |fixture| {
            let report = fixture.report(&["--nginx-version", &version]);
            match report.diagnostics.as_slice() {
                // What this version does not mind.
                [] => agrees(switches(fixture), [true, true]),
                [found] => confirm(fixture, found),
                more => Err(format!("{} findings", more.len())),
            }
        });
    }

    fn confirm(fixture: &Fixture, found: &Diagnostic) -> Result<(), String> {
        match found.effect.as_str() {
            // Whether nginx starts with an undeclared upstream, the network's names decide.
            _ if AS_IT_IS.iter().any(|it| *it == found.rule || *it == fixture.id()) => {
                refuses(fixture, found, &check_verbatim(&fixture.folder()))
            }
            _ if found.rule == "include-missing" => {
                refuses(fixture, found, &check(&fixture.folder()))
            }
            "not-loaded" => refuses(fixture, found, &check(&fixture.folder())),
            "handshake-fails" => match switches(fixture) {
                Ok([true, true]) => Err("the handshake succeeds".to_owned()),
                Ok(_) => Ok(()),
                Err(check) => Err(check.message),
            },
            // Nothing that a single handshake shows.
            _ => Ok(()),
        }
    }

    fn agrees(switched: Result<[bool; 2], Check>, expected: [bool; 2]) -> Result<(), String> {
        match switched {
            Ok(switched) => ensure(switched == expected, || format!("{switched:?}")),
            Err(check) => Err(check.message),
        }
    }

    /// wslint begins with nginx's own words, so that people find them on the web.
    fn refuses(fixture: &Fixture, found: &Diagnostic, check: &Check) -> Result<(), String> {
        ensure(!check.ok, || "nginx accepts it".to_owned())?;
        let same = match reason(OTHER_WORDS, fixture) {
            Some(words) => check.message.contains(words),
            None => !check.message.is_empty() && found.message.starts_with(&check.message),
        };
        ensure(same, || format!("wslint: {}; nginx: {}", found.message, check.message))
    }
}
