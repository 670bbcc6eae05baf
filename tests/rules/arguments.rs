//! What wslint says about the arguments of single directives, held against the installed nginx.
//!
//! `arguments/refused.txt` and `arguments/taken.txt` have one line of a configuration on each line.
//! nginx must refuse each of the first and take each of the second, and so must wslint.

use std::fmt::Write as _;
use std::num::NonZero;
use std::thread;

use wslint_grammar::catalogue;
use wslint_model::assumptions::Assumptions;
use wslint_model::load::{LoadOptions, load_text};
use wslint_model::resolve::Configuration;
use wslint_rules::check::check;
use wslint_rules::finding::{Effect, Severity};
use wslint_rules::rules;
use wslint_test_support::installed::Installed;
use wslint_test_support::{Check, Folder, Nginx, Version, check_verbatim, require_nginx};

/// Where temporary files go, or nginx would look for folders that belong to the system.
const TEMPORARY: &str = "access_log off; client_body_temp_path @PREFIX@/1; \
                         proxy_temp_path @PREFIX@/2; fastcgi_temp_path @PREFIX@/3; \
                         uwsgi_temp_path @PREFIX@/4; scgi_temp_path @PREFIX@/5;";

/// A line, and the block that it stands in.
#[derive(Clone, Copy)]
struct Row {
    block: &'static str,
    line: &'static str,
}

fn rows(table: &'static str) -> Vec<Row> {
    let mut block = "";
    let mut rows = Vec::new();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => block = name,
            None => rows.push(Row { block, line }),
        }
    }
    rows
}

impl Row {
    /// The line in a whole configuration; `None` when this nginx has no module for it.
    fn configuration(self) -> Option<String> {
        let Row { block, line } = self;
        let socket = "listen unix:@PREFIX@/socket;";
        let (main, events, http, stream) = match block {
            "main" => (line.to_owned(), "", String::new(), None),
            "events" => (String::new(), line, String::new(), None),
            "http" => {
                let http = format!("{TEMPORARY} {line} server {{ {socket} }}");
                (String::new(), "", http, None)
            }
            "server" => {
                let listens = if line.starts_with("listen") { "" } else { socket };
                let http = format!("{TEMPORARY} server {{ {listens} {line} }}");
                (String::new(), "", http, None)
            }
            "location" => {
                let http = format!("{TEMPORARY} server {{ {socket} location /a/ {{ {line} }} }}");
                (String::new(), "", http, None)
            }
            "stream" => (String::new(), "", String::new(), Some(line.to_owned())),
            "stream-server" => {
                let listens = if line.starts_with("listen") { "" } else { socket };
                let pass = if line.starts_with("proxy_pass") || line.starts_with("return") {
                    ""
                } else {
                    "proxy_pass 127.0.0.1:9;"
                };
                let server = format!("server {{ {listens} {pass} {line} }}");
                (String::new(), "", String::new(), Some(server))
            }
            _ => panic!("no such block: {block}"),
        };
        let mut text = String::new();
        if let Some(stream) = stream {
            if let Some(module) = Installed::expect().stream_module() {
                let _ = write!(text, "load_module {module}; ");
            } else if !Installed::expect().configure_arguments.contains("--with-stream ") {
                return None;
            }
            let _ = write!(text, "stream {{ {stream} }} ");
        }
        let _ = write!(text, "{main}\nevents {{ {events} }}\nhttp {{ {http} }}\n");
        Some(text)
    }

    fn nginx(self) -> Option<Check> {
        Some(check_verbatim(&Folder::new(&self.configuration()?)))
    }

    /// What wslint refuses.
    fn wslint(self) -> Vec<String> {
        // Marks of templates are not judged.
        let text = self.configuration().unwrap_or_default().replace("@PREFIX@", "/tmp/prefix");
        let text = text.into_bytes();
        let Version(major, minor, patch) = Nginx::version();
        let number = |number: u32| u16::try_from(number).expect("a small number");
        let version = catalogue::Version::new(number(major), number(minor), number(patch));
        let loaded = load_text("nginx.conf".to_owned(), None, text, &LoadOptions::default());
        check(&Configuration::resolve(loaded), rules::ALL, &Assumptions::for_version(Some(version)))
            .into_iter()
            .filter(|finding| {
                finding.effect == Effect::NotLoaded && finding.severity == Severity::Error
            })
            .map(|finding| format!("{}: {}", finding.rule.name, finding.message))
            .collect()
    }
}

/// A row with what nginx says and what wslint says about it.
type Judgement = (Row, Check, Vec<String>);

/// Asks about all rows, on all processors. What nginx refuses for want of a module, or because of
/// the machine, is left out.
fn judge(table: &'static str) -> Vec<Judgement> {
    let rows = rows(table);
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let ask = |&row: &Row| {
        let nginx = row.nginx().filter(|nginx| !is_beside_the_point(nginx))?;
        Some((row, nginx, row.wslint()))
    };
    thread::scope(|scope| {
        let parts = rows.chunks(rows.len().div_ceil(threads));
        let parts = parts.map(|rows| scope.spawn(move || rows.iter().filter_map(ask).collect()));
        let parts: Vec<thread::ScopedJoinHandle<'_, Vec<Judgement>>> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().expect("a judgement")).collect()
    })
}

/// Whether this nginx lacks the directive, or what happened has to do with the machine.
fn is_beside_the_point(check: &Check) -> bool {
    ["unknown directive", "host not found", "could not", "mkdir()", "open()", "requires", "bind()"]
        .iter()
        .any(|text| check.message.contains(text))
}

fn report<'j>(judgements: impl Iterator<Item = &'j Judgement>) -> String {
    let mut report = String::new();
    for (row, nginx, wslint) in judgements {
        let nginx = if nginx.ok { "takes it" } else { nginx.message.as_str() };
        let _ = writeln!(report, "[{}] {}\n  nginx: {nginx}", row.block, row.line);
        let _ = writeln!(report, "  wslint: {wslint:?}");
    }
    report
}

#[test]
fn what_nginx_refuses_is_refused_in_its_words() {
    require_nginx!();
    let judged = judge(include_str!("arguments/refused.txt"));
    assert!(judged.len() > 300, "nginx refuses most of them, not {}", judged.len());
    let differs = |(_, nginx, wslint): &&Judgement| nginx.ok || wslint.is_empty();
    let report_of_missed = report(judged.iter().filter(differs));
    assert!(report_of_missed.is_empty(), "{report_of_missed}");
    // The words change a little with the versions, and so do the places that PCRE names.
    let other_words = |(_, nginx, wslint): &&Judgement| {
        !wslint.iter().any(|finding| finding.contains(&nginx.message))
    };
    let others = judged.iter().filter(other_words);
    assert!(others.clone().count() * 20 < judged.len(), "{}", report(others));
}

#[test]
fn what_nginx_takes_is_taken() {
    require_nginx!();
    let judged = judge(include_str!("arguments/taken.txt"));
    assert!(judged.len() > 150, "nginx takes most of them, not {}", judged.len());
    let differs = |(_, nginx, wslint): &&Judgement| !nginx.ok || !wslint.is_empty();
    let report = report(judged.iter().filter(differs));
    assert!(report.is_empty(), "{report}");
}
