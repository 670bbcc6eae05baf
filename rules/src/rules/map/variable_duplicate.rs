//! A variable of nginx that a configuration cannot define anew.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::variable::{self, Protocol, Variable};
use wslint_grammar::catalogue::{Availability, directive as d};
use wslint_grammar::{DirectiveId, Word};
use wslint_model::evaluate::{group_names, levels_in_stream};
use wslint_model::resolve::{LevelKind, Setting};
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::{Finding, VersionRange};
use crate::rules::VARIABLE_DUPLICATE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    if context.structure_is_damaged() {
        return;
    }
    let in_stream = levels_in_stream(configuration);
    let protocol = |in_stream| if in_stream { Protocol::Stream } else { Protocol::Http };
    let mut seen = FxHashSet::default();
    let defining = configuration.data_blocks().chain(configuration.variable_definers());
    for (level, setting) in defining {
        let Some(word) = setting.directive.id().and_then(|id| defined_by(id, setting)) else {
            continue;
        };
        let protocol = protocol(in_stream[level.index()]);
        let value = word.value();
        let Some(name) = value.strip_prefix(b"$") else { continue };
        let place = Place { file: setting.reference.file, span: word.span() };
        if !context.has_syntax_error_in(setting.place())
            && let Some(finding) = finding(place, name, protocol)
            && seen.insert(place)
        {
            findings.push(finding);
        }
    }
    if has_named_groups(context) {
        for (level, own) in configuration.levels() {
            let http = !in_stream[level.index()];
            let is_block =
                { matches!(own.kind, LevelKind::Location | LevelKind::If | LevelKind::IfInServer) };
            let head = configuration.head(level).filter(|_| is_block);
            let settings = configuration.own_settings(level).chain(head);
            for setting in settings.filter(|_| http) {
                for word in regexes(setting) {
                    let place = Place { file: setting.reference.file, span: word.span() };
                    let value = word.value();
                    let mut found = group_names(&value)
                        .filter_map(|name| finding(place, name.as_bytes(), Protocol::Http));
                    if let Some(finding) = found.next()
                        && !context.has_syntax_error_in(place)
                        && seen.insert(place)
                    {
                        findings.push(finding);
                    }
                }
            }
        }
    }
}

/// Whether a look at each regular expression is worth while.
fn has_named_groups(context: &Context<'_>) -> bool {
    context.configuration.loaded.sources.iter().any(|(_, source)| {
        let text = source.tree.text();
        memchr::memmem::find_iter(text, b"(?")
            .any(|at| matches!(text.get(at + 2), Some(b'<' | b'P' | b'\'')))
    })
}

/// The regular expressions of a directive. Each named group in them defines a variable
/// (`ngx_http_regex_compile`).
fn regexes(setting: Setting<'_>) -> impl Iterator<Item = Word<'_>> {
    let id = setting.directive.id();
    let is_operator = |word: &[u8]| matches!(word, b"~" | b"~*" | b"!~" | b"!~*");
    let mut after_operator = false;
    let words = setting.directive.arguments().enumerate();
    words.filter_map(move |(number, word)| {
        let value = word.value();
        let before = std::mem::replace(&mut after_operator, is_operator(&value));
        let is_regex = match id? {
            d::SERVER_NAME => value.starts_with(b"~"),
            d::LOCATION => before || number == 0 && value.starts_with(b"~"),
            d::IF => before,
            d::REWRITE => number == 0,
            _ => false,
        };
        is_regex.then_some(word)
    })
}

/// The word that names the variable that a directive of nginx defines.
fn defined_by(id: DirectiveId, setting: Setting<'_>) -> Option<Word<'_>> {
    let directive = setting.directive;
    match id {
        d::SET | d::AUTH_REQUEST_SET | d::PERL_SET | d::JS_SET | d::JS_VAR => directive.argument(0),
        d::MAP | d::SPLIT_CLIENTS => directive.argument(1),
        d::GEO => directive.arguments().next_back(),
        _ => None,
    }
}

/// Whether the variable exists wherever the block does that defines it anew.
fn is_in_every_build(builtin: &Variable) -> bool {
    builtin.availability == Availability::Stock
        || matches!(builtin.module, "stream_core" | "stream_upstream")
}

/// Of variables that only some builds of nginx have nothing is said: elsewhere they may be defined.
fn finding(place: Place, name: &[u8], protocol: Protocol) -> Option<Finding> {
    let lower = name.to_ascii_lowercase();
    let builtin = variable::is_builtin(&lower, protocol)?;
    if builtin.prefix
        || builtin.changeable
        || !is_in_every_build(builtin)
        || builtin.until.is_some()
    {
        return None;
    }
    let name = String::from_utf8_lossy(name);
    let finding = Finding::new(&RULE, place, format!("the duplicate \"{name}\" variable"))
        .at_place("nginx has this variable itself")
        .help("define a variable of another name");
    Some(match builtin.since {
        Some(since) => finding.versions(VersionRange::since(since)),
        None => finding,
    })
}
