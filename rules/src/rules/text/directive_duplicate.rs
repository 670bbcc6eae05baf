//! A directive that may stand only once in a block, twice.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;
use wslint_model::declarations::zones::zone_used_by;
use wslint_model::resolve::{LevelId, Setting};
use wslint_model::text::placeholder::may_stand_in;
use wslint_model::validate::ProblemKind;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::DIRECTIVE_DUPLICATE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems() {
        if let ProblemKind::Duplicate(first) = problem.kind {
            let setting = context.configuration.setting(problem.reference);
            let name = setting.name();
            let place = setting.place();
            if context.has_syntax_error_in(place) {
                continue;
            }
            findings.push(
                Finding::new(&RULE, place, format!("\"{name}\" directive is duplicate"))
                    .at_place("stands in the same block again")
                    .label(context.configuration.setting(first).place(), "stands here already")
                    .help("keep one of them"),
            );
        }
    }
    root_and_alias(context, findings);
    limits_of_one_zone(context, findings);
    thread_pools(context, findings);
}

/// `root` and `alias` are one setting (`ngx_http_core_root`).
fn root_and_alias(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut seen = FxHashSet::default();
    for (level, alias) in context.occurrences().of(configuration, d::ALIAS) {
        let Some(root) = configuration.own(level, d::ROOT).iter().next() else { continue };
        let is_first = root.reference.file != alias.reference.file
            || root.reference.index < alias.reference.index;
        let (first, second) = if is_first { (root, alias) } else { (alias, root) };
        let place = second.place();
        if context.has_syntax_error_in(place) || !seen.insert(second.reference) {
            continue;
        }
        let (first_name, second_name) =
            if is_first { ("root", "alias") } else { ("alias", "root") };
        findings.push(
            Finding::new(
                &RULE,
                place,
                format!(
                    "\"{second_name}\" directive is duplicate, \"{first_name}\" directive was \
                     specified earlier"
                ),
            )
            .at_place("both say where files lie")
            .label(first.place(), "stands here already")
            .help("keep one of them: `alias` replaces the location's path, `root` goes before it"),
        );
    }
}

/// A level may use a zone for one limit only (`ngx_http_limit_req`, `ngx_http_limit_conn`).
fn limits_of_one_zone(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut reported = FxHashSet::default();
    let mut firsts: FxHashMap<(LevelId, DirectiveId, Vec<u8>), Setting<'_>> = FxHashMap::default();
    for id in [d::LIMIT_REQ, d::LIMIT_CONN] {
        for (level, setting) in context.occurrences().of(configuration, id) {
            let Some(name) = zone_used_by(setting) else { continue };
            let first = *firsts.entry((level, id, name)).or_insert(setting);
            let place = setting.place();
            if first.reference == setting.reference
                || context.has_syntax_error_in(place)
                || !reported.insert(setting.reference)
            {
                continue;
            }
            findings.push(
                Finding::new(&RULE, place, format!("\"{}\" directive is duplicate", id.name()))
                    .at_place("limits the same zone again")
                    .label(first.place(), "stands here already")
                    .help("keep one of them, or give each a zone of its own"),
            );
        }
    }
}

/// A pool of threads has one line (`ngx_thread_pool`).
fn thread_pools(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut firsts: FxHashMap<Vec<u8>, Setting<'_>> = FxHashMap::default();
    for (_, pool) in context.occurrences().of(context.configuration, d::THREAD_POOL) {
        let Some(name) = pool.value(0) else { continue };
        let place = pool.place();
        if may_stand_in(&name) || context.has_syntax_error_in(place) {
            continue;
        }
        let shown = String::from_utf8_lossy(&name).into_owned();
        let first = *firsts.entry(name.into_owned()).or_insert(pool);
        if first.reference == pool.reference {
            continue;
        }
        findings.push(
            Finding::new(&RULE, place, format!("duplicate thread pool \"{shown}\""))
                .at_place("sets the same pool again")
                .label(first.place(), "stands here already")
                .help("keep one of them, or give each pool a name of its own"),
        );
    }
}
