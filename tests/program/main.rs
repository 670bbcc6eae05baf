//! The command line from outside: what it checks, what it prints, and with which status it ends.
//!
//! Each test states what the program promises to somebody who only knows its help text. Every run
//! has a time limit, so that a hang fails instead of blocking.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{fs, thread};

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

/// What makes root a user like others, whom the permissions of files stop.
#[cfg(unix)]
const WITHOUT_POWER_OVER_FILES: [&str; 2] =
    ["--inh-caps=-dac_override,-dac_read_search", "--bounding-set=-dac_override,-dac_read_search"];

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

/// A location in which all is well, and about which there is no advice either.
const SOUND: &str = "server {
    location /ws {
        proxy_pass http://127.0.0.1:3000;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade websocket;
        proxy_set_header Connection upgrade;
        proxy_read_timeout 1h;
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

    /// Runs so that permissions count, for root too; `None` where nothing can bring that about.
    #[cfg(unix)]
    fn run_with_permissions<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Option<Outcome> {
        let plain = self.command(arguments);
        if !self.reads_everything(Command::new("cat")) {
            return Some(finish(plain, b""));
        }
        let held = || {
            let mut command = Command::new("setpriv");
            command.args(WITHOUT_POWER_OVER_FILES);
            command
        };
        let mut harmless = held();
        harmless.arg("true").stdout(Stdio::null()).stderr(Stdio::null());
        let mut reader = held();
        reader.arg("cat");
        if !harmless.status().is_ok_and(|it| it.success()) || self.reads_everything(reader) {
            eprintln!("skipped: permissions do not stop this user, and there is no setpriv");
            return None;
        }
        let mut command = held();
        command.arg(plain.get_program()).args(plain.get_args());
        command.current_dir(self.0.path()).stdin(Stdio::null());
        for name in ENVIRONMENT {
            command.env_remove(name);
        }
        Some(finish(command, b""))
    }

    /// Whether permissions do not stop a program that writes out a file.
    #[cfg(unix)]
    fn reads_everything(&self, mut reader: Command) -> bool {
        use std::os::unix::fs::PermissionsExt;
        let probe = self.path("probe");
        fs::write(&probe, "").unwrap();
        fs::set_permissions(&probe, fs::Permissions::from_mode(0o000)).unwrap();
        reader.arg(&probe).stdout(Stdio::null()).stderr(Stdio::null());
        let readable = reader.status().unwrap().success();
        fs::remove_file(probe).unwrap();
        readable
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

/// The JSON report as it is promised: these fields in this order, and no others.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    tool: Tool,
    nginx_version: Option<String>,
    diagnostics: Vec<Diagnostic>,
    /// With `--fix` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<Vec<Mended>>,
    summary: Summary,
}

#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Mended {
    round: usize,
    rule: String,
    message: String,
    file: String,
    span: Span,
    fix: Fix,
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

mod add_ignores;
mod closed_standard_output;
mod colour;
mod comments;
mod exit_status;
mod extreme_inputs;
mod fix;
mod folders;
mod includes;
mod machine_formats;
mod many_mistakes;
mod names_in_reports;
mod nginx_dump;
mod options;
mod other_commands;
mod parse_command;
mod readme;
mod real_nginx_dump;
mod routes;
mod settings_file;
mod standard_input;
mod trace;
#[cfg(unix)]
mod unreadable_paths;
mod unusual_text;
mod what_is_checked;
