//! The data, and how it is read.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wslint_grammar::catalogue::Version;
use wslint_model::assumptions::Assumptions;
use wslint_model::handshake::{Client, Question};
use wslint_model::load::{LoadOptions, load};
use wslint_model::resolve::Configuration;
use wslint_rules::check::check;
use wslint_rules::finding::{Effect, Finding, Severity};
use wslint_rules::rules;

/// The versions of nginx that were asked.
pub(crate) const VERSIONS: [(&str, Version); 2] =
    [("1.22.1", Version::new(1, 22, 1)), ("1.31.5", Version::new(1, 31, 5))];

/// The folder with the data, if it lies beside the project.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared");
    if folder.join("oracle").is_dir() && folder.join("corpus").is_dir() {
        return Some(folder);
    }
    eprintln!(
        "skipped: there is no folder `shared` with an oracle and a corpus beside the project"
    );
    None
}

/// The values of a file that has one a line.
pub(crate) fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("the data is text");
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// A text of a value.
pub(crate) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name} in {value}"))
}

/// The members of a list.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or_else(|| panic!("no list: {value}"), Vec::as_slice)
}

/// A generated configuration, written into a folder of its own below `folder`.
pub(crate) fn write_case(case: &Value, folder: &Path) -> Configuration {
    let here = folder.join(case["id"].to_string().replace('"', ""));
    for (name, text) in case["files"].as_object().expect("a case has files") {
        let path = here.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let text = text.as_str().expect("a text");
        let text = text.replace("@LISTEN@", "8080").replace("@BACKEND@", "9090");
        fs::write(path, text.replace("@PREFIX@", &here.to_string_lossy())).expect("a file");
    }
    let loaded = load(&here.join("nginx.conf"), &LoadOptions::default()).expect("a file");
    Configuration::resolve(loaded)
}

/// Chrome's handshake for a URL; `None` when there is no such URL.
pub(crate) fn handshake(url: &str, nginx_version: Version) -> Option<Question> {
    Some(Question {
        url: url.parse().ok()?,
        client: Client::Chrome,
        fields: Vec::new(),
        address: None,
        proxy_protocol: false,
        nginx_version,
    })
}

/// The URL of a route of a generated configuration.
pub(crate) fn case_url(route: &Value) -> String {
    format!("ws://{}:8080{}", text(route, "host"), text(route, "uri"))
}

/// The URL of a route of a real configuration.
pub(crate) fn real_url(route: &Value) -> String {
    let (scheme, host) = (text(route, "scheme"), text(route, "host"));
    format!("{scheme}://{host}:{}{}", route["port"], text(route, "uri"))
}

/// The findings that say that nginx does not start.
pub(crate) fn not_loaded(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| {
        finding.effect == Effect::NotLoaded && finding.severity == Severity::Error
    })
}

/// Whether wslint says that nginx does not start.
pub(crate) fn is_refused(configuration: &Configuration, version: Version) -> bool {
    let assumptions = Assumptions::for_version(Some(version));
    not_loaded(&check(configuration, rules::ALL, &assumptions)).next().is_some()
}
