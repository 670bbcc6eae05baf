//! Finds the installed nginx, and others, and what each was built with.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, OnceLock};
use std::{env, fs, thread};

use super::files::{entries, name};
use super::nginx::Nginx;

/// The variable that names another nginx than the installed one.
const PROGRAM: &str = "WSLINT_NGINX";

/// The variable that names a directory with further nginxes, `nginx-*`.
const DIRECTORY: &str = "WSLINT_NGINX_DIR";

static ALL: LazyLock<Vec<Installed>> = LazyLock::new(find_all);

thread_local! {
    /// The nginx of the run that this thread belongs to, of several.
    static CURRENT: Cell<Option<&'static Installed>> = const { Cell::new(None) };
}

/// An nginx version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// Parses what `nginx -v` prints, also of the servers made from nginx.
    pub fn parse(printed: &str) -> Option<Self> {
        let (_, rest) = printed.split_once('/')?;
        let digits = rest.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
        let mut numbers = digits.split('.').map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Self(next()?, next()?, next()?))
    }
}

/// An nginx that tests run.
#[derive(Debug)]
pub struct Installed {
    /// The executable file.
    pub program: PathBuf,
    /// The version it says it is.
    pub version: Version,
    /// What `nginx -V` prints.
    pub configure_arguments: String,
    stream_module: OnceLock<Option<String>>,
}

impl Installed {
    /// The nginx that tests on this thread run, if there is one.
    pub fn get() -> Option<&'static Self> {
        CURRENT.get().or_else(|| ALL.first())
    }

    /// The nginx that tests on this thread run.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn expect() -> &'static Self {
        Self::get().expect("nginx is not installed")
    }

    /// Calls `run`, during which [`get`](Self::get) gives this nginx on this thread.
    pub fn during<T>(&'static self, run: impl FnOnce() -> T) -> T {
        let before = CURRENT.replace(Some(self));
        let result = run();
        CURRENT.set(before);
        result
    }

    /// The file of the stream module, when nginx was built to load it and has it.
    pub fn stream_module(&self) -> Option<&str> {
        self.stream_module.get_or_init(|| self.find_stream_module()).as_deref()
    }

    fn of(program: PathBuf) -> Option<Self> {
        let output = Command::new(&program).arg("-V").output().ok()?;
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        Some(Self {
            program,
            version: Version::parse(&printed)?,
            configure_arguments: printed,
            stream_module: OnceLock::new(),
        })
    }

    /// Looks in `PROGRAM.modules`, then where nginx was built to have its modules, which may hold
    /// those of another version.
    fn find_stream_module(&self) -> Option<String> {
        if !self.configure_arguments.contains("--with-stream=dynamic") {
            return None;
        }
        let mut beside = self.program.clone().into_os_string();
        beside.push(".modules");
        let arguments = self.configure_arguments.split_whitespace();
        let built = arguments.filter_map(|it| it.strip_prefix("--modules-path=")).map(Path::new);
        [Path::new(&beside)]
            .into_iter()
            .chain(built)
            .map(|directory| directory.join("ngx_stream_module.so"))
            .filter(|file| file.is_file())
            .map(|file| file.display().to_string())
            .find(|file| self.loads(file))
    }

    /// Whether this nginx starts with a module.
    fn loads(&self, file: &str) -> bool {
        let prefix = tempfile::tempdir().expect("a directory");
        let main = prefix.path().join("nginx.conf");
        fs::write(&main, format!("load_module {file}; pid nginx.pid; events {{}}\n"))
            .expect("a writable directory");
        let mut command = Command::new(&self.program);
        command.arg("-t").arg("-p").arg(prefix.path()).arg("-c").arg(&main);
        command.args(["-e", "stderr"]).output().is_ok_and(|output| output.status.success())
    }
}

/// Every nginx: the installed one, and those of `WSLINT_NGINX_DIR`.
pub fn all() -> &'static [Installed] {
    &ALL
}

/// Runs a test once for every nginx. Tests call it by [`on_every_nginx!`](crate::on_every_nginx).
///
/// `false` means that the caller is one of these runs.
///
/// # Panics
///
/// When the test fails, or is not the one that calls.
pub fn run_on_every<T: Fn()>(test: T) -> bool {
    if CURRENT.get().is_some() {
        return false;
    }
    let called = std::any::type_name::<T>();
    if let Some(running) = thread::current().name().filter(|name| *name != "main") {
        assert!(called.ends_with(running), "{running} names another test: {called}");
    }
    if Nginx::available_or_skip() {
        for nginx in all() {
            let Version(major, minor, patch) = nginx.version;
            println!("nginx {major}.{minor}.{patch}");
            nginx.during(&test);
        }
    }
    true
}

fn find_all() -> Vec<Installed> {
    let mut found: Vec<Installed> = find_program().and_then(Installed::of).into_iter().collect();
    if let Some(directory) = env::var_os(DIRECTORY).filter(|value| !value.is_empty()) {
        let is_nginx = |path: &PathBuf| name(path).starts_with("nginx-") && path.is_file();
        let named = entries(Path::new(&directory)).into_iter().filter(is_nginx);
        let before = found.len();
        found.extend(named.map(|path| {
            let shown = path.display().to_string();
            Installed::of(path).unwrap_or_else(|| panic!("{shown} is not an nginx that runs"))
        }));
        assert!(found.len() > before, "{DIRECTORY} names a directory without any nginx-*");
    }
    found
}

/// `WSLINT_NGINX`, else the first `nginx` in `PATH`, else where Debian puts it.
fn find_program() -> Option<PathBuf> {
    if let Some(program) = env::var_os(PROGRAM).filter(|value| !value.is_empty()) {
        return Some(program.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|directory| directory.join("nginx"))
        .chain([PathBuf::from("/usr/sbin/nginx")])
        .find(|program| program.is_file())
}
