//! `backup` in an upstream whose balancing method has no substitutes.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Fix, Word};
use wslint_model::resolve::Setting;
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::delete_word;
use crate::rules::BALANCER_PARAMETER_CONFLICT as RULE;

/// The methods that take no `backup`. The flags that each sets name the parameters that it takes
/// (`NGX_HTTP_UPSTREAM_BACKUP`).
const WITHOUT_BACKUP: [wslint_grammar::DirectiveId; 3] = [d::IP_HASH, d::HASH, d::RANDOM];

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut levels: Vec<_> = WITHOUT_BACKUP
        .into_iter()
        .flat_map(|id| context.occurrences().of(configuration, id))
        .map(|(level, _)| level)
        .collect();
    levels.sort_unstable();
    levels.dedup();
    for level in levels {
        // The last method before a server counts, and methods behind it do not.
        let mut methods: Vec<Setting<'_>> = configuration
            .own_settings(level)
            .filter(|setting| {
                let id = setting.directive.id();
                id.is_some_and(|id| {
                    WITHOUT_BACKUP.contains(&id) || matches!(id, d::LEAST_CONN | d::LEAST_TIME)
                })
            })
            .collect();
        methods.sort_by_key(|method| method.reference);
        let one_file = methods.iter().all(|it| it.reference.file == methods[0].reference.file);
        if !one_file {
            continue;
        }
        for server in configuration.own(level, d::SERVER).iter() {
            if server.reference.file != methods[0].reference.file {
                continue;
            }
            let before = methods.partition_point(|method| method.reference < server.reference);
            let Some(method) = before.checked_sub(1).map(|last| methods[last]) else { continue };
            if !method.directive.id().is_some_and(|id| WITHOUT_BACKUP.contains(&id)) {
                continue;
            }
            let words: Vec<Word<'_>> = server.directive.arguments().collect();
            let is_backup = |pair: &&[Word<'_>]| pair[1].value().as_ref() == b"backup";
            let Some(&[before, word]) = words.windows(2).find(is_backup) else { continue };
            let place = Place { file: server.reference.file, span: word.span() };
            if context.has_syntax_error_in(place) {
                continue;
            }
            let name = method.name();
            let finding = Finding::new(
                &RULE,
                place,
                "balancing method does not support parameter \"backup\"".to_owned(),
            )
            .at_place(format!("`{name}` has no substitutes"))
            .label(method.place(), "this method counts")
            .help("delete `backup`, or take `least_conn` or no method at all");
            // Beside another method the same line may be right.
            findings.push(match context.copies().of(server.reference) {
                1 => finding.fix(Fix::not_safe(
                    "delete `backup`: the server takes its share of the requests then",
                    vec![delete_word(before, word)],
                )),
                _ => finding,
            });
        }
    }
}
