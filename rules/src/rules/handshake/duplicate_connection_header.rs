//! Several `Connection` lines at one level, which are all sent.

use wslint_grammar::Word;
use wslint_model::evaluate::Request;
use wslint_model::handshake::proxied_request::{FieldLine, Forwarded, Verdict, has_upgrade_token};
use wslint_model::resolve::LevelId;

use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::{Edits, remove, stands_everywhere};
use crate::groups::Groups;
use crate::rules::DUPLICATE_CONNECTION_HEADER as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups: Groups<(&Forwarded<'_>, [&FieldLine<'_>; 2])> = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        // Where no line upgrades, that is what is wrong.
        if forwarded.connection_verdict() != Verdict::Passes {
            continue;
        }
        if let Some([first, second]) = forwarded.connection.sent_twice() {
            let place = second.setting.place();
            let felt = forwarded.pass.place();
            groups.add_with(place, || finding(first, second), felt, (forwarded, [first, second]));
        }
    }
    findings.extend(groups.into_mended("handshakes for this backend", |twice| fix(context, twice)));
}

/// Takes the line away that does not give `upgrade`; of two that do, the one that gives it to plain
/// requests too, or else the second.
fn fix(
    context: &Context<'_>,
    twice: &[(&Forwarded<'_>, [&FieldLine<'_>; 2])],
) -> Option<FindingFix> {
    let lines = twice.first()?.1.map(|line| line.setting);
    let is_same = |pair: &[&FieldLine<'_>; 2]| {
        (0..2).all(|n| pair[n].setting.reference == lines[n].reference)
    };
    // A snippet that is included twice is one line.
    if lines[0].reference == lines[1].reference || !twice.iter().all(|(_, pair)| is_same(pair)) {
        return None;
    }
    let upgrades = |number: usize| {
        twice.iter().all(|(_, pair)| {
            let line = pair[number];
            [&line.chrome, &line.firefox]
                .iter()
                .all(|sent| sent.value.bytes().is_some_and(has_upgrade_token))
        })
    };
    let is_quiet = |number: usize| {
        let Some(text) = lines[number].directive.argument(1).map(Word::value) else { return false };
        twice.iter().all(|(forwarded, _)| {
            let sent = context.evaluate(&text, &Request::PLAIN, forwarded.level);
            sent.value.bytes().is_some_and(|value| !has_upgrade_token(value))
        })
    };
    let owners: Vec<LevelId> =
        twice.iter().filter_map(|(it, _)| it.headers.set().map(|lines| lines.level)).collect();
    let stands = |number: &usize| stands_everywhere(context, lines[*number].reference, &owners);
    let candidates = match (upgrades(0), upgrades(1)) {
        (true, true) if is_quiet(1) && !is_quiet(0) => vec![0, 1],
        (true, true) => vec![1, 0],
        (false, true) => vec![0],
        (true, false) => vec![1],
        // Another line does.
        (false, false) => return None,
    };
    let line = lines[candidates.into_iter().find(stands)?];
    let mut edits = Edits::default();
    edits.add_in(line.reference.file, remove(line.directive)?);
    edits.ask();
    let value = line.directive.argument(1)?;
    let value = String::from_utf8_lossy(value.raw());
    edits.into_fix(format!("take `proxy_set_header Connection {value};` away"))
}

fn finding(first: &FieldLine<'_>, second: &FieldLine<'_>) -> Finding {
    let finding = Finding::new(
        &RULE,
        second.setting.place(),
        format!(
            "`Connection` is sent twice, as {} and as {}: nginx sends every line of the level, and \
             the last one does not replace the others",
            first.chrome.value.shown(),
            second.chrome.value.shown()
        ),
    )
    .at_place("sent too")
    .help("keep the line that gives `upgrade`");
    // A snippet that is included twice has one place.
    if first.setting.place() == second.setting.place() {
        finding
    } else {
        finding.label(first.setting.place(), "sent first")
    }
}
