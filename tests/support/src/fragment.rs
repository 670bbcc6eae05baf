//! Wraps a fragment of a configuration in the blocks it needs around it.

use super::directive::Directive;

/// The contexts a file's directives may be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    /// A whole configuration, or nothing recognisable: left alone.
    Main,
    /// What belongs inside `http`.
    Http,
    /// What belongs inside `server`.
    Server,
    /// What belongs inside `location`.
    Location,
}

const MAIN: [&str; 4] = ["events", "http", "mail", "stream"];

const HTTP: [&str; 11] = [
    "geo",
    "include",
    "limit_conn_zone",
    "limit_req_zone",
    "log_format",
    "map",
    "proxy_cache_path",
    "server",
    "split_clients",
    "types",
    "upstream",
];

const SERVER: [&str; 6] = ["if", "listen", "location", "return", "rewrite", "server_name"];

const LOCATION: [&str; 1] = ["proxy_pass"];

impl Context {
    /// The outermost context that a top-level directive of the file asks for.
    pub(crate) fn of(directives: &[Directive]) -> Self {
        let any = |names: &[&str]| {
            let mut top = directives.iter().filter(|one| one.parent.is_none());
            top.any(|directive| names.contains(&directive.name()))
        };
        if any(&MAIN) {
            Self::Main
        } else if any(&HTTP) {
            Self::Http
        } else if any(&SERVER) {
            Self::Server
        } else if any(&LOCATION) {
            Self::Location
        } else {
            Self::Main
        }
    }
}

/// Wraps `text`, on its first line and after its last one.
///
/// `http` and `server` are what those blocks start with, if they are added.
pub(crate) fn wrap(text: &str, context: Context, http: &str, server: &str) -> String {
    // `events` goes last, so that the fragment may start with anything.
    match context {
        Context::Main => text.to_owned(),
        Context::Http => format!("http {{{http}{text}\n}}\nevents {{}}\n"),
        Context::Server => {
            format!("http {{{http}server {{{server}{text}\n}}}}\nevents {{}}\n")
        }
        Context::Location => {
            format!("http {{{http}server {{{server}location / {{ {text}\n}}}}}}\nevents {{}}\n")
        }
    }
}
