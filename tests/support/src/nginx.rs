//! Runs the installed nginx: `nginx -t`, or a server for as long as a test needs.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, io, thread};

use tempfile::TempDir;

use super::directive::directives;
use super::fixture;
use super::folder::Folder;
use super::installed::{Installed, Version};
use super::listen::Listens;

/// How long nginx gets to open its sockets, or to check a configuration.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How often something awaited is looked at.
const PAUSE: Duration = Duration::from_millis(5);

/// How often nginx is started anew when a port was taken in the meantime.
const ATTEMPTS: usize = 8;

/// The folder of the configuration, below the one nginx runs in.
const CONF: &str = "conf";

/// What nginx says about a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Whether nginx accepts it.
    pub ok: bool,
    /// The first `[emerg]` message, without file and line; empty when accepted.
    pub message: String,
    /// The file named by the message, relative to the folder.
    pub file: Option<String>,
    /// The line named by the message.
    pub line: Option<u32>,
    /// The `[warn]` messages.
    pub warnings: Vec<String>,
}

/// A running nginx; dropping it ends the process.
#[derive(Debug)]
pub struct Nginx {
    /// Ends the server when it is dropped.
    _process: Process,
    listens: Listens,
    prefix: TempDir,
}

impl Nginx {
    /// Whether an nginx is installed.
    pub fn available() -> bool {
        Installed::get().is_some()
    }

    /// Whether a test that needs nginx can run. If not, says that it is
    /// skipped, or panics where `WSLINT_REQUIRE_NGINX` asks for nginx.
    pub fn available_or_skip() -> bool {
        let required = env::var("WSLINT_REQUIRE_NGINX").is_ok_and(|v| !matches!(&*v, "" | "0"));
        assert!(
            Self::available() || !required,
            "WSLINT_REQUIRE_NGINX is set, but nginx is not installed"
        );
        if !Self::available() {
            eprintln!("skipped: nginx is not installed");
        }
        Self::available()
    }

    /// The version of the installed nginx.
    pub fn version() -> Version {
        Installed::expect().version
    }

    /// Starts nginx on `folder`, made runnable (`fixture::runnable`) with `backend`.
    ///
    /// # Errors
    ///
    /// What nginx says, when it does not accept the configuration.
    ///
    /// # Panics
    ///
    /// When nginx is missing or does not come up for another reason.
    pub fn start(folder: &Folder, backend: SocketAddr) -> Result<Self, Check> {
        for _ in 0..ATTEMPTS {
            let prepared = Prepared::new(folder, backend).expect("a writable folder");
            let mut process = prepared.serve().expect("nginx runs");
            match prepared.wait(&mut process) {
                Ready::Listening => {
                    return Ok(Self {
                        _process: process,
                        listens: prepared.listens,
                        prefix: prepared.prefix,
                    });
                }
                Ready::PortTaken => {}
                Ready::Ended => return Err(prepared.read_check(false)),
            }
        }
        panic!("nginx found no free port in {ATTEMPTS} attempts");
    }

    /// Starts nginx on the folder that `make` gives for two free ports, as it is apart from
    /// `@PREFIX@`.
    ///
    /// # Errors
    ///
    /// What nginx says, when it does not accept the configuration.
    ///
    /// # Panics
    ///
    /// When nginx is missing or does not come up for another reason.
    pub fn start_verbatim(make: impl Fn([u16; 2]) -> Folder) -> Result<Self, Check> {
        for _ in 0..ATTEMPTS {
            let ports = free_ports().expect("free ports");
            let prepared =
                Prepared::write(&make(ports), Listens::default()).expect("a writable folder");
            let mut process = prepared.serve().expect("nginx runs");
            match prepared.wait(&mut process) {
                Ready::Listening => {
                    let Prepared { listens, prefix, .. } = prepared;
                    return Ok(Self { _process: process, listens, prefix });
                }
                Ready::PortTaken => {}
                Ready::Ended => return Err(prepared.read_check(false)),
            }
        }
        panic!("nginx found no free port in {ATTEMPTS} attempts");
    }

    /// Where the main file lies that nginx was started with.
    pub fn main_file(&self, folder: &Folder) -> PathBuf {
        self.prefix.path().join(CONF).join(&folder.main)
    }

    /// The first address nginx listens on.
    ///
    /// # Panics
    ///
    /// When the configuration has no server.
    pub fn address(&self) -> SocketAddr {
        self.listens.first().expect("a server that listens")
    }

    /// The address that stands for `port` in the configuration as written.
    pub fn address_for_port(&self, port: u16) -> Option<SocketAddr> {
        self.listens.for_port(port)
    }

    /// The error log so far.
    pub fn error_log(&self) -> String {
        let log = fs::read(self.prefix.path().join("error.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }
}

/// Two ports that nobody listens on right now.
fn free_ports() -> io::Result<[u16; 2]> {
    let first = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    let second = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    Ok([first.local_addr()?.port(), second.local_addr()?.port()])
}

/// Runs `nginx -t` on `folder`, made runnable (`fixture::runnable`).
///
/// # Panics
///
/// When nginx is missing or does not run.
pub fn check(folder: &Folder) -> Check {
    // Nothing connects to the backend in a check; the discard port stands for it.
    let backend = (Ipv4Addr::LOCALHOST, 9).into();
    let prepared = Prepared::new(folder, backend).expect("a writable folder");
    prepared.test()
}

/// Runs `nginx -t` on `folder` as it is, apart from `@PREFIX@`.
///
/// nginx then opens the files and ports it is configured or built with, which
/// may need root. Meant for what fails, or passes, before that.
///
/// # Panics
///
/// When nginx is missing or does not run.
pub fn check_verbatim(folder: &Folder) -> Check {
    let prepared = Prepared::write(folder, Listens::default()).expect("a writable folder");
    prepared.test()
}

/// Like [`check_verbatim`], and lets `look` see the main file where nginx reads it.
///
/// # Panics
///
/// When nginx is missing or does not run.
pub fn check_beside<T>(folder: &Folder, look: impl FnOnce(&Path) -> T) -> (Check, T) {
    let prepared = Prepared::write(folder, Listens::default()).expect("a writable folder");
    (prepared.test(), look(&prepared.main))
}

/// A folder on disk, ready for nginx.
struct Prepared {
    prefix: TempDir,
    main: PathBuf,
    listens: Listens,
    /// Whether the configuration says where the process identifier goes.
    has_pid: bool,
}

/// How starting nginx went.
enum Ready {
    Listening,
    PortTaken,
    Ended,
}

impl Prepared {
    fn new(folder: &Folder, backend: SocketAddr) -> io::Result<Self> {
        let (folder, listens) = fixture::runnable(folder, backend, Installed::expect())?;
        Self::write(&folder, listens)
    }

    fn write(folder: &Folder, listens: Listens) -> io::Result<Self> {
        let prefix = tempfile::Builder::new().prefix("nginx-").tempdir()?;
        let path = prefix.path().display().to_string();
        let conf = prefix.path().join(CONF);
        folder.map(|text| text.replace("@PREFIX@", &path)).write(&conf)?;
        make_accessible(prefix.path())?;
        Ok(Self {
            main: conf.join(&folder.main),
            prefix,
            listens,
            has_pid: folder
                .files
                .values()
                .flat_map(|text| directives(text))
                .any(|directive| directive.name() == "pid"),
        })
    }

    /// Runs nginx on the configuration, with further `arguments`.
    fn spawn(&self, arguments: &[&str], settings: &str) -> io::Result<Process> {
        let mut command = Command::new(&Installed::expect().program);
        command.arg("-p").arg(self.prefix.path());
        command.arg("-c").arg(&self.main);
        command.arg("-e").arg(self.error_log());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        // A file, for nothing reads a pipe while nginx runs.
        command.stderr(File::create(self.printed())?);
        command.args(arguments);
        if !settings.is_empty() {
            command.arg("-g").arg(settings);
        }
        command.spawn().map(Process)
    }

    /// Runs `nginx -t`.
    fn test(&self) -> Check {
        let settings = if self.has_pid {
            String::new()
        } else {
            // Or it would be the file of the nginx this system runs.
            self.pid_setting()
        };
        let mut process = self.spawn(&["-t"], &settings).expect("nginx runs");
        let deadline = Instant::now() + TIMEOUT;
        while Instant::now() < deadline {
            if let Some(status) = process.status() {
                return self.read_check(status.success());
            }
            thread::sleep(PAUSE);
        }
        panic!("nginx -t did not end within {TIMEOUT:?}");
    }

    /// Runs nginx as a server, in one process and the foreground.
    fn serve(&self) -> io::Result<Process> {
        let settings = format!("daemon off; master_process off; {}", self.pid_setting());
        self.spawn(&[], &settings)
    }

    fn pid_setting(&self) -> String {
        format!("pid {};", self.pid_file().display())
    }

    fn printed(&self) -> PathBuf {
        self.prefix.path().join("stderr")
    }

    fn error_log(&self) -> PathBuf {
        self.prefix.path().join("error.log")
    }

    fn pid_file(&self) -> PathBuf {
        self.prefix.path().join("nginx.pid")
    }

    /// Waits until nginx listens on every address, ends, or gives up a port.
    fn wait(&self, process: &mut Process) -> Ready {
        let deadline = Instant::now() + TIMEOUT;
        while Instant::now() < deadline {
            let log = fs::read(self.error_log()).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            if log.contains("bind() to") && log.contains("Address already in use") {
                return Ready::PortTaken;
            }
            if process.status().is_some() {
                return Ready::Ended;
            }
            // nginx writes its identifier once it listens on every address. To
            // connect would prove less: another process may have the port.
            if fs::metadata(self.pid_file()).is_ok_and(|file| file.len() > 0) {
                return Ready::Listening;
            }
            thread::sleep(PAUSE);
        }
        panic!("nginx did not listen within {TIMEOUT:?}");
    }

    /// Reads what nginx printed; `ok` is what its exit status says.
    fn read_check(&self, ok: bool) -> Check {
        let printed = fs::read(self.printed()).unwrap_or_default();
        let printed = String::from_utf8_lossy(&printed);
        let folder = format!("{}/", self.prefix.path().join(CONF).display());
        let printed = printed.replace(&folder, "");
        let mut messages = Vec::new();
        let mut warnings = Vec::new();
        for line in printed.split('\n') {
            if let Some(message) = line.strip_prefix("nginx: [emerg] ") {
                messages.push(message);
            } else if let Some(message) = line.strip_prefix("nginx: [warn] ") {
                warnings.push(message.to_owned());
            }
        }
        let whole = messages.first().copied().unwrap_or_default();
        let (message, place) = match whole.rsplit_once(" in ").map(|(m, p)| (m, parse_place(p))) {
            Some((message, Some(place))) => (message, Some(place)),
            _ => (whole, None),
        };
        let (file, line) = place.unzip();
        Check { ok, message: message.to_owned(), file, line, warnings }
    }
}

/// `FILE:LINE`
fn parse_place(text: &str) -> Option<(String, u32)> {
    let (file, line) = text.rsplit_once(':')?;
    Some((file.to_owned(), line.trim_end().parse().ok()?))
}

/// Lets any user read the folder and write into it: nginx run by root may hand
/// the work to another user.
#[cfg(unix)]
fn make_accessible(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    fs::set_permissions(folder, fs::Permissions::from_mode(0o777))
}

#[cfg(not(unix))]
fn make_accessible(_: &Path) -> io::Result<()> {
    Ok(())
}

/// An nginx process that does not outlive its owner.
#[derive(Debug)]
struct Process(Child);

impl Process {
    /// How the process ended, if it has.
    fn status(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().ok().flatten()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
