//! Makes a configuration as users write it runnable in a folder of its own.
//!
//! The substitutions, none of which moves a line:
//!
//! - A fragment gets the blocks it lacks ([`fragment`]).
//! - Every `listen` gets a free loopback address ([`Listens`]) and loses the
//!   parameters that ask for TLS, QUIC, HTTP/2 or the PROXY protocol.
//! - Every address in `proxy_pass` and its kin and in `server` inside
//!   `upstream`, and every value of `set` or `map` that is an address, becomes
//!   the backend's, unless it names a declared upstream ([`Addresses`]).
//! - Paths outside the folder are taken in or dropped: process files, logs,
//!   certificates, caches, and includes of `/etc/nginx`.
//!
//! Anything malformed stays as it is, for nginx to report.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::ops::Range;

use super::address::Addresses;
use super::directive::{Directive, directives};
use super::folder::Folder;
use super::fragment::{self, Context};
use super::installed::Installed;
use super::listen::Listens;

/// Where distributions put the main file.
const SYSTEM_FOLDER: &str = "/etc/nginx/";

/// Files distributions ship beside the main file. A fixture may include them
/// without bringing them along; they are empty then.
const SHIPPED_FILES: [&str; 2] = ["mime.types", "fastcgi_params"];

/// Directives that set up the process, or name files a fixture does not have.
const DROPPED: [&str; 18] = [
    "access_log",
    "client_body_temp_path",
    "daemon",
    "error_log",
    "fastcgi_temp_path",
    "lock_file",
    "master_process",
    "pid",
    "proxy_temp_path",
    "scgi_temp_path",
    "ssl",
    "ssl_certificate",
    "ssl_certificate_key",
    "ssl_client_certificate",
    "ssl_dhparam",
    "ssl_trusted_certificate",
    "user",
    "uwsgi_temp_path",
];

/// `listen` parameters for what the client does not speak, or for sockets that
/// the IPv4 stand-in of an address is not.
const DROPPED_LISTEN_PARAMETERS: [&str; 6] =
    ["http2", "ipv6only=off", "ipv6only=on", "proxy_protocol", "spdy", "ssl"];

/// Blocks whose entries are data, not directives.
const TABLES: [&str; 5] = ["charset_map", "geo", "map", "split_clients", "types"];

/// Modules that keep temporary files, by their directive's prefix.
const TEMP_PATHS: [&str; 5] = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/// Rewrites `folder` so that nginx runs it unprivileged and beside other tests.
///
/// Of the placeholders only `@PREFIX@` may be left in the result.
pub(crate) fn runnable(
    folder: &Folder,
    backend: SocketAddr,
    installed: &Installed,
) -> io::Result<(Folder, Listens)> {
    let parsed: Vec<Directive> = folder.files.values().flat_map(|t| directives(t)).collect();
    let mut rewriter = Rewriter {
        addresses: Addresses::new(backend, upstream_names(&parsed)),
        included_listen: included_listen(folder),
        installed,
        listens: Listens::default(),
    };
    let mut rewritten = folder.clone();
    for name in SHIPPED_FILES {
        if folder.files.values().any(|text| text.contains(name)) {
            rewritten.files.entry(name.to_owned()).or_default();
        }
    }
    // The main file goes first, so that the first address is that of its server.
    if let Some(text) = folder.files.get(&folder.main) {
        let text = rewriter.rewrite(text, Context::of(&directives(text)))?;
        rewritten.files.insert(folder.main.clone(), text);
    }
    for (path, text) in &folder.files {
        if *path != folder.main {
            let text = rewriter.rewrite(text, Context::Main)?;
            rewritten.files.insert(path.clone(), text);
        }
    }
    Ok((rewritten, rewriter.listens))
}

struct Rewriter<'a> {
    addresses: Addresses,
    /// Whether a file other than the main one has `listen` outside any block.
    included_listen: bool,
    installed: &'a Installed,
    listens: Listens,
}

/// What to put in place of a part of the text.
type Edit = (Range<usize>, String);

impl Rewriter<'_> {
    /// Rewrites one file and wraps it as `context` asks.
    fn rewrite(&mut self, text: &str, context: Context) -> io::Result<String> {
        let list = directives(text);
        let mut edits = Vec::new();
        for index in 0..list.len() {
            self.edit(text, &list, index, &mut edits)?;
        }
        let mut rewritten = apply(text, edits);
        let top = |name: &str| list.iter().any(|d| d.parent.is_none() && d.name() == name);
        let server = match context {
            Context::Server | Context::Location if !top("listen") => self.default_listen()?,
            _ => String::new(),
        };
        rewritten = fragment::wrap(&rewritten, context, &self.http_settings(), &server);
        if top("stream")
            && !top("load_module")
            && let Some(module) = self.installed.stream_module()
        {
            rewritten.insert_str(0, &format!("load_module {module}; "));
        }
        if rewritten.contains("@LISTEN@") {
            let socket = self.listens.default_socket()?;
            rewritten = rewritten.replace("@LISTEN@", &socket.to_string());
        }
        Ok(rewritten.replace("@BACKEND@", self.addresses.backend()))
    }

    /// Adds the edits the directive at `index` needs.
    fn edit(
        &mut self,
        text: &str,
        list: &[Directive],
        index: usize,
        edits: &mut Vec<Edit>,
    ) -> io::Result<()> {
        let directive = &list[index];
        let parent = directive.parent.map(|parent| list[parent].name());
        let after = directive.range.end..directive.range.end;
        let Some(first) = directive.arguments().first() else {
            match directive.name() {
                "http" if directive.is_block => edits.push((after, self.http_settings())),
                "server" if self.needs_listen(list, index) => {
                    edits.push((after, self.default_listen()?));
                }
                _ => {}
            }
            return Ok(());
        };
        let mut replace = |range: &Range<usize>, by: Option<String>| {
            edits.extend(by.map(|by| (range.clone(), by)));
        };
        match directive.name() {
            _ if parent == Some("map") => {
                replace(&first.range, self.addresses.in_value(&first.text));
            }
            _ if parent.is_some_and(|parent| TABLES.contains(&parent)) => {}
            "listen" if directive.has_argument("quic") => {
                replace(&directive.range, Some(blank(text, directive)));
            }
            "listen" => {
                let socket = self.listens.stand_in(&first.text)?;
                replace(&first.range, socket.map(|socket| socket.to_string()));
                for word in directive.arguments() {
                    if DROPPED_LISTEN_PARAMETERS.contains(&word.text.as_str()) {
                        replace(&word.range, Some(String::new()));
                    }
                }
            }
            "server" => replace(&first.range, self.addresses.in_server(&first.text)),
            "set" => {
                for value in directive.arguments().iter().skip(1) {
                    replace(&value.range, self.addresses.in_value(&value.text));
                }
            }
            "include" => {
                let inside = first.text.strip_prefix(SYSTEM_FOLDER);
                replace(&first.range, inside.map(str::to_owned));
            }
            "load_module" if first.text.ends_with("ngx_stream_module.so") => {
                replace(&first.range, self.installed.stream_module().map(str::to_owned));
            }
            name if name.ends_with("_cache_path") => {
                let cache = format!("@PREFIX@/cache-{}", directive.range.start);
                replace(&first.range, Some(cache));
            }
            name if name.ends_with("_pass") => {
                replace(&first.range, self.addresses.in_pass(&first.text));
            }
            // One that spans lines may lack its semicolon and have taken in the
            // next directive, which is for nginx to report.
            name if DROPPED.contains(&name)
                && !directive.is_block
                && !text[directive.range.clone()].contains('\n') =>
            {
                replace(&directive.range, Some(blank(text, directive)));
            }
            _ => {}
        }
        Ok(())
    }

    /// What `http` starts with: temporary files inside the folder, no log.
    fn http_settings(&self) -> String {
        let mut settings = " access_log off; ".to_owned();
        for module in TEMP_PATHS {
            let absent = format!("--without-http_{module}_module");
            if !self.installed.configure_arguments.contains(&absent) {
                let _ = write!(settings, "{module}_temp_path @PREFIX@/{module}_temp; ");
            }
        }
        settings
    }

    /// The `listen` of a server that has none; nginx's own default is a fixed port.
    fn default_listen(&mut self) -> io::Result<String> {
        Ok(format!(" listen {}; ", self.listens.default_socket()?))
    }

    /// Whether the directive is an HTTP server block without any `listen`.
    fn needs_listen(&self, list: &[Directive], index: usize) -> bool {
        let directive = &list[index];
        let listens = |child: &Directive| {
            child.name() == "listen" || (child.name() == "include" && self.included_listen)
        };
        let mut children = list.iter().filter(|child| child.parent == Some(index));
        let parent = directive.parent.map(|parent| list[parent].name());
        directive.is_block && !matches!(parent, Some("stream" | "mail")) && !children.any(listens)
    }
}

fn upstream_names(list: &[Directive]) -> Vec<String> {
    list.iter()
        .filter(|directive| directive.name() == "upstream")
        .filter_map(|directive| directive.arguments().first())
        .map(|name| name.text.to_ascii_lowercase())
        .collect()
}

fn included_listen(folder: &Folder) -> bool {
    let included = folder.files.iter().filter(|(path, _)| **path != folder.main);
    included
        .flat_map(|(_, text)| directives(text))
        .any(|directive| directive.parent.is_none() && directive.name() == "listen")
}

/// As many spaces and line ends as the directive has characters.
fn blank(text: &str, directive: &Directive) -> String {
    let keep = |character| if character == '\n' { '\n' } else { ' ' };
    text[directive.range.clone()].chars().map(keep).collect()
}

fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut rewritten = text.to_owned();
    // From the end, so that the ranges before stay right.
    for (range, by) in edits.into_iter().rev() {
        rewritten.replace_range(range, &by);
    }
    rewritten
}
