//! The command line from outside: what it checks, what it prints, and with which status it ends.
//!
//! Each test states what the program promises to somebody who only knows its help text. Every run
//! has a time limit, so that a hang fails instead of blocking.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

/// Nothing that is checked here may take longer, not even in a debug build on a busy machine.
const TIME_LIMIT: Duration = Duration::from_mins(1);

/// What decides on colours and layout, taken out of the way.
const ENVIRONMENT: [&str; 11] = [
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "FORCE_COLOR",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "NO_COLOR",
    "RUST_BACKTRACE",
    "TERM",
];

/// A location with one error: `Connection` is not passed on.
const FAULTY: &str = "server {
    location /ws {
        proxy_pass http://127.0.0.1:3000;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
    }
}
";

/// The place and the rule of the error in [`FAULTY`].
const FAULT: &str = ":5:9: error[connection-not-forwarded] ";

/// A location in which all is well.
const SOUND: &str = "server {
    location /ws {
        proxy_pass http://127.0.0.1:3000;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
    }
}
";

/// A whole configuration around `body`.
fn whole(body: &str) -> String {
    format!("events {{}}\nhttp {{\n{body}\n}}\n")
}

/// Settings whose only finding is a warning.
fn with_warning() -> String {
    whole("include gone.conf;")
}

/// Settings whose only finding is an info.
fn with_info() -> String {
    whole("include /srv/nowhere/gone.conf;")
}

/// A folder that `wslint` runs in, gone with its test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with one file in it.
    fn with(name: &str, text: impl AsRef<[u8]>) -> Self {
        Self::new().file(name, text)
    }

    /// Adds a file, and the folders that it is in.
    fn file(self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn folder(self, name: &str) -> Self {
        fs::create_dir_all(self.path(name)).unwrap();
        self
    }

    #[cfg(unix)]
    fn link(self, name: &str, target: &str) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
        self
    }

    /// The real path of a file, as the system names the working folder.
    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().canonicalize().unwrap().join(name)
    }

    /// A run in this folder that is still to be started.
    fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wslint"));
        command.current_dir(self.0.path()).args(arguments).stdin(Stdio::null());
        for name in ENVIRONMENT {
            command.env_remove(name);
        }
        command
    }

    fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome {
        finish(self.command(arguments), b"")
    }

    /// Runs with `input` as standard input.
    fn run_with_input<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        input: impl AsRef<[u8]>,
    ) -> Outcome {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped());
        finish(command, input.as_ref())
    }

    /// The lines of the concise report.
    fn concise<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Vec<String> {
        self.run_in_format("concise", arguments).stdout.lines().map(str::to_owned).collect()
    }

    /// The places and rules of the concise report, without messages.
    fn findings<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Vec<String> {
        let head =
            |line: &String| line.split_once("] ").expect("`rule] message`").0.to_owned() + "]";
        self.concise(arguments).iter().map(head).collect()
    }

    fn json<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Document {
        serde_json::from_str(&self.run_in_format("json", arguments).stdout).unwrap()
    }

    fn run_in_format<S: AsRef<OsStr>>(
        &self,
        format: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Outcome {
        let mut command = self.command(arguments);
        command.args(["--format", format]);
        finish(command, b"")
    }
}

/// What a run left behind.
#[derive(Debug)]
struct Outcome {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Outcome {
    /// Checks the status, and that nobody was told about trouble who had none, or the other way.
    #[track_caller]
    fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        assert_eq!(self.stderr.is_empty(), status != 2, "{self:#?}");
        assert!(!self.stderr.contains("panicked"), "{self:#?}");
        self
    }

    #[track_caller]
    fn complains_about(&self, words: &[&str]) {
        for word in words {
            assert!(self.stderr.contains(word), "{word} is not in {self:#?}");
        }
    }
}

/// Runs a command to its end.
fn finish(mut command: Command, input: &[u8]) -> Outcome {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.take();
    let stdout = read_aside(child.stdout.take().unwrap());
    let stderr = read_aside(child.stderr.take().unwrap());
    thread::scope(|scope| {
        // A program that does not read its input closes it: that is for the test to judge.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
        let status = wait(&mut child);
        Outcome {
            status: status.code().expect("an exit status and no signal"),
            stdout: stdout.recv_timeout(TIME_LIMIT).unwrap(),
            stderr: stderr.recv_timeout(TIME_LIMIT).unwrap(),
        }
    })
}

fn read_aside(mut from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        sender.send(String::from_utf8(bytes).expect("reports are UTF-8"))
    });
    receiver
}

fn wait(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > TIME_LIMIT {
            child.kill().unwrap();
            panic!("still running after {TIME_LIMIT:?}");
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Permissions do not stop this user.
#[cfg(unix)]
fn reads_everything(folder: &Folder) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let probe = folder.path("probe");
    fs::write(&probe, "").unwrap();
    fs::set_permissions(&probe, fs::Permissions::from_mode(0o000)).unwrap();
    let readable = fs::read(&probe).is_ok();
    fs::remove_file(probe).unwrap();
    readable
}

/// The JSON report as it is promised: these fields in this order, and no others.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    tool: Tool,
    nginx_version: Option<String>,
    diagnostics: Vec<Diagnostic>,
    summary: Summary,
}

#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    name: String,
    version: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Diagnostic {
    rule: String,
    category: String,
    severity: Severity,
    effect: Effect,
    message: String,
    help: Option<String>,
    url: String,
    file: String,
    span: Span,
    labels: Vec<Label>,
    nginx_versions: Option<Versions>,
    fix: Option<Fix>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Error,
    Warning,
    Info,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Effect {
    NotLoaded,
    HandshakeFails,
    Degraded,
    Insecure,
    Advice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Span {
    start: Position,
    end: Position,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Position {
    offset: usize,
    line: usize,
    column: usize,
}

#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Label {
    file: String,
    span: Span,
    message: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Versions {
    from: Option<String>,
    before: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Fix {
    applicability: Applicability,
    message: String,
    edits: Vec<Edit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Applicability {
    Safe,
    Unsafe,
}

#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    file: String,
    span: Span,
    text: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Summary {
    files: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    fixable: usize,
    unsafe_fixable: usize,
}

mod what_is_checked {
    use super::{FAULT, FAULTY, Folder, SOUND, finish, whole};

    /// What `wslint` makes of [`FAULTY`] in a file of that name.
    fn fault(name: &str) -> String {
        format!("{name}{}", FAULT.trim_end())
    }

    #[test]
    fn without_a_path_it_is_the_main_file_here() {
        let folder = Folder::with("nginx.conf", whole(FAULTY)).file("other.conf", FAULTY);
        let [finding] = &folder.findings([""; 0])[..] else { panic!() };
        assert!(finding.starts_with("nginx.conf:7:9: error["), "{finding}");
    }

    #[test]
    fn without_a_main_file_it_is_the_folder() {
        let folder = Folder::with("deploy/site.conf", FAULTY).file("chat.conf", FAULTY);
        let findings = folder.findings([""; 0]);
        assert_eq!(findings.len(), 2, "{findings:?}");
        folder.run([""; 0]).expect(1);
    }

    #[test]
    fn nothing_to_check_is_said() {
        let folder = Folder::new().folder("empty").file("README.md", "server {}");
        let outcome = folder.run([""; 0]).expect(2);
        outcome.complains_about(&["no nginx configuration"]);
        let outcome = folder.run(["empty"]).expect(2);
        outcome.complains_about(&["empty", "no nginx configuration"]);
        assert_eq!(outcome.stdout, "");
    }

    #[test]
    fn configurations_of_other_programs_are_no_nginx_configurations() {
        let folder = Folder::with("supervisord.conf", "[supervisord]\nnodaemon=true\nuser=root\n");
        let outcome = folder.run(["."]).expect(2);
        assert_eq!(outcome.stdout, "");
    }

    #[test]
    fn folder_beside_a_good_file_without_configurations_is_said() {
        let folder = Folder::with("site.conf", SOUND).folder("empty");
        let outcome = folder.run(["site.conf", "empty"]).expect(2);
        outcome.complains_about(&["empty"]);
    }

    #[test]
    fn each_file_of_a_folder_is_checked_once() {
        let folder = Folder::with("nginx/nginx.conf", whole("include conf.d/*.conf;"))
            .file("nginx/conf.d/a.conf", FAULTY)
            .file("nginx/conf.d/b.conf", SOUND)
            .file("nginx/unused/c.conf", FAULTY);
        assert_eq!(
            folder.findings(["nginx"]),
            [fault("nginx/conf.d/a.conf"), fault("nginx/unused/c.conf")]
        );
        assert_eq!(folder.json(["nginx"]).summary.files, 4);
    }

    #[cfg(unix)]
    #[test]
    fn enabled_site_is_checked_under_the_name_of_its_link() {
        let folder = Folder::with("nginx.conf", whole("include sites-enabled/*;"))
            .file("sites-available/used", FAULTY)
            .file("sites-available/unused", FAULTY)
            .link("sites-enabled/used", "../sites-available/used");
        let findings = folder.findings(["."]);
        let ends_with = |end: &str| findings.iter().any(|finding| finding.ends_with(&fault(end)));
        assert!(ends_with("sites-enabled/used"), "{findings:?}");
        assert!(ends_with("sites-available/unused"), "{findings:?}");
        assert_eq!(findings.len(), 2, "{findings:?}");
    }

    #[cfg(unix)]
    #[test]
    fn link_to_nowhere_in_a_folder_is_said() {
        let folder = Folder::with("conf.d/site.conf", SOUND).link("conf.d/dead.conf", "nowhere");
        folder.run(["conf.d"]).expect(2).complains_about(&["dead.conf"]);
    }

    #[test]
    fn fragment_is_checked_alone() {
        let folder = Folder::with("nginx.conf", whole("include conf.d/*.conf;"))
            .file("conf.d/a.conf", FAULTY)
            .file("conf.d/b.conf", FAULTY);
        assert_eq!(folder.findings(["conf.d/a.conf"]), [fault("conf.d/a.conf")]);
        assert_eq!(folder.json(["conf.d/a.conf"]).summary.files, 1);
    }

    #[test]
    fn file_given_twice_is_checked_once() {
        let folder = Folder::with("site.conf", FAULTY).file("nginx.conf", whole(FAULTY));
        for name in ["site.conf", "nginx.conf"] {
            let paths = [name.into(), format!("./{name}").into(), folder.path(name)];
            let document = folder.json(&paths);
            assert_eq!(document.summary.files, 1);
            assert_eq!(document.diagnostics.len(), 1);
            assert_eq!(document.diagnostics[0].file, name);
        }
    }

    #[test]
    fn included_file_that_is_given_too_is_checked_once() {
        let folder =
            Folder::with("main.conf", whole("include site.conf;")).file("site.conf", FAULTY);
        let document = folder.json(["main.conf", "site.conf"]);
        assert_eq!((document.summary.files, document.diagnostics.len()), (2, 1));
        assert_eq!(document, folder.json(["site.conf", "main.conf"]));
    }

    #[test]
    fn included_file_with_the_http_block_is_checked_once() {
        let folder = Folder::with("main.conf", "events {}\ninclude http.conf;\n")
            .file("http.conf", format!("http {{\n{FAULTY}}}\n"));
        let document = folder.json(["main.conf", "http.conf"]);
        assert_eq!((document.summary.files, document.diagnostics.len()), (2, 1));
        assert_eq!(document, folder.json(["http.conf", "main.conf"]));
        let document = folder.json(["."]);
        assert_eq!((document.summary.files, document.diagnostics.len()), (2, 1));
    }

    #[test]
    fn file_that_two_configurations_share_counts_once() {
        let folder = Folder::with("one/nginx.conf", whole("include ../shared/site.conf;"))
            .file("two/nginx.conf", whole("include ../shared/site.conf;"))
            .file("shared/site.conf", FAULTY);
        let document = folder.json(["one/nginx.conf", "two/nginx.conf"]);
        assert_eq!(document.diagnostics.len(), 1);
        assert_eq!(document.summary.files, 3);
    }

    #[test]
    fn fragments_that_include_each_other_are_checked() {
        let folder = Folder::with("a.conf", format!("{FAULTY}include b.conf;\n"))
            .file("b.conf", format!("{FAULTY}include a.conf;\n"));
        folder.run(["a.conf", "b.conf"]).expect(1);
        folder.run(["."]).expect(1);
    }

    #[test]
    fn included_file_that_cannot_be_read_hides_no_other() {
        let folder = Folder::with("nginx.conf", whole("include conf.d/*.conf;"))
            .file("conf.d/a.conf", FAULTY)
            .folder("conf.d/b.conf");
        let findings = folder.findings(["nginx.conf"]);
        assert!(findings.contains(&fault("conf.d/a.conf")), "{findings:?}");
        assert!(findings.iter().any(|it| it.contains("[include-missing]")), "{findings:?}");
    }

    #[test]
    fn what_a_fragment_includes_does_not_depend_on_the_working_folder() {
        let location =
            "server { location /ws { proxy_pass http://127.0.0.1:1; include snippets/ws; } }";
        let folder = Folder::with("conf.d/site.conf", location)
            .file("snippets/ws", "proxy_set_header Upgrade $http_upgrade;\n");
        let outside = folder.run(["conf.d/site.conf"]).expect(1);
        let mut command = folder.command(["site.conf"]);
        command.current_dir(folder.path("conf.d"));
        let inside = finish(command, b"").expect(1);
        assert_eq!(
            outside.stdout.matches("error[").count(),
            inside.stdout.matches("error[").count()
        );
    }
}

mod names_in_reports {
    use super::{FAULTY, Folder, whole};

    fn names(folder: &Folder, path: &str) -> Vec<String> {
        folder.json([path]).diagnostics.into_iter().map(|diagnostic| diagnostic.file).collect()
    }

    #[test]
    fn path_is_named_as_it_was_given() {
        let folder = Folder::with("a/site.conf", FAULTY);
        let absolute = folder.path("a/site.conf").display().to_string();
        for path in ["a/site.conf", "./a/site.conf", "a/../a/site.conf", &absolute] {
            assert_eq!(names(&folder, path), [path]);
        }
    }

    #[test]
    fn included_file_is_named_from_the_working_folder() {
        let folder = Folder::with("a/nginx.conf", whole("include conf.d/site.conf;"))
            .file("a/conf.d/site.conf", FAULTY);
        let absolute = folder.path("a/nginx.conf").display().to_string();
        for path in ["a/nginx.conf", "./a/nginx.conf", &absolute] {
            assert_eq!(names(&folder, path), ["a/conf.d/site.conf"]);
        }
    }

    #[test]
    fn odd_characters_stay() {
        for name in ["my site.conf", "größe 設定.conf", "a'b\"c.conf", "%41.conf", "--x.conf"] {
            let folder = Folder::with(name, FAULTY);
            assert_eq!(names(&folder, &format!("./{name}")), [format!("./{name}")]);
        }
    }

    #[test]
    fn path_after_two_dashes_is_no_option() {
        let folder = Folder::with("--quiet", FAULTY);
        assert!(folder.run(["--", "--quiet"]).expect(1).stdout.contains("[--quiet:5:9]"));
    }
}

mod standard_input {
    use super::{FAULT, FAULTY, Folder, SOUND, whole};

    #[test]
    fn it_is_checked_like_a_file() {
        let folder = Folder::new();
        let outcome = folder.run_with_input(["-", "--format", "concise"], FAULTY).expect(1);
        assert!(outcome.stdout.starts_with(&format!("<stdin>{FAULT}")), "{outcome:?}");
        folder.run_with_input(["-"], SOUND).expect(0);
        folder.run_with_input(["-"], "server {").expect(1);
    }

    #[test]
    fn it_can_have_a_name_and_includes_beside_it() {
        let folder = Folder::with("deploy/conf.d/site.conf", FAULTY);
        let main = whole("include conf.d/*.conf;");
        let arguments = ["-", "--format", "concise", "--stdin-filename", "deploy/nginx.conf"];
        let outcome = folder.run_with_input(arguments, main).expect(1);
        assert!(outcome.stdout.starts_with("deploy/conf.d/site.conf:5:9: "), "{outcome:?}");
        let outcome = folder.run_with_input(arguments, FAULTY).expect(1);
        assert!(outcome.stdout.starts_with("deploy/nginx.conf:5:9: "), "{outcome:?}");
    }

    #[test]
    fn it_is_read_once() {
        let outcome =
            Folder::new().run_with_input(["-", "-", "--format", "json"], FAULTY).expect(1);
        let document: super::Document = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!((document.summary.files, document.diagnostics.len()), (1, 1));
    }

    #[test]
    fn bytes_that_are_no_text_are_trouble() {
        let folder = Folder::new();
        folder.run_with_input(["-"], b"events\0{}").expect(2).complains_about(&["NUL"]);
        folder.run_with_input(["parse", "-"], b"events\0{}").expect(2).complains_about(&["NUL"]);
    }

    #[test]
    fn it_need_not_be_utf_8() {
        let folder = Folder::new();
        folder.run_with_input(["-"], b"# caf\xe9\n").expect(0);
        folder.run_with_input(["parse", "-"], b"# caf\xe9\n").expect(0);
    }
}

mod exit_status {
    use super::{FAULTY, Folder, SOUND, whole, with_info, with_warning};

    /// Configurations whose worst finding is known from their names.
    fn folder() -> Folder {
        Folder::with("sound", whole(SOUND))
            .file("info", with_info())
            .file("warning", with_warning())
            .file("error", whole(FAULTY))
    }

    #[test]
    fn it_follows_the_worst_finding_and_the_options() {
        let folder = folder();
        let cases: [(&str, [i32; 4]); 9] = [
            ("", [0, 0, 1, 1]),
            ("--fail-on info", [0, 1, 1, 1]),
            ("--fail-on warning", [0, 0, 1, 1]),
            ("--fail-on error", [0, 0, 0, 1]),
            ("--severity info", [0, 0, 1, 1]),
            ("--severity error", [0, 0, 1, 1]),
            ("--severity error --fail-on error", [0, 0, 0, 1]),
            ("--exit-zero", [0, 0, 0, 0]),
            ("--exit-zero --fail-on info", [0, 0, 0, 0]),
        ];
        for (options, expected) in cases {
            for (name, expected) in ["sound", "info", "warning", "error"].iter().zip(expected) {
                for format in ["full", "concise", "json", "json-lines"] {
                    let arguments = options.split_whitespace().chain([*name, "--format", format]);
                    let outcome = folder.run(arguments);
                    assert_eq!(outcome.status, expected, "{options} {name} {format}: {outcome:#?}");
                }
            }
        }
    }

    #[test]
    fn finding_that_decides_it_is_shown() {
        let folder = folder();
        assert_eq!(folder.concise(["info"]).len(), 0);
        assert_eq!(folder.concise(["info", "--severity", "info"]).len(), 1);
        assert_eq!(folder.concise(["info", "--fail-on", "info"]).len(), 1);
        assert_eq!(folder.concise(["warning", "--severity", "error"]).len(), 1);
        assert_eq!(
            folder.concise(["warning", "--severity", "error", "--fail-on", "error"]).len(),
            0
        );
    }

    #[test]
    fn hidden_findings_are_counted() {
        let outcome = folder().run(["info"]).expect(0);
        assert!(outcome.stdout.contains("1 finding is hidden"), "{outcome:?}");
    }

    #[test]
    fn unreadable_file_weighs_more_than_findings() {
        let folder = folder();
        for options in [&["gone", "error"][..], &["error", "gone", "--exit-zero"]] {
            let outcome = folder.run(options).expect(2);
            outcome.complains_about(&["gone"]);
            assert!(outcome.stdout.contains("connection-not-forwarded"), "{outcome:#?}");
            assert!(outcome.stdout.contains("could not be checked"), "{outcome:#?}");
        }
        folder.run(["gone", "sound"]).expect(2);
    }

    #[test]
    fn configuration_that_nginx_refuses_is_a_finding() {
        for text in ["server {", "}", "server { listen 80 }", "server { listen \"80; }"] {
            Folder::with("site.conf", text).run(["site.conf"]).expect(1);
        }
    }

    #[test]
    fn file_without_directives_has_no_findings() {
        for text in ["", "\n\n", "# only a comment", "# only\r\n# comments\r\n"] {
            Folder::with("site.conf", text).run(["site.conf"]).expect(0);
        }
    }
}

#[cfg(unix)]
mod unreadable_paths {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::{FAULTY, Folder, fs, reads_everything, whole};

    /// Checking and parsing both fail, say which path it is, and do not wait for ever.
    fn refuse(folder: &Folder, path: &str, reason: &str) {
        folder.run([path]).expect(2).complains_about(&[path, reason]);
        folder.run(["parse", path]).expect(2).complains_about(&[path, reason]);
    }

    #[test]
    fn missing_file() {
        let folder = Folder::new().link("dead.conf", "nowhere");
        refuse(&folder, "gone.conf", "o such file");
        refuse(&folder, "dead.conf", "o such file");
    }

    #[test]
    fn circle_of_links() {
        refuse(&Folder::new().link("a.conf", "b.conf").link("b.conf", "a.conf"), "a.conf", "links");
    }

    #[test]
    fn fifo() {
        let folder = Folder::new();
        let made = Command::new("mkfifo").arg(folder.path("nginx.conf")).status().unwrap();
        assert!(made.success());
        refuse(&folder, "nginx.conf", "FIFO");
        folder.run(["."]).expect(2);
        folder.run([""; 0]).expect(2);
    }

    #[test]
    fn included_fifo() {
        let folder = Folder::with("nginx.conf", whole("include pipes/x.conf;")).folder("pipes");
        let made = Command::new("mkfifo").arg(folder.path("pipes/x.conf")).status().unwrap();
        assert!(made.success());
        assert!(folder.run(["nginx.conf"]).expect(1).stdout.contains("FIFO"));
    }

    #[test]
    fn socket() {
        let folder = Folder::new();
        let _socket = UnixListener::bind(folder.path("site.conf")).unwrap();
        refuse(&folder, "site.conf", "socket");
    }

    #[test]
    fn device() {
        refuse(&Folder::new(), "/dev/null", "device");
    }

    #[test]
    fn binary_file() {
        refuse(&Folder::with("site.conf", b"\x7fELF\0\0"), "site.conf", "not text");
    }

    #[test]
    fn folder_cannot_be_parsed() {
        let outcome = Folder::new().folder("conf.d").run(["parse", "conf.d"]).expect(2);
        outcome.complains_about(&["conf.d", "folder"]);
    }

    #[test]
    fn forbidden_file() {
        let folder = Folder::with("site.conf", FAULTY);
        if reads_everything(&folder) {
            eprintln!("skipped: this user may read every file");
            return;
        }
        fs::set_permissions(folder.path("site.conf"), fs::Permissions::from_mode(0o000)).unwrap();
        refuse(&folder, "site.conf", "ermission");
    }
}

mod unusual_text {
    use super::{FAULT, FAULTY, Folder, SOUND, whole};

    #[test]
    fn carriage_returns_change_no_line() {
        let folder = Folder::with("site.conf", FAULTY.replace('\n', "\r\n"));
        let lines = folder.concise(["site.conf"]);
        assert!(lines[0].starts_with(&format!("site.conf{FAULT}")), "{lines:?}");
    }

    #[test]
    fn byte_order_mark_is_part_of_the_first_word_and_refused_by_nginx() {
        let folder = Folder::with("nginx.conf", format!("\u{feff}{}", whole(SOUND)));
        let findings = folder.findings(["nginx.conf"]);
        assert!(findings.iter().any(|it| it.starts_with("nginx.conf:1:1: error[")), "{findings:?}");
    }

    #[test]
    fn bytes_beyond_utf_8_are_read() {
        let mut text = b"# caf\xe9 \xff\n".to_vec();
        text.extend(FAULTY.bytes());
        let folder = Folder::with("site.conf", text);
        let findings = folder.findings(["site.conf"]);
        assert_eq!(findings, ["site.conf:6:9: error[connection-not-forwarded]"]);
        for format in ["full", "json", "json-lines"] {
            folder.run_in_format(format, ["site.conf"]).expect(1);
        }
        folder.run(["parse", "--comments", "site.conf"]).expect(0);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let folder = Folder::with("site.conf", "server { listen \"\x1b[2J\x07;\n}\n");
        for format in ["full", "concise"] {
            let outcome = folder.run_in_format(format, ["site.conf"]).expect(1);
            assert!(!outcome.stdout.contains(['\x1b', '\x07']), "{outcome:?}");
        }
    }
}

/// What would take for ever, or end the program, if anything were done more than once a line.
mod extreme_inputs {
    use super::{FAULTY, Folder, SOUND, whole};

    const DEPTH: usize = 100_000;

    #[test]
    fn deep_blocks() {
        let text = "a {\n".repeat(DEPTH) + &"}\n".repeat(DEPTH);
        let folder = Folder::with("deep.conf", text);
        let outcome = folder.run(["deep.conf"]);
        assert!(outcome.status < 2, "{outcome:?}");
        folder.run(["parse", "deep.conf"]).expect(0);
    }

    #[test]
    fn deep_locations() {
        let text = "location /a {\n".repeat(DEPTH) + &"}\n".repeat(DEPTH);
        let folder = Folder::with("deep.conf", format!("server {{\n{text}}}\n"));
        let outcome = folder.run(["deep.conf"]);
        assert!(outcome.status < 2, "{outcome:?}");
        folder.run(["parse", "deep.conf"]).expect(0);
    }

    #[test]
    fn blocks_that_are_never_closed() {
        let folder = Folder::with("open.conf", "a { ".repeat(DEPTH));
        folder.run(["open.conf"]).expect(1);
        folder.run(["parse", "open.conf"]).expect(1);
    }

    #[test]
    fn blocks_that_were_never_opened() {
        let folder = Folder::with("close.conf", "} ".repeat(DEPTH));
        folder.run(["close.conf"]).expect(1);
        folder.run(["parse", "close.conf"]).expect(1);
    }

    #[test]
    fn one_long_line() {
        let servers = SOUND.replace('\n', " ").repeat(50_000_000 / SOUND.len());
        let folder = Folder::with("line.conf", format!("{servers}{}", FAULTY.replace('\n', " ")));
        let outcome = folder.run(["line.conf"]).expect(1);
        assert!(outcome.stdout.contains("1 error in 1 file."), "{outcome:?}");
        assert!(outcome.stdout.len() < 10_000, "the line is not printed as a whole");
    }

    #[test]
    fn one_long_word() {
        let folder = Folder::with("word.conf", "x".repeat(50_000_000));
        let outcome = folder.run(["word.conf"]).expect(1);
        assert!(outcome.stdout.len() < 10_000, "the word is not printed as a whole");
    }

    #[test]
    fn files_that_include_each_other_in_a_circle() {
        let folder = Folder::with("nginx.conf", whole("include a.conf;"))
            .file("a.conf", "include b.conf;\n")
            .file("b.conf", "include a.conf;\ninclude b.conf;\n");
        let findings = folder.findings(["nginx.conf"]);
        assert!(findings.iter().all(|it| it.ends_with("error[include-cycle]")), "{findings:?}");
        assert_eq!(findings.len(), 2, "{findings:?}");
        folder.run(["parse", "nginx.conf"]).expect(0);
        folder.run(["parse", "nginx.conf", "--combine"]).expect(1);
    }

    #[test]
    fn files_that_include_the_next_twice() {
        let mut folder = Folder::with("nginx.conf", whole("include 0.conf;"));
        for number in 0..30 {
            let next = format!("include {}.conf;\n", number + 1);
            folder = folder.file(format!("{number}.conf"), next.repeat(2));
        }
        let folder = folder.file("30.conf", FAULTY);
        let findings = folder.findings(["nginx.conf"]);
        assert!(findings.iter().any(|it| it.starts_with("30.conf:5:9: ")), "{findings:?}");
        folder.run(["parse", "nginx.conf"]).expect(0);
    }

    #[test]
    fn thousands_of_included_files() {
        let mut folder = Folder::with("nginx.conf", whole("include sites/*.conf;"));
        for number in 0..5_000 {
            folder = folder.file(format!("sites/{number}.conf"), SOUND);
        }
        let folder = folder.file("sites/last.conf", FAULTY);
        let document = folder.json(["nginx.conf"]);
        assert_eq!((document.summary.files, document.diagnostics.len()), (5_002, 1));
    }
}

mod includes {
    use super::{FAULT, FAULTY, Folder, whole};

    /// A folder whose `nginx.conf` includes `pattern`.
    fn including(pattern: &str) -> Folder {
        Folder::with("nginx.conf", whole(&format!("include {pattern};")))
    }

    /// The names of the files that have findings.
    fn faulty(folder: &Folder, path: &str) -> Vec<String> {
        let name = |line: &String| line.split(':').next().unwrap().to_owned();
        folder.findings([path]).iter().map(name).collect()
    }

    #[test]
    fn pattern_may_match_nothing() {
        let folder = including("conf.d/*.conf");
        folder.run(["nginx.conf", "--fail-on", "info"]).expect(0);
        folder.folder("conf.d").run(["nginx.conf", "--fail-on", "info"]).expect(0);
    }

    #[test]
    fn patterns_match_what_nginx_matches() {
        let names =
            ["a.conf", "b.conf", ".hidden.conf", "conf.d/c.conf", "conf.d/.d.conf", "x/y/e.conf"];
        let cases: [(&str, &[&str]); 13] = [
            ("[a-c].conf", &["a.conf", "b.conf"]),
            ("[ab].conf", &["a.conf", "b.conf"]),
            ("[!a].conf", &["b.conf"]),
            ("[^a].conf", &["b.conf"]),
            ("?.conf", &["a.conf", "b.conf"]),
            ("conf.d/*.conf", &["conf.d/c.conf"]),
            ("./conf.d/*", &["conf.d/c.conf"]),
            ("*/*.conf", &["conf.d/c.conf"]),
            ("x/*/e.conf", &["x/y/e.conf"]),
            // Without recursion: two stars are one.
            ("**/*.conf", &["conf.d/c.conf"]),
            ("**.d/c.conf", &["conf.d/c.conf"]),
            ("***.d/c.conf", &["conf.d/c.conf"]),
            (".h*.conf", &[".hidden.conf"]),
        ];
        for (pattern, expected) in cases {
            let folder = names.iter().fold(including(pattern), |it, name| it.file(name, FAULTY));
            assert_eq!(faulty(&folder, "nginx.conf"), *expected, "{pattern}");
        }
    }

    #[test]
    fn plain_path_that_is_missing_is_found() {
        for path in ["gone.conf", "gone/site.conf", "'with blank.conf'"] {
            including(path).run(["nginx.conf"]).expect(1);
        }
    }

    #[test]
    fn folder_with_a_name_like_a_pattern() {
        for name in ["a[x]", "a*b", "what?", "[", "a\\b", "{a,b}"] {
            let folder =
                Folder::with(&format!("{name}/nginx.conf"), whole("include conf.d/*.conf;"))
                    .file(format!("{name}/conf.d/site.conf"), FAULTY);
            for path in [name.to_owned(), format!("{name}/nginx.conf")] {
                assert_eq!(faulty(&folder, &path), [format!("{name}/conf.d/site.conf")]);
            }
        }
    }

    #[cfg(target_os = "linux")]
    mod names_beyond_utf_8 {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        use std::path::Path;

        use crate::{FAULTY, Folder, whole};

        #[test]
        fn in_the_way_to_the_main_file() {
            let path = Path::new(OsStr::from_bytes(b"caf\xe9"));
            let folder = Folder::new()
                .file(path.join("nginx.conf"), whole("include conf.d/*.conf;"))
                .file(path.join("conf.d/site.conf"), FAULTY);
            assert_eq!(folder.json([path]).summary.files, 2);
            assert_eq!(folder.json([path.join("nginx.conf")]).summary.files, 2);
        }

        #[test]
        fn beside_included_files() {
            let path = Path::new(OsStr::from_bytes(b"conf.d/caf\xe9.conf"));
            let folder = Folder::with("nginx.conf", whole("include conf.d/*.conf;"))
                .file(path, FAULTY)
                .file("conf.d/site.conf", FAULTY);
            let outcome = folder.run_in_format("concise", ["nginx.conf"]).expect(1);
            assert_eq!(outcome.stdout.lines().count(), 2, "{outcome:#?}");
        }

        #[test]
        fn in_an_include() {
            let mut main = b"events {}\nhttp { include caf".to_vec();
            main.extend(b"\xe9.conf; }\n");
            let path = Path::new(OsStr::from_bytes(b"caf\xe9.conf"));
            let folder = Folder::with("nginx.conf", main).file(path, FAULTY);
            assert_eq!(folder.json(["nginx.conf"]).summary.files, 2);
        }
    }

    #[test]
    fn absolute_path_is_found_below_a_prefix() {
        for include in ["/srv/nginx/conf.d/site.conf", "/srv/nginx/conf.d/*.conf"] {
            let folder = including(include).file("deploy/conf.d/site.conf", FAULTY);
            for prefix in
                ["/srv/nginx=deploy", "/srv/nginx/=./deploy/", "/srv/nginx/conf.d=deploy/conf.d"]
            {
                let findings = folder.findings(["nginx.conf", "--prefix", prefix]);
                assert_eq!(findings.len(), 1, "{include} {prefix}: {findings:?}");
                assert!(findings[0].contains(FAULT.trim_end()), "{findings:?}");
            }
            let elsewhere = folder.findings(["nginx.conf", "--prefix", "/srv/ngin=deploy"]);
            assert!(!elsewhere.iter().any(|it| it.contains(FAULT.trim_end())), "{elsewhere:?}");
        }
    }

    #[test]
    fn first_prefix_that_fits_counts() {
        let folder = including("/srv/site.conf").file("a/site.conf", FAULTY).folder("b");
        let run =
            |first, second| folder.findings(["nginx.conf", "--prefix", first, "--prefix", second]);
        assert_eq!(run("/srv=a", "/srv=b").len(), 1);
        assert!(!run("/srv=b", "/srv=a").iter().any(|it| it.contains(FAULT.trim_end())));
    }

    #[test]
    fn prefix_that_leads_nowhere_is_not_passed_over() {
        let folder = including("/srv/nginx/site.conf").folder("deploy");
        folder.run(["nginx.conf", "--prefix", "/srv/nginx=deploy"]).expect(1);
    }

    #[test]
    fn usual_folder_is_the_one_of_the_main_file() {
        let folder = including("/etc/nginx/conf.d/*.conf").file("conf.d/site.conf", FAULTY);
        assert_eq!(faulty(&folder, "nginx.conf"), ["conf.d/site.conf"]);
    }

    #[test]
    fn malformed_prefix_is_refused() {
        let folder = including("a.conf");
        for prefix in ["/etc", "=", "=deploy", "/etc=", "etc=deploy", "./etc=deploy", ""] {
            let outcome = folder.run(["nginx.conf", "--prefix", prefix]).expect(2);
            outcome.complains_about(&["--prefix"]);
        }
    }
}

mod options {
    use super::{FAULTY, Folder, SOUND, fs, whole, with_info};

    fn faulty() -> Folder {
        Folder::with("site.conf", FAULTY)
    }

    #[test]
    fn help() {
        let outcome = Folder::new().run(["--help"]).expect(0);
        insta::assert_snapshot!("help", outcome.stdout);
    }

    #[test]
    fn version() {
        let outcome = Folder::new().run(["--version"]).expect(0);
        assert_eq!(outcome.stdout, concat!("wslint ", env!("CARGO_PKG_VERSION"), "\n"));
    }

    #[test]
    fn unknown_option_is_refused() {
        let folder = faulty();
        folder.run(["--formt", "json"]).expect(2).complains_about(&["--formt", "--format"]);
        for options in
            [&["--bogus"][..], &["-x"], &["check", "--bogus"], &["parse", "--bogus", "a"]]
        {
            let outcome = folder.run(options).expect(2);
            assert_eq!(outcome.stdout, "");
        }
    }

    #[test]
    fn values_are_checked() {
        let folder = faulty();
        for (option, value) in [
            ("--format", "xml"),
            ("--output-format", "xml"),
            ("--severity", "fatal"),
            ("--fail-on", "never"),
            ("--color", "sometimes"),
        ] {
            folder.run(["site.conf", option, value]).expect(2).complains_about(&[value]);
        }
    }

    #[test]
    fn format_has_an_alias() {
        let folder = faulty();
        for format in ["full", "concise", "json", "json-lines"] {
            let named = folder.run(["site.conf", "--format", format]).expect(1);
            let alias = folder.run(["site.conf", "--output-format", format]).expect(1);
            assert_eq!(named.stdout, alias.stdout);
        }
        let default = folder.run(["site.conf"]).expect(1);
        assert_eq!(default.stdout, folder.run_in_format("full", ["site.conf"]).stdout);
    }

    #[test]
    fn check_is_the_default() {
        let folder = faulty();
        for arguments in [&["site.conf"][..], &[], &["--format", "json", "."], &["gone"]] {
            let short = folder.run(arguments);
            let long = folder.run(["check"].iter().chain(arguments));
            assert_eq!((short.status, short.stdout), (long.status, long.stdout));
        }
    }

    #[test]
    fn rules_are_selected_by_name_category_or_all() {
        let folder = faulty();
        for (options, expected) in [
            ("--select connection-not-forwarded", 1),
            ("--select handshake", 1),
            ("--select all", 1),
            ("--select map,upstream", 0),
            ("--select map,handshake", 1),
            ("--select map --select handshake", 1),
            ("--ignore map", 1),
            ("--ignore connection-not-forwarded", 0),
            ("--ignore handshake", 0),
            ("--ignore all", 0),
            ("--select all --ignore handshake", 0),
        ] {
            let lines = folder.concise(["site.conf"].into_iter().chain(options.split(' ')));
            assert_eq!(lines.len(), expected, "{options}: {lines:?}");
        }
    }

    #[test]
    fn unknown_rule_is_refused_with_the_nearest_one() {
        let folder = faulty();
        for arguments in [
            &["--select", "map-syntx", "site.conf"][..],
            &["--ignore", "map,map-syntx", "site.conf"],
            &["explain", "map-syntx"],
        ] {
            let outcome = folder.run(arguments).expect(2);
            outcome.complains_about(&["`map-syntx`", "did you mean `map-syntax`?"]);
            assert_eq!(outcome.stdout, "");
        }
        let outcome = folder.run(["explain", "qqq"]).expect(2);
        outcome.complains_about(&["`qqq`"]);
        assert!(!outcome.stderr.contains("did you mean"), "{outcome:?}");
        for name in ["", ",", "MAP"] {
            folder.run(["--select", name, "site.conf"]).expect(2);
        }
    }

    #[test]
    fn word_that_is_neither_file_nor_command_is_said_to_be_none() {
        let folder = Folder::new();
        folder.run(["chek"]).expect(2).complains_about(&["`chek`", "did you mean `check`?"]);
        folder.run(["nothing"]).expect(2).complains_about(&["no file or command", "`nothing`"]);
    }

    #[test]
    fn nginx_version_is_three_numbers() {
        let folder = faulty();
        for version in ["1.22.1", "1.31.5", "1.9.15", "0.8.54"] {
            folder.run(["site.conf", "--nginx-version", version]).expect(1);
            let document = folder.json(["site.conf", "--nginx-version", version]);
            assert_eq!(document.nginx_version.as_deref(), Some(version));
        }
        let document = folder.json(["site.conf", "--nginx-version", "1.22"]);
        assert_eq!(document.nginx_version.as_deref(), Some("1.22.0"));
        for version in [
            "",
            "x",
            "1",
            "1.2.x",
            "v1.2.3",
            "1.2.3.4",
            "1..3",
            "1.2.-3",
            "1,2,3",
            "1.2.99999999999",
        ] {
            let option = format!("--nginx-version={version}");
            let outcome = folder.run(["site.conf", &option]).expect(2);
            outcome.complains_about(&["--nginx-version"]);
        }
    }

    #[test]
    fn nginx_version_leaves_out_what_does_not_hold_for_it() {
        let text = whole(&SOUND.replace("proxy_http_version 1.1;", ""));
        let folder = Folder::with("site.conf", text);
        let count = |version| folder.concise(["site.conf", "--nginx-version", version]).len();
        assert_eq!((count("1.29.6"), count("1.29.7")), (1, 0));
    }

    #[test]
    fn report_goes_to_a_file() {
        let folder = faulty();
        for format in ["full", "concise", "json", "json-lines"] {
            let printed = folder.run_in_format(format, ["site.conf"]).expect(1);
            let written =
                folder.run_in_format(format, ["site.conf", "--output-file", "r"]).expect(1);
            assert_eq!(written.stdout, "");
            assert_eq!(fs::read_to_string(folder.path("r")).unwrap(), printed.stdout);
        }
    }

    #[test]
    fn report_that_cannot_be_written_is_trouble() {
        let folder = faulty().folder("taken");
        for path in ["gone/report", "taken", "site.conf/report"] {
            let outcome = folder.run(["site.conf", "--output-file", path]).expect(2);
            outcome.complains_about(&[path]);
        }
    }

    #[test]
    fn quiet_prints_findings_only() {
        let folder = faulty().file("sound.conf", SOUND);
        assert_eq!(folder.run(["sound.conf", "--quiet"]).expect(0).stdout, "");
        let outcome = folder.run(["site.conf", "-q"]).expect(1);
        assert!(outcome.stdout.contains("connection-not-forwarded"));
        assert!(!outcome.stdout.contains("1 error in"), "{outcome:?}");
        let quiet = folder.run_in_format("json", ["site.conf", "--quiet"]);
        assert_eq!(quiet.stdout, folder.run_in_format("json", ["site.conf"]).stdout);
    }

    #[test]
    fn statistics_count_the_findings_of_each_rule() {
        let folder = Folder::with("site.conf", FAULTY.repeat(11));
        for format in ["full", "concise"] {
            let outcome = folder.run_in_format(format, ["site.conf", "--statistics"]).expect(1);
            let line =
                outcome.stdout.lines().find(|line| line.ends_with("  connection-not-forwarded"));
            assert_eq!(line, Some("11  connection-not-forwarded"));
        }
        let plain = folder.run_in_format("json", ["site.conf"]);
        let counted = folder.run_in_format("json", ["site.conf", "--statistics"]);
        assert_eq!(plain.stdout, counted.stdout);
    }

    #[test]
    fn configuration_file_can_be_left_out() {
        faulty().run(["site.conf", "--no-config"]).expect(1);
    }

    #[test]
    fn summary_tells_how_much_was_looked_at() {
        let folder = Folder::with("nginx.conf", whole("include a.conf;")).file("a.conf", SOUND);
        assert_eq!(folder.run([""; 0]).expect(0).stdout, "No problems in 2 files.\n");
        let folder = folder.file("info.conf", with_info());
        let outcome = folder.run(["info.conf", "--severity", "info"]).expect(0);
        assert!(outcome.stdout.contains(" in 1 file."), "{outcome:?}");
    }
}

mod colour {
    use super::{FAULTY, Folder, finish};

    /// Whether the report is coloured; it does not go to a terminal.
    fn is_coloured(options: &[&str], environment: &[(&str, &str)]) -> bool {
        let folder = Folder::with("site.conf", FAULTY);
        let mut command = folder.command(["site.conf"]);
        command.args(options).envs(environment.iter().copied());
        let outcome = finish(command, b"").expect(1);
        outcome.stdout.contains('\x1b')
    }

    #[test]
    fn only_terminals_get_it_unasked() {
        assert!(!is_coloured(&[], &[]));
        assert!(!is_coloured(&["--color", "auto"], &[]));
    }

    #[test]
    fn option_comes_first() {
        assert!(is_coloured(&["--color", "always"], &[]));
        assert!(is_coloured(&["--color", "always"], &[("NO_COLOR", "1")]));
        assert!(is_coloured(&["--color=always"], &[("TERM", "dumb")]));
        assert!(!is_coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
        assert!(!is_coloured(&["--color", "never"], &[("FORCE_COLOR", "1")]));
    }

    #[test]
    fn then_no_color() {
        for force in ["CLICOLOR_FORCE", "FORCE_COLOR"] {
            assert!(!is_coloured(&[], &[("NO_COLOR", "1"), (force, "1")]));
            assert!(!is_coloured(&[], &[("NO_COLOR", "0"), (force, "1")]));
            assert!(is_coloured(&[], &[("NO_COLOR", ""), (force, "1")]));
        }
    }

    #[test]
    fn then_force() {
        for force in ["CLICOLOR_FORCE", "FORCE_COLOR"] {
            assert!(is_coloured(&[], &[(force, "1")]));
            assert!(is_coloured(&["--color", "auto"], &[(force, "1")]));
            assert!(!is_coloured(&[], &[(force, "0")]));
            assert!(!is_coloured(&[], &[(force, "")]));
        }
    }

    #[test]
    fn programs_get_none() {
        for format in ["json", "json-lines"] {
            assert!(!is_coloured(&["--color", "always", "--format", format], &[]));
        }
    }
}

mod other_commands {
    use std::path::Path;

    use super::{Folder, fs};

    fn rule_names() -> Vec<String> {
        let listed = Folder::new().run(["rules"]).expect(0).stdout;
        listed.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn rules_are_listed() {
        let outcome = Folder::new().run(["rules", "--format", "json"]).expect(0);
        let rules: Vec<serde_json::Value> = serde_json::from_str(&outcome.stdout).unwrap();
        let names: Vec<_> = rules.iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
        assert_eq!(names, rule_names());
        for rule in &rules {
            for field in ["rule", "category", "severity", "effect", "summary", "url"] {
                assert!(rule[field].as_str().is_some_and(|it| !it.is_empty()), "{field} of {rule}");
            }
        }
        Folder::new().run(["rules", "--format", "xml"]).expect(2);
    }

    #[test]
    fn every_rule_and_category_can_be_selected() {
        let folder = Folder::with("empty.conf", "");
        let listed = folder.run(["rules", "--format", "json"]).expect(0).stdout;
        let rules: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
        for field in ["rule", "category"] {
            let names: Vec<_> = rules.iter().map(|rule| rule[field].as_str().unwrap()).collect();
            folder.run(["empty.conf", "--select", &names.join(",")]).expect(0);
        }
    }

    #[test]
    fn explain_prints_the_page_of_the_documentation() {
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
        for name in rule_names() {
            let printed = Folder::new().run(["explain", &name]).expect(0).stdout;
            let page = fs::read_to_string(pages.join(format!("{name}.md"))).unwrap();
            assert_eq!(printed, page);
        }
        Folder::new().run(["explain"]).expect(2);
    }

    #[test]
    fn completions_know_options_and_commands() {
        for shell in ["bash", "zsh", "fish"] {
            let outcome = Folder::new().run(["completions", shell]).expect(0);
            for word in ["wslint", "fail-on", "explain"] {
                assert!(outcome.stdout.contains(word), "{shell}: {word}");
            }
        }
        Folder::new().run(["completions", "dos"]).expect(2).complains_about(&["dos"]);
    }
}

mod closed_standard_output {
    use super::{BufRead, BufReader, FAULTY, Folder, Read, SOUND, Stdio, wait};

    /// The status and standard error of a run whose reader leaves after the first line.
    fn leave_after_the_first_line(folder: &Folder, arguments: &[&str]) -> (i32, String) {
        let mut command = folder.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut complaint = String::new();
        child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        (wait(&mut child).code().unwrap(), complaint)
    }

    #[test]
    fn it_does_not_change_the_verdict() {
        let folder = Folder::with("site.conf", FAULTY.repeat(3_000));
        for format in ["full", "concise", "json", "json-lines"] {
            let (status, complaint) =
                leave_after_the_first_line(&folder, &["site.conf", "--format", format]);
            assert_eq!((status, complaint.as_str()), (1, ""), "{format}");
        }
        let arguments = ["site.conf", "--format", "json", "--exit-zero"];
        assert_eq!(leave_after_the_first_line(&folder, &arguments), (0, String::new()));
    }

    #[test]
    fn it_is_no_trouble_for_other_commands() {
        let folder = Folder::with("site.conf", SOUND.repeat(5_000));
        for arguments in [
            &["parse", "site.conf", "--indent", "2"][..],
            &["completions", "zsh"],
            &["rules", "--format", "json"],
            &["explain", "map-syntax"],
            &["--help"],
        ] {
            let outcome = leave_after_the_first_line(&folder, arguments);
            assert_eq!(outcome, (0, String::new()), "{arguments:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn full_disk_is_trouble() {
        let folder = Folder::with("site.conf", FAULTY);
        for arguments in [&["site.conf"][..], &["parse", "site.conf"], &["rules"]] {
            let full = std::fs::File::create("/dev/full").unwrap();
            let mut command = folder.command(arguments);
            let mut child = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
            let mut complaint = String::new();
            child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
            assert_eq!(wait(&mut child).code(), Some(2), "{arguments:?}");
            assert!(complaint.starts_with("wslint: "), "{complaint}");
        }
    }
}

mod machine_formats {
    use super::{
        Diagnostic, Document, FAULTY, Folder, Position, SOUND, Severity, Span, whole, with_info,
        with_warning,
    };

    /// Files with findings of all severities, with and without fixes, help and versions.
    const FILES: [&str; 5] = ["error.conf", "info.conf", "old.conf", "syntax.conf", "warning.conf"];

    fn folder() -> Folder {
        // Characters of one to four bytes stand before the places.
        let syntax =
            "# é 設 😀\nserver { location /é設😀 { proxy_pass ws://127.0.0.1:1; } listen 80 }\n";
        Folder::with("error.conf", whole(FAULTY))
            .file("warning.conf", with_warning())
            .file("info.conf", with_info())
            .file("old.conf", whole(&SOUND.replace("proxy_http_version 1.1;", "")))
            .file("syntax.conf", syntax)
    }

    fn arguments() -> impl Iterator<Item = &'static str> + Clone {
        FILES.into_iter().chain(["--severity", "info"])
    }

    #[test]
    fn document_has_the_promised_shape() {
        let outcome = folder().run_in_format("json", arguments()).expect(1);
        let document: Document = serde_json::from_str(&outcome.stdout).unwrap();
        let again = serde_json::to_string_pretty(&document).unwrap() + "\n";
        assert_eq!(outcome.stdout, again, "the fields stand in the promised order");
        assert_eq!(document.version, 1);
        assert_eq!(document.tool.name, "wslint");
        assert_eq!(document.tool.version, env!("CARGO_PKG_VERSION"));
        assert_eq!(document.nginx_version, None);
        for diagnostic in &document.diagnostics {
            let page = format!("/docs/rules/{}.md", diagnostic.rule);
            assert!(diagnostic.url.ends_with(&page), "{diagnostic:#?}");
        }
    }

    #[test]
    fn summary_counts_the_diagnostics() {
        let Document { diagnostics, summary, .. } = folder().json(arguments());
        let count =
            |is: &dyn Fn(&Diagnostic) -> bool| diagnostics.iter().filter(|it| is(it)).count();
        assert_eq!(summary.files, FILES.len());
        assert_eq!(summary.errors, count(&|it| it.severity == Severity::Error));
        assert_eq!(summary.warnings, count(&|it| it.severity == Severity::Warning));
        assert_eq!(summary.infos, count(&|it| it.severity == Severity::Info));
        let fixable = |applicability| {
            count(&|it| it.fix.as_ref().is_some_and(|fix| fix.applicability == applicability))
        };
        assert_eq!(summary.fixable, fixable(super::Applicability::Safe));
        assert_eq!(summary.unsafe_fixable, fixable(super::Applicability::Unsafe));
        assert!(summary.errors > 1 && summary.warnings > 0 && summary.infos > 0, "{summary:?}");
    }

    #[test]
    fn diagnostics_are_sorted_by_file_offset_and_rule() {
        let diagnostics = folder().json(arguments()).diagnostics;
        let keys: Vec<_> =
            diagnostics.iter().map(|it| (&it.file, it.span.start.offset, &it.rule)).collect();
        assert!(keys.is_sorted(), "{keys:?}");
    }

    #[test]
    fn spans_fit_the_text() {
        let folder = folder();
        for diagnostic in folder.json(arguments()).diagnostics {
            let labels = diagnostic.labels.iter().map(|label| (&label.file, label.span));
            let edits = diagnostic.fix.iter().flat_map(|fix| &fix.edits);
            let edits = edits.map(|edit| (&edit.file, edit.span));
            for (file, span) in labels.chain(edits).chain([(&diagnostic.file, diagnostic.span)]) {
                let text = std::fs::read_to_string(folder.path(file)).unwrap();
                let Span { start, end } = span;
                assert!(start.offset <= end.offset && end.offset <= text.len(), "{span:?}");
                assert_eq!(
                    (start, end),
                    (position(&text, start.offset), position(&text, end.offset))
                );
            }
        }
    }

    /// Line and column of a byte, counted the slow way.
    fn position(text: &str, offset: usize) -> Position {
        let before = &text[..offset];
        let line = before.rsplit('\n').next().unwrap();
        Position {
            offset,
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
        }
    }

    #[test]
    fn end_of_a_span_is_exclusive() {
        let text = "server { location /ws { proxy_pass ws://127.0.0.1:1; } }\n";
        let folder = Folder::with("site.conf", text);
        let document = folder.json(["site.conf", "--select", "proxy-pass-ws-scheme"]);
        let Span { start, end } = document.diagnostics[0].span;
        let marked = &text[start.offset..end.offset];
        assert!(matches!(marked, "ws" | "ws://" | "ws://127.0.0.1:1"), "{marked}");
    }

    #[test]
    fn lines_hold_the_diagnostics_of_the_document() {
        let folder = folder();
        let lines = folder.run_in_format("json-lines", arguments()).expect(1).stdout;
        let diagnostics: Vec<Diagnostic> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let again = diagnostics.iter().map(|it| serde_json::to_string(it).unwrap() + "\n");
        assert_eq!(lines, again.collect::<String>());
        assert_eq!(diagnostics, folder.json(arguments()).diagnostics);
    }

    #[test]
    fn nothing_found_is_a_document_too() {
        let folder = Folder::with("site.conf", SOUND);
        let document = folder.json(["site.conf"]);
        assert_eq!(document.diagnostics, []);
        assert_eq!(document.summary.files, 1);
        assert_eq!(folder.run_in_format("json-lines", ["site.conf"]).expect(0).stdout, "");
    }

    #[test]
    fn concise_lines_have_one_form() {
        let folder = folder();
        let lines = folder.concise(arguments());
        assert_eq!(lines.len(), folder.json(arguments()).diagnostics.len());
        for line in lines {
            assert!(is_concise(&line), "{line}");
        }
    }

    /// Whether a line is `file:line:column: severity[rule] message`.
    fn is_concise(line: &str) -> bool {
        let number = |text: &str| text.parse::<u32>().is_ok_and(|number| number > 0);
        let (Some((place, rest)), true) = (line.split_once(": "), line.trim() == line) else {
            return false;
        };
        let mut place = place.rsplitn(3, ':');
        let (Some(column), Some(line), Some(file)) = (place.next(), place.next(), place.next())
        else {
            return false;
        };
        let Some((severity, rest)) = rest.split_once('[') else { return false };
        let Some((rule, message)) = rest.split_once("] ") else { return false };
        number(column)
            && number(line)
            && FILES.contains(&file)
            && ["error", "warning", "info"].contains(&severity)
            && rule.bytes().all(|byte| byte.is_ascii_lowercase() || b"-0123456789".contains(&byte))
            && !message.is_empty()
    }

    #[test]
    fn same_input_gives_the_same_bytes() {
        let folder = folder();
        for format in ["full", "concise", "json", "json-lines"] {
            let first = folder.run_in_format(format, arguments()).stdout;
            assert_eq!(first, folder.run_in_format(format, arguments()).stdout);
            let reversed = FILES.into_iter().rev().chain(["--severity", "info"]);
            assert_eq!(first, folder.run_in_format(format, reversed).stdout, "{format}");
        }
    }
}

mod parse_command {
    use serde_json::{Value, json};

    use super::{Folder, whole};

    fn folder() -> Folder {
        Folder::with("nginx.conf", whole("include a.conf; # all"))
            .file("a.conf", "server { listen 80; }\n")
    }

    fn payload(folder: &Folder, options: &str, status: i32) -> Value {
        let outcome = folder.run(["parse"].into_iter().chain(options.split(' ')));
        assert_eq!(outcome.status, status, "{outcome:#?}");
        serde_json::from_str(&outcome.stdout).unwrap()
    }

    #[test]
    fn payload_is_that_of_crossplane() {
        let server = json!({"directive": "server", "line": 1, "args": [], "block": [
            {"directive": "listen", "line": 1, "args": ["80"]}]});
        let http = json!({"directive": "http", "line": 2, "args": [], "block": [
            {"directive": "include", "line": 3, "args": ["a.conf"], "includes": [1]}]});
        let events = json!({"directive": "events", "line": 1, "args": [], "block": []});
        assert_eq!(
            payload(&folder(), "nginx.conf", 0),
            json!({"status": "ok", "errors": [], "config": [
                {"file": "nginx.conf", "status": "ok", "errors": [], "parsed": [events, http]},
                {"file": "a.conf", "status": "ok", "errors": [], "parsed": [server]}]})
        );
    }

    #[test]
    fn syntax_error_fails_with_its_line() {
        let folder = Folder::with("a.conf", "events {}\nhttp {\n");
        let payload = payload(&folder, "a.conf", 1);
        assert_eq!(payload["status"], "failed");
        assert_eq!(payload["config"][0]["status"], "failed");
        assert_eq!(payload["errors"][0]["file"], "a.conf");
        assert!(payload["errors"][0]["line"].is_u64());
    }

    #[test]
    fn file_that_cannot_be_read_is_not_ok() {
        let folder = folder();
        assert_eq!(payload(&folder, "gone.conf", 2)["status"], "failed");
        let payload = payload(&folder, "gone.conf a.conf", 2);
        assert_eq!(payload["status"], "failed");
        assert!(payload.to_string().contains("\"listen\""), "the other file is there");
    }

    #[test]
    fn missing_include_fails() {
        let folder = Folder::with("nginx.conf", whole("include gone.conf;"));
        let payload = payload(&folder, "nginx.conf", 1);
        assert_eq!(payload["status"], "failed");
        assert_eq!(payload["errors"][0]["line"], 3);
    }

    #[test]
    fn comments_are_kept_on_demand() {
        let folder = folder();
        assert!(!payload(&folder, "nginx.conf", 0).to_string().contains(" all"));
        for option in ["--comments", "--include-comments"] {
            let payload = payload(&folder, &format!("nginx.conf {option}"), 0);
            let comment = &payload["config"][0]["parsed"][1]["block"][1];
            assert_eq!(comment["directive"], "#");
            assert_eq!(comment["comment"], " all");
        }
    }

    #[test]
    fn combine_puts_all_into_one_file() {
        let payload = payload(&folder(), "nginx.conf --combine", 0);
        assert_eq!(payload["config"].as_array().unwrap().len(), 1);
        let server = &payload["config"][0]["parsed"][1]["block"][0];
        assert_eq!((&server["directive"], &server["file"]), (&json!("server"), &json!("a.conf")));
    }

    #[test]
    fn includes_can_be_left_alone() {
        for option in ["--no-includes", "--single-file"] {
            let payload = payload(&folder(), &format!("nginx.conf {option}"), 0);
            assert_eq!(payload["config"].as_array().unwrap().len(), 1);
            assert_eq!(payload["config"][0]["parsed"][1]["block"][0]["directive"], "include");
        }
        let folder = Folder::with("nginx.conf", whole("include gone.conf;"));
        payload(&folder, "nginx.conf --no-includes", 0);
    }

    #[test]
    fn indent_changes_the_layout_only() {
        let folder = folder();
        let flat = folder.run(["parse", "nginx.conf"]).expect(0).stdout;
        assert_eq!(flat.lines().count(), 1);
        let indented = folder.run(["parse", "nginx.conf", "--indent", "3"]).expect(0).stdout;
        assert!(indented.starts_with("{\n   \"status\": \"ok\",\n"), "{indented}");
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(value(&flat), value(&indented));
        folder.run(["parse", "nginx.conf", "--indent", "x"]).expect(2);
    }

    #[test]
    fn several_files_are_numbered_through() {
        let payload = payload(&folder(), "a.conf nginx.conf", 0);
        let files: Vec<_> =
            payload["config"].as_array().unwrap().iter().map(|it| &it["file"]).collect();
        assert_eq!(files, ["a.conf", "nginx.conf", "a.conf"]);
        assert_eq!(payload["config"][1]["parsed"][1]["block"][0]["includes"], json!([2]));
    }

    #[test]
    fn path_is_required() {
        folder().run(["parse"]).expect(2).complains_about(&["PATH"]);
    }
}
