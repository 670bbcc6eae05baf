//! Configurations and rules to test reports with.

use std::path::Path;

use wslint_grammar::Span;
use wslint_model::load::{LoadOptions, Loaded, load_text};
use wslint_model::source::{FileId, Place, Sources};
use wslint_rules::context::Context;
use wslint_rules::finding::{Category, Effect, Finding, Severity};
use wslint_rules::fix::Writable;
use wslint_rules::rule::Rule;

use super::{Checked, Format, Report, Style, write};

/// A rule whose findings the tests make up.
pub(super) static RULE: Rule = rule("connection-not-forwarded", Category::Handshake);

/// Another one.
pub(super) static SECOND_RULE: Rule = rule("map-without-default", Category::Map);

const fn rule(name: &'static str, category: Category) -> Rule {
    fn finds_nothing(_: &Context<'_>, _: &mut Vec<Finding>) {}
    Rule {
        name,
        category,
        severity: Severity::Error,
        effect: Effect::HandshakeFails,
        only_advises: false,
        refuses: false,
        summary: "",
        page: "",
        check: finds_nothing,
    }
}

/// A terminal that shows neither colours nor links.
pub(super) const PLAIN: Style =
    Style { color: false, links: false, unicode: true, width: 80, quiet: false, statistics: false };

/// Files, with a way to point at what is in them.
pub(super) struct Config {
    /// The files.
    pub(super) sources: Sources,
}

impl Config {
    /// A configuration of one file.
    pub(super) fn new(name: &str, text: impl AsRef<[u8]>) -> Self {
        let text = text.as_ref().to_vec();
        let loaded = load_text(name.to_owned(), None, text, &LoadOptions::default());
        Self { sources: loaded.sources }
    }

    /// The configuration whose main file is at `path`, with its includes.
    pub(super) fn load(path: &Path) -> Self {
        let loaded = wslint_model::load::load(path, &LoadOptions::default()).unwrap();
        Self { sources: loaded.sources }
    }

    /// Where `text` first occurs in the main file.
    pub(super) fn place(&self, text: &str) -> Place {
        self.place_in(Loaded::MAIN, text)
    }

    /// Where `text` first occurs in a file.
    pub(super) fn place_in(&self, file: FileId, text: &str) -> Place {
        let bytes = self.sources.get(file).tree.text();
        let found = bytes.windows(text.len()).position(|window| window == text.as_bytes());
        let start = found.expect("the text occurs in the file");
        Place { file, span: Span::new(start as u32, (start + text.len()) as u32) }
    }
}

/// The place between two bytes of the main file.
pub(super) fn at(offset: usize) -> Place {
    Place { file: Loaded::MAIN, span: Span::at(offset as u32) }
}

/// The whole report on one configuration.
pub(super) fn print(config: &Config, findings: &[Finding], format: Format, style: Style) -> String {
    let report = Report {
        checked: vec![Checked { sources: &config.sources, findings, writable: Writable::All }],
        files: config.sources.len(),
        nginx_version: None,
        hidden: 0,
        failed: 0,
        fixed: None,
    };
    let mut out = Vec::new();
    write(&report, format, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
