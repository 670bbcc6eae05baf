//! Two log formats with one name.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::directive as d;
use wslint_model::resolve::{LevelKind, Setting};
use wslint_model::text::placeholder::may_stand_in;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::LOG_FORMAT_DUPLICATE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut names: FxHashMap<(bool, Vec<u8>), Setting<'_>> = FxHashMap::default();
    let mut reported = FxHashSet::default();
    for (level, setting) in context.occurrences().of(configuration, d::LOG_FORMAT) {
        let in_stream = match configuration.level(level).kind {
            LevelKind::Http => false,
            LevelKind::Stream => true,
            _ => continue,
        };
        let Some(name) = setting.value(0) else {
            continue;
        };
        if may_stand_in(&name) {
            continue;
        }
        let message =
            format!("duplicate \"log_format\" name \"{}\"", String::from_utf8_lossy(&name));
        let place = setting.argument_place(0);
        let is_builtin = !in_stream && name.as_ref() == b"combined";
        let first = names.get(&(in_stream, name.to_vec())).copied();
        if !is_builtin && first.is_none() {
            names.insert((in_stream, name.into_owned()), setting);
            continue;
        }
        if context.has_syntax_error_in(setting.place()) || !reported.insert(setting.reference) {
            continue;
        }
        let finding = Finding::new(&RULE, place, message);
        findings.push(match first {
            Some(first) if first.reference == setting.reference => {
                finding.at_place("declared again").help("the file with it is included twice")
            }
            Some(first) => finding
                .at_place("declared again")
                .label(first.argument_place(0), "declared here already")
                .help("give one of them another name, or delete it"),
            None => finding
                .at_place("nginx has this format itself")
                .help("give it another name: `combined` cannot be changed"),
        });
    }
}
