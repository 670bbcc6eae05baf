//! Finds the installed nginx and what it was built with.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The variable that names another nginx than the installed one.
const PROGRAM: &str = "WSLINT_NGINX";

static INSTALLED: LazyLock<Option<Installed>> = LazyLock::new(Installed::find);

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

/// The nginx tests run.
#[derive(Debug)]
pub struct Installed {
    /// The executable file.
    pub program: PathBuf,
    /// The version it says it is.
    pub version: Version,
    /// The file of the stream module, when it has to be loaded.
    pub stream_module: Option<String>,
    /// What `nginx -V` prints.
    pub configure_arguments: String,
}

impl Installed {
    /// The installed nginx, if there is one that runs.
    pub fn get() -> Option<&'static Self> {
        INSTALLED.as_ref()
    }

    /// The installed nginx.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn expect() -> &'static Self {
        Self::get().expect("nginx is not installed")
    }

    fn find() -> Option<Self> {
        let program = find_program()?;
        let output = Command::new(&program).arg("-V").output().ok()?;
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        Some(Self {
            program,
            version: Version::parse(&printed)?,
            stream_module: stream_module(&printed),
            configure_arguments: printed,
        })
    }
}

/// `WSLINT_NGINX`, else the first `nginx` in `PATH`, else where Debian puts it.
fn find_program() -> Option<PathBuf> {
    if let Some(program) = env::var_os(PROGRAM).filter(|value| !value.is_empty()) {
        return Some(program.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join("nginx"))
        .chain([PathBuf::from("/usr/sbin/nginx")])
        .find(|program| program.is_file())
}

/// The stream module's file, when nginx was built to load it and has it.
fn stream_module(configure_arguments: &str) -> Option<String> {
    if !configure_arguments.contains("--with-stream=dynamic") {
        return None;
    }
    let (_, rest) = configure_arguments.split_once("--modules-path=")?;
    let folder = rest.split_whitespace().next()?;
    let file = Path::new(folder).join("ngx_stream_module.so");
    file.is_file().then(|| file.display().to_string())
}
