//! `Host` is sent twice, which nginx before 1.31.4 does and backends refuse.

use wslint_model::evaluate::{Part, Request, Value, parts};
use wslint_model::handshake::proxied_request::HOST_IS_SINGLE;
use wslint_model::resolve::{LevelId, Setting};

use crate::context::Context;
use crate::finding::{Effect, Finding, FindingFix, Severity, VersionRange};
use crate::fix_writing::{Edits, remove, stands_everywhere};
use crate::groups::Groups;
use crate::rules::DUPLICATE_HOST_HEADER as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups: Groups<(Option<LevelId>, [Setting<'_>; 2])> = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let level = forwarded.level;
        let mut sent = forwarded.lines_of("Host").filter(|line| is_sent(context, level, *line));
        if let (Some(first), Some(second)) = (sent.next(), sent.next()) {
            let place = second.place();
            let owner = forwarded.headers.set().map(|lines| lines.level);
            let felt = forwarded.pass.place();
            groups.add_with(
                place,
                || finding(context, first, second),
                felt,
                (owner, [first, second]),
            );
        }
    }
    let mended = groups.into_mended("handshakes for this backend", |twice| fix(context, twice));
    findings.extend(mended.map(|finding| match &finding.fix {
        Some(fix) => {
            let message = fix.message.clone();
            finding.help(message)
        }
        None => finding,
    }));
}

/// Whether a line surely sends something: what clients always name, or a known text.
fn is_sent(context: &Context<'_>, level: LevelId, line: Setting<'_>) -> bool {
    let Some(text) = line.value(1) else { return false };
    match &context.evaluate(&text, &Request::CHROME, level).value {
        Value::Known(value) => !value.is_empty(),
        Value::Unknown(_) => parts(&text).any(|part| match part {
            Part::Text(_) => true,
            Part::Capture(_) => false,
            Part::Variable { name, .. } => {
                ["host", "http_host", "proxy_host", "server_addr", "server_port"]
                    .iter()
                    .any(|known| name.eq_ignore_ascii_case(known))
            }
        }),
    }
}

fn finding(context: &Context<'_>, first: Setting<'_>, second: Setting<'_>) -> Finding {
    let is_new = context.nginx_version.is_some_and(|version| version >= HOST_IS_SINGLE);
    let finding = if is_new {
        Finding::new(
            &RULE,
            second.place(),
            "`Host` is set twice at this level: nginx from 1.31.4 on sends the last one alone",
        )
        .at_place("this one is sent")
        .severity(Severity::Info)
        .effect(Effect::Advice)
        .versions(VersionRange::since(HOST_IS_SINGLE))
    } else {
        let whose = if context.nginx_version.is_some() { "" } else { " before 1.31.4" };
        Finding::new(
            &RULE,
            second.place(),
            format!(
                "`Host` is sent twice, because nginx{whose} sends every line of the level: backends \
                 that go by HTTP's rules refuse the request"
            ),
        )
        .at_place("sent too")
        .versions(VersionRange::before(HOST_IS_SINGLE))
    };
    let finding = finding.help("keep one of the two lines");
    // A snippet that is included twice has one place.
    if first.place() == second.place() {
        return finding;
    }
    finding.label(first.place(), if is_new { "not sent" } else { "sent first" })
}

/// Takes the first line away, because the last one counts in new versions; the second where the
/// first one stands elsewhere too. Of two that are equal, rather than one of a file that is included
/// the one in the block itself goes.
fn fix(context: &Context<'_>, twice: &[(Option<LevelId>, [Setting<'_>; 2])]) -> Option<FindingFix> {
    let levels: Vec<LevelId> = twice.iter().filter_map(|&(owner, _)| owner).collect();
    let [first, second] = twice.first()?.1;
    let references = |lines: [Setting<'_>; 2]| lines.map(|line| line.reference);
    // A snippet that is included twice has one place.
    if first.reference == second.reference
        || !twice.iter().all(|&(_, lines)| references(lines) == references([first, second]))
    {
        return None;
    }
    let value = |line: Setting<'_>| line.directive.argument(1).map(|it| it.value().into_owned());
    let are_equal = value(first) == value(second);
    let head = context.configuration.level(*levels.first()?).head;
    let is_included = |line: Setting<'_>| head.is_none_or(|head| head.file != line.reference.file);
    let mut candidates =
        [(first, "take the first line away"), (second, "take the second line away")];
    if are_equal && is_included(first) && !is_included(second) {
        candidates.reverse();
    }
    let (line, message) = candidates
        .into_iter()
        .find(|(line, _)| stands_everywhere(context, line.reference, &levels))?;
    let is_new = context.nginx_version.is_some_and(|version| version >= HOST_IS_SINGLE);
    let mut edits = Edits::default();
    edits.add_in(line.reference.file, remove(line.directive)?);
    // Which of two values is meant only a person knows.
    let is_safe = are_equal || is_new && line.reference == first.reference;
    edits.ask_unless(is_safe).into_fix(message)
}
