//! An upstream without any server.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::{Availability, directive};
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::validate::ProblemKind;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::UPSTREAM_EMPTY as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    // What nginx does not know may be a module's own way to name servers, or a server without its
    // keyword, which has its own rule.
    let with_unknown: FxHashSet<LevelId> =
        configuration.unknown_directives().map(|(level, _)| level).collect();
    for (level, upstream) in configuration.levels() {
        if !matches!(upstream.kind, LevelKind::Upstream | LevelKind::StreamUpstream)
            || upstream.unseen.is_some()
            || with_unknown.contains(&level)
        {
            continue;
        }
        let Some(head) = configuration.head(level) else { continue };
        let whole = head.whole_place();
        if context.has_syntax_error_in(whole) {
            continue;
        }
        let mut settings = configuration.own_settings(level);
        if settings.all(|setting| is_of_nginx(setting) && !is_server(setting))
            && !is_filled_at_run_time(context, level)
        {
            findings.push(finding(head));
        }
    }
}

/// NGINX Plus fills an upstream in shared memory by its API. Which nginx it is, its own directives
/// tell.
fn is_filled_at_run_time(context: &Context<'_>, level: LevelId) -> bool {
    context.configuration.has_own(level, directive::ZONE)
        && context.problems().iter().any(|problem| match problem.kind {
            ProblemKind::Foreign(definition) => {
                matches!(definition.availability, Availability::Commercial)
            }
            _ => false,
        })
}

fn is_server(setting: Setting<'_>) -> bool {
    setting.directive.id() == Some(directive::SERVER)
}

fn is_of_nginx(setting: Setting<'_>) -> bool {
    setting.directive.id().is_some_and(|id| {
        id.definitions().iter().any(|definition| {
            !matches!(
                definition.availability,
                // NGINX Plus keeps servers in a `state` file.
                Availability::ThirdParty | Availability::Commercial
            )
        })
    })
}

fn finding(head: Setting<'_>) -> Finding {
    let place = head.words_place();
    Finding::new(&RULE, place, "no servers are inside upstream")
        .at_place("has no `server` line")
        .help("add `server ADDRESS:PORT;`")
}
