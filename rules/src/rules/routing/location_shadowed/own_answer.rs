//! A location that answers by itself before its `proxy_pass` is asked.

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::handshake::{By, Kind, Trace};
use wslint_model::resolve::{LevelId, Setting};
use wslint_model::routing::sample;
use wslint_model::text::location::LocationPattern;

use super::RULE;
use crate::context::Context;
use crate::finding::{Effect, Finding, FindingFix, Severity};
use crate::fix_writing::{Edits, remove};

/// The line that answers.
pub(super) struct Answer<'c> {
    pub(super) line: Setting<'c>,
    status: Option<u16>,
}

/// What comes before a `proxy_pass`.
const BEFORE: [DirectiveId; 4] = [d::RETURN, d::REWRITE, d::DENY, d::TRY_FILES];

/// The line of a location that answers every handshake, if one does.
pub(super) fn first<'c>(
    context: &Context<'c>,
    level: LevelId,
    pattern: &LocationPattern,
) -> Option<Answer<'c>> {
    let configuration = context.configuration;
    let own = |id: DirectiveId| configuration.own(level, id).iter();
    if !BEFORE.into_iter().any(|id| own(id).next().is_some()) {
        return None;
    }
    let targets = targets(pattern)?;
    let mut answer: Option<Answer<'c>> = None;
    for target in targets {
        let trace = context.tracer().arrived(level, &target);
        let line = BEFORE.into_iter().flat_map(own).find(|line| decides(&trace, level, *line))?;
        // A pattern may let others of its URIs through.
        let is_for_some = line.directive.id() == Some(d::REWRITE)
            && !matches!(pattern, LocationPattern::Exact(_) | LocationPattern::Prefix { .. });
        if is_for_some
            || answer.as_ref().is_some_and(|known| known.line.reference != line.reference)
        {
            return None;
        }
        // Whether the file is there that a `rewrite` leads to, nobody knows.
        let is_here = trace.outcome.place == Some(line.place());
        answer = Some(Answer { line, status: trace.outcome.status.filter(|_| is_here) });
    }
    answer
}

/// Request targets that lead to a location; the name alone may be a case of its own.
fn targets(pattern: &LocationPattern) -> Option<Vec<String>> {
    let target = sample::target(pattern)?;
    Some(match pattern {
        LocationPattern::Prefix { .. } => {
            let slash = if target.ends_with('/') { "" } else { "/" };
            let below = format!("{target}{slash}wslint");
            vec![target, below]
        }
        _ => vec![target],
    })
}

/// Whether a handshake ends because of a line of the location.
fn decides(trace: &Trace, level: LevelId, line: Setting<'_>) -> bool {
    let outcome = &trace.outcome;
    if outcome.kind != Kind::Refused
        || outcome.by != Some(By::Nginx)
        || !outcome.reasons.is_empty()
        || trace.upstream_request.is_some()
    {
        return false;
    }
    let place = Some(line.place());
    outcome.place == place
        // It sends the request elsewhere, where no backend is.
        || matches!(line.directive.id(), Some(d::TRY_FILES | d::REWRITE))
            && trace.location != Some(level)
            && trace.steps.iter().any(|step| step.place == place)
}

/// Deletes a `try_files` where no page comes that it could be for.
fn fix(context: &Context<'_>, line: Setting<'_>, level: LevelId) -> Option<FindingFix> {
    if line.directive.id() != Some(d::TRY_FILES)
        || context.copies().of(line.reference) != 1
        || traffic(context, level) != Traffic::WebSocketsAlone
    {
        return None;
    }
    let mut edits = Edits::default().ask_unless(false);
    edits.add_in(line.reference.file, remove(line.directive)?);
    edits.into_fix("delete the `try_files`")
}

pub(super) fn finding(
    context: &Context<'_>,
    answer: &Answer<'_>,
    forwarded: &Forwarded<'_>,
) -> Finding {
    let line = answer.line;
    let name = String::from_utf8_lossy(&line.directive.name()).into_owned();
    let status = match (answer.status, line.directive.id()) {
        // Whether the file is there that it ends at, nobody knows.
        (Some(status), id) if id != Some(d::TRY_FILES) || outcome_is_written(line) => {
            format!(" {status}")
        }
        _ => String::new(),
    };
    let is_denied = line.directive.id() == Some(d::DENY);
    let fix = fix(context, line, forwarded.level);
    let finding = Finding::new(
        &RULE,
        line.place(),
        format!(
            "`{name}` comes before `proxy_pass`: nginx answers{status} here, and the backend never \
             hears of a handshake"
        ),
    )
    .at_place("answers every handshake")
    .label(forwarded.pass.place(), "is never asked")
    .help(match line.directive.id() {
        Some(d::TRY_FILES) if fix.is_some() => {
            "delete the `try_files`, because nothing but handshakes comes here, or let it end with a \
             named location that has the `proxy_pass`"
        }
        Some(d::TRY_FILES) => {
            "give the WebSocket a location of its own, or let `try_files` end with a named location \
             that has the `proxy_pass`"
        }
        Some(d::DENY) => "allow those who may come in, or take the location away",
        _ => "give the WebSocket a location of its own",
    })
    .mended_by(fix);
    // To let nobody in may be what is wanted.
    if is_denied { finding.severity(Severity::Warning).effect(Effect::Degraded) } else { finding }
}

/// Whether a `try_files` ends with a status.
fn outcome_is_written(line: Setting<'_>) -> bool {
    line.directive.arguments().last().is_some_and(|word| word.value().starts_with(b"="))
}
