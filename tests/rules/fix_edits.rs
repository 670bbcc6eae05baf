//! The edits that findings carry, from outside: whether they mend what was found and nothing else.
//!
//! Every bad fixture of a rule is mended by the edits of its finding alone: the finding is gone,
//! nothing else appears, and a handshake passes the installed nginx. `fix_edits/` has
//! configurations that are written in odd ways; what becomes of them is in the snapshots.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use wslint_grammar::{Edit, Span, apply_edits};
use wslint_test_support::files::{entries, name};
use wslint_test_support::{Browser, Folder, Handshake, Site, require_nginx};

/// Where the handshake goes.
const URI: &str = "/ws/room";

/// Rules all of whose bad fixtures are mended.
const FIXABLE: &[&str] = &[
    "add-header-used-for-upgrade",
    "balancer-parameter-conflict",
    "cache-lock-delays-handshake",
    "cache-stores-failed-handshake",
    "cache-without-upgrade-bypass",
    "connect-timeout-cargo",
    "connection-not-forwarded",
    "connection-passthrough",
    "connection-value-not-upgrade",
    "duplicate-connection-header",
    "duplicate-host-header",
    "duplicate-upgrade-header",
    "error-page-overrides-101",
    "escaped-dollar",
    "events-missing",
    "forwarded-proto-missing",
    "h2c-upgrade-smuggling",
    "handshake-incomplete",
    "hash-not-a-comment",
    "header-name-with-colon",
    "host-origin-mismatch",
    "html-entities",
    "http-variable-typo",
    "huge-proxy-buffer-size",
    "invisible-characters",
    "ip-hash-behind-proxy",
    "keepalive-ineffective",
    "limit-except-without-get",
    "localhost-dual-stack",
    "map-case-sensitive-regex",
    "map-default-not-upgrade",
    "map-keyed-on-connection-exact",
    "map-missing-default",
    "map-redefined",
    "map-wrong-context",
    "missing-semicolon",
    "nested-location-without-handler",
    "map-source-typo",
    "missing-semicolon",
    "origin-header-rewritten",
    "proxy-http-version-1-0",
    "proxy-http-version-2",
    "proxy-method-override",
    "proxy-pass-variable-uri",
    "proxy-ssl-server-name-off",
    "read-timeout-default",
    "request-headers-not-passed",
    "sec-websocket-header-overridden",
    "smart-quotes",
    "socketio-prefix-stripped",
    "sticky-missing-for-polling",
    "stream-proxy-timeout",
    "swallowed-directive",
    "trailing-slash-redirect",
    "tcp-nodelay-off",
    "upgrade-headers-not-inherited",
    "upgrade-not-forwarded",
    "upgrade-response-header-hidden",
    "upgrade-value-wrong",
    "upstream-bad-parameter",
    "upstream-missing-server-keyword",
    "upstream-name-as-host",
    "upstream-path-in-server",
    "upstream-port-on-group",
    "upstream-scheme-in-server",
    "upstream-unix-without-prefix",
    "worker-connections-too-low",
    "zone-invalid",
];

/// Rules whose findings have no fix: what to write is not in the configuration.
const NO_FIX: &[&str] = &[
    "comment-not-understood",
    "directive-arity",
    "directive-context",
    "directive-duplicate",
    "handler-cannot-upgrade",
    "include-cycle",
    "include-missing",
    "internal-ws-location",
    "listen-duplicate",
    "location-duplicate",
    "location-nesting",
    "log-format-duplicate",
    "log-format-undeclared",
    "server-incomplete",
    "ssl-certificate-missing",
    "template-leftover",
    "unused-ignore",
    "upstream-bad-port",
    "upstream-empty",
    "upstream-only-backup",
    "upstream-undeclared",
    "variable-duplicate",
    "variable-upstream-without-resolver",
    "worker-connections-not-enough",
    "zone-conflict",
    "zone-undeclared",
];

/// Rules that can mend some of their findings, with the fixtures that show these: of the others
/// nobody but the author knows what was meant.
const PARTLY: &[(&str, &[&str])] = &[
    ("dns-resolved-once", &["bad-resolver"]),
    ("expanded-by-shell", &["bad"]),
    ("https-to-default-port-80", &["bad", "bad-some"]),
    ("if-unsupported-directive", &["bad-headers"]),
    (
        "location-shadowed",
        &[
            "bad",
            "bad-earlier",
            "bad-earlier-class",
            "bad-last",
            "bad-page",
            "bad-pattern",
            "bad-try-files",
        ],
    ),
    ("map-empty-key-missing", &["bad", "bad-many-servers"]),
    ("map-syntax", &["bad-no-dollar", "bad-same-key"]),
    (
        "map-undefined-variable",
        &[
            "bad",
            "bad-fragment",
            "bad-in-stream",
            "bad-near-name",
            "bad-stream-map",
            "bad-used-twice",
        ],
    ),
    ("proxy-pass-uri-mismatch", &["bad", "bad-doubled", "bad-set"]),
    ("proxy-pass-ws-scheme", &["bad", "bad-wss"]),
    ("proxy-ssl-name-is-group", &["bad", "bad-default-written"]),
    ("resolve-needs-zone", &["bad"]),
    (
        "syntax-error",
        &["bad-quote", "bad-regex", "bad-split-name", "bad-split-word", "bad-split", "bad"],
    ),
    (
        "timeout-value-invalid",
        &[
            "bad",
            "bad-blank",
            "bad-capital",
            "bad-fraction",
            "bad-keepalive",
            "bad-negative",
            "bad-never",
            "bad-reload",
            "bad-seconds",
            "bad-several",
            "bad-stream",
            "bad-year",
        ],
    ),
    ("unbalanced-braces", &["bad-double", "bad-extra", "bad-no-opening"]),
    ("upstream-duplicate", &["bad-same"]),
    (
        "uri-in-special-location",
        &["bad", "bad-glued", "bad-limit-except", "bad-named", "bad-socket"],
    ),
    ("upgrade-leaks-into-auth-request", &["bad", "bad-half", "bad-own"]),
    ("upgrade-leaks-into-mirror", &["bad", "bad-own"]),
    ("unknown-directive", &["bad-case", "bad-colon", "bad-equals", "bad-hyphens"]),
];

/// Fixtures with a second mistake that the first one hides, of this rule.
const UNCOVERED: &[(&str, &str)] = &[
    ("cache-without-upgrade-bypass/bad-all-at-once", "cache-stores-failed-handshake"),
    ("cache-without-upgrade-bypass/bad-any", "cache-stores-failed-handshake"),
    ("handshake-incomplete/bad-looks-meant", "upstream-name-as-host"),
    ("if-case-sensitive-upgrade-test/bad", "connection-upgrade-hardcoded"),
    ("if-case-sensitive-upgrade-test/bad-capital", "connection-upgrade-hardcoded"),
    ("if-case-sensitive-upgrade-test/bad-pattern", "connection-upgrade-hardcoded"),
    ("map-source-typo/bad-always", "map-empty-key-missing"),
    ("upgrade-hardcoded/bad-both", "connection-upgrade-hardcoded"),
    ("upstream-bad-parameter/bad-backup", "upstream-only-backup"),
];

/// Fixtures that do not carry a WebSocket through the installed nginx once they are mended.
const NO_WEBSOCKET: &[(&str, &str)] = &[
    ("dns-resolved-once/bad-resolver", "there is no name server here"),
    ("https-to-default-port-80/bad", "the backend here does not speak TLS"),
    ("resolve-needs-zone/bad", "needs a new nginx"),
    ("upstream-bad-parameter/bad-backup", "its only server is a substitute"),
];

#[derive(Debug, Deserialize)]
struct Report {
    diagnostics: Vec<Diagnostic>,
}

#[derive(Debug, Deserialize)]
struct Diagnostic {
    rule: String,
    severity: String,
    effect: String,
    fix: Option<Fix>,
}

#[derive(Debug, Deserialize)]
struct Fix {
    applicability: String,
    message: String,
    edits: Vec<FileEdit>,
}

#[derive(Debug, Deserialize)]
struct FileEdit {
    file: String,
    span: Range,
    text: String,
}

#[derive(Debug, Deserialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Debug, Deserialize)]
struct Position {
    offset: u32,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What wslint says of the files, in a folder of their own.
fn check(folder: &Folder) -> Report {
    let place = tempfile::tempdir().expect("a folder");
    folder.write(place.path()).expect("files");
    let output = Command::new(env!("CARGO_BIN_EXE_wslint"))
        .args(["--format", "json", "--severity", "info", "--no-config", &folder.main])
        .current_dir(place.path())
        .output()
        .expect("wslint runs");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// The files after the edits of a fix.
fn mended(folder: &Folder, fix: &Fix) -> Folder {
    let mut edits: BTreeMap<&str, Vec<Edit>> = BTreeMap::new();
    for FileEdit { file, span, text } in &fix.edits {
        let span = Span::new(span.start.offset, span.end.offset);
        edits.entry(file).or_default().push(Edit::replace(span, text.clone()));
    }
    let mut mended = folder.clone();
    for (file, edits) in edits {
        let text = folder.files.get(file).unwrap_or_else(|| panic!("{file} is not there"));
        let text = apply_edits(text.as_bytes(), &edits).expect("edits that fit");
        mended.files.insert(file.to_owned(), String::from_utf8(text).expect("UTF-8"));
    }
    mended
}

/// A configuration of the repository: `NAME.conf`, or a folder with an `nginx.conf`.
fn read(path: &Path) -> Folder {
    if path.is_dir() {
        return Folder::read(&path.join("nginx.conf")).expect("a readable folder");
    }
    let text = fs::read_to_string(path).expect("a readable file");
    Folder::new(&text)
}

fn stem(path: &Path) -> String {
    let name = name(path);
    name.strip_suffix(".conf").unwrap_or(&name).to_owned()
}

/// The bad fixtures of all rules: `RULE/NAME` and the files.
fn bad_fixtures() -> Vec<(String, String, Folder)> {
    let folders = entries(&root().join("fixtures"));
    let bad = |folder: PathBuf| {
        let rule = stem(&folder);
        let bad = entries(&folder).into_iter().filter(|path| stem(path).starts_with("bad"));
        bad.map(|path| (rule.clone(), format!("{rule}/{}", stem(&path)), read(&path)))
            .collect::<Vec<_>>()
    };
    folders.into_iter().flat_map(bad).collect()
}

fn is_listed(list: &[(&str, &str)], id: &str) -> bool {
    list.iter().any(|(listed, _)| *listed == id)
}

/// Whether the finding of a fixture has a fix; `None` for a rule that is in no list.
fn is_fixable(rule: &str, id: &str) -> Option<bool> {
    if let Some((_, names)) = PARTLY.iter().find(|(listed, _)| *listed == rule) {
        return Some(names.iter().any(|name| format!("{rule}/{name}") == id));
    }
    let is_listed = |list: &[&str]| list.contains(&rule);
    is_listed(FIXABLE).then_some(true).or(is_listed(NO_FIX).then_some(false))
}

/// Calls `test` for each, several at a time, and panics with all that went wrong.
fn for_each<T: Sync>(all: &[T], test: impl Fn(&T) -> Result<(), String> + Sync) {
    const AT_ONCE: usize = 4;
    let failures: Vec<String> = std::thread::scope(|scope| {
        let test = &test;
        let run = |first| {
            scope.spawn(move || {
                let mine = all.iter().skip(first).step_by(AT_ONCE);
                mine.filter_map(|it| test(it).err()).collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (0..AT_ONCE).map(run).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a test thread")).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is left to say at warning or above, or by the rule itself.
fn left(report: &Report, rule: &str) -> Vec<String> {
    let weighty = |it: &&Diagnostic| it.severity != "info" || it.rule == rule;
    report.diagnostics.iter().filter(weighty).map(|it| it.rule.clone()).collect()
}

#[test]
fn exceptions_are_about_what_exists() {
    let fixtures = bad_fixtures();
    for (id, _) in [NO_WEBSOCKET, UNCOVERED].concat() {
        assert!(fixtures.iter().any(|(_, known, _)| known == id), "{id}");
    }
    for (rule, names) in PARTLY {
        for name in *names {
            let id = format!("{rule}/{name}");
            assert!(fixtures.iter().any(|(_, known, _)| *known == id), "{id}");
        }
    }
    for rule in FIXABLE.iter().chain(NO_FIX) {
        assert!(fixtures.iter().any(|(known, ..)| known == rule), "{rule}");
    }
}

#[test]
fn a_fix_mends_its_finding_and_a_second_one_is_not_needed() {
    for_each(&bad_fixtures(), |(rule, id, folder)| {
        let report = check(folder);
        let found = report.diagnostics.iter().find(|it| it.rule == *rule);
        let fix = found.and_then(|it| it.fix.as_ref());
        let Some(fix) = fix else {
            let is_missing = is_fixable(rule, id) == Some(true);
            return if is_missing { Err(format!("{id}: no fix")) } else { Ok(()) };
        };
        if is_fixable(rule, id) == Some(false) {
            return Err(format!("{id}: has a fix: {}", fix.message));
        }
        let mut left = left(&check(&mended(folder, fix)), rule);
        left.retain(|left| !UNCOVERED.contains(&(id, left)));
        if left.is_empty() { Ok(()) } else { Err(format!("{id}: {left:?} is left")) }
    });
}

/// Whether a handshake from each browser becomes a WebSocket, a plain request having come first.
fn switches(folder: &Folder) -> Result<(), String> {
    let site = Site::start(folder).map_err(|check| check.message)?;
    site.get("example.com", URI).ok();
    for browser in Browser::ALL {
        let observed = site.handshake(Handshake::new("example.com", URI, browser));
        if !observed.switched {
            return Err(format!("{browser:?}: {:?} {:?}", observed.status, observed.reason));
        }
    }
    Ok(())
}

#[test]
fn a_handshake_passes_what_was_mended() {
    require_nginx!();
    for_each(&bad_fixtures(), |(rule, id, folder)| {
        let report = check(folder);
        let found = report.diagnostics.iter().find(|it| it.rule == *rule);
        let Some(Diagnostic { effect, fix: Some(fix), .. }) = found else { return Ok(()) };
        if is_listed(NO_WEBSOCKET, id) {
            return Ok(());
        }
        // Where a WebSocket passes before, that is no proof, but it must not be lost.
        let shows = matches!(effect.as_str(), "handshake-fails" | "not-loaded");
        if !shows && switches(folder).is_err() {
            return Ok(());
        }
        switches(&mended(folder, fix)).map_err(|error| format!("{id}: {error}"))
    });
}

/// Applies fixes one after the other until none is left, and says which.
fn mended_in_steps(folder: &Folder) -> (Folder, Vec<String>) {
    let mut folder = folder.clone();
    let mut steps = Vec::new();
    for _ in 0..20 {
        let report = check(&folder);
        let weighty = |it: &&Diagnostic| it.severity != "info" && it.fix.is_some();
        let Some(found) = report.diagnostics.iter().find(weighty) else { break };
        let Some(fix) = &found.fix else { break };
        steps.push(format!("# {}: {} ({})", found.rule, fix.message, fix.applicability));
        folder = mended(&folder, fix);
    }
    (folder, steps)
}

/// What cannot be seen is shown, so that a review sees it.
fn shown(text: &str) -> String {
    let end = if text.ends_with('\n') { "" } else { "<no line end>" };
    text.replace('\t', "<TAB>").replace('\r', "<CR>") + end
}

#[test]
fn what_is_written_looks_as_what_was_there() {
    for path in entries(&root().join("tests/rules/fix_edits")) {
        let before = read(&path);
        let (after, mut shown_parts) = mended_in_steps(&before);
        for (file, text) in &after.files {
            if before.files.get(file) != Some(text) {
                shown_parts.push(format!("==> {file}\n{}", shown(text)));
            }
        }
        let report = check(&after);
        assert_eq!(left(&report, ""), Vec::<String>::new(), "{}", path.display());
        let mut settings = insta::Settings::clone_current();
        settings.set_omit_expression(true);
        settings.set_prepend_module_to_snapshot(false);
        let name = format!("fix_edits__{}", stem(&path));
        settings.bind(|| insta::assert_snapshot!(name, shown_parts.join("\n")));
    }
}

#[test]
fn a_handshake_passes_whatever_the_style() {
    require_nginx!();
    for_each(&entries(&root().join("tests/rules/fix_edits")), |path| {
        let (after, _) = mended_in_steps(&read(path));
        switches(&after).map_err(|error| format!("{}: {error}", stem(path)))
    });
}
