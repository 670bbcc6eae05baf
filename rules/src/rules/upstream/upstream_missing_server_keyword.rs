//! An address in an upstream without `server` before it.

use rustc_hash::FxHashSet;
use wslint_grammar::{Edit, Fix};
use wslint_model::resolve::{LevelKind, Setting};
use wslint_model::source::Place;

use crate::cause::upstream_line::looks_like_address;
use crate::context::Context;
use crate::finding::Finding;
use crate::rules::UPSTREAM_MISSING_SERVER_KEYWORD as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut seen = FxHashSet::default();
    for (level, setting) in context.configuration.unknown_directives() {
        let kind = context.configuration.level(level).kind;
        if matches!(kind, LevelKind::Upstream | LevelKind::StreamUpstream)
            && looks_like_address(&setting.directive.name())
            && seen.insert(setting.reference)
        {
            findings.push(finding(setting));
        }
    }
}

fn finding(setting: Setting<'_>) -> Finding {
    let name = setting.name();
    let word = setting.directive.name_word().span();
    let finding = Finding::new(
        &RULE,
        Place { file: setting.reference.file, span: word },
        format!("unknown directive \"{name}\": an address in an upstream needs `server` before it"),
    )
    .at_place("an address, not a directive")
    .help("put `server` before it");
    // With a scheme or a path nginx refuses the address even so.
    if name.contains('/') && !name.starts_with("unix:") {
        let finding = finding.help("put `server` before it, and leave the scheme and the path out");
        let address = ["http://", "ws://"].iter().find_map(|scheme| name.strip_prefix(scheme));
        let address = address.map(|address| address.strip_suffix('/').unwrap_or(address));
        return match address.filter(|address| !address.contains('/')) {
            Some(address) => {
                let right = format!("server {address}");
                let message = format!("write `{right}`");
                finding.fix(Fix::safe(message, vec![Edit::replace(word, right)]))
            }
            None => finding,
        };
    }
    finding.fix(Fix::safe("put `server` before it", vec![Edit::insert(word.start, "server ")]))
}
