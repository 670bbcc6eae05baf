//! `Upgrade` is sent twice, which most backends refuse.

use wslint_model::handshake::proxied_request::{FieldLine, Verdict};
use wslint_model::resolve::{LevelId, Setting};
use wslint_model::source::DirectiveRef;

use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::{Edits, remove, stands_everywhere};
use crate::groups::Groups;
use crate::rules::DUPLICATE_UPGRADE_HEADER as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        // Values that are wrong have a rule of their own.
        if forwarded.upgrade_verdict() != Verdict::Passes {
            continue;
        }
        if let Some([first, second]) = forwarded.upgrade.sent_twice() {
            let place = second.setting.place();
            let owner = forwarded.headers.set().map(|lines| lines.level);
            groups.add_with(
                place,
                || finding(first, second),
                forwarded.pass.place(),
                (owner, [first.setting, second.setting]),
            );
        }
    }
    findings.extend(groups.into_mended("handshakes for this backend", |twice| fix(context, twice)));
}

/// Takes the second line away, or the first where only that one stands nowhere else.
fn fix(context: &Context<'_>, twice: &[(Option<LevelId>, [Setting<'_>; 2])]) -> Option<FindingFix> {
    let levels: Vec<LevelId> = twice.iter().filter_map(|&(owner, _)| owner).collect();
    let lines = twice.first()?.1;
    // A snippet that is included twice is one line: one of the includes is too many.
    if lines[0].reference == lines[1].reference
        || twice.iter().any(|it| references(it) != references(&twice[0]))
    {
        return None;
    }
    let line =
        lines.into_iter().rev().find(|line| stands_everywhere(context, line.reference, &levels))?;
    let mut edits = Edits::default();
    edits.add_in(line.reference.file, remove(line.directive)?);
    let value =
        |line: Setting<'_>| line.directive.argument(1).map(|word| word.value().into_owned());
    edits.ask_unless(value(lines[0]) == value(lines[1])).into_fix("take one of the two lines away")
}

fn references((_, lines): &(Option<LevelId>, [Setting<'_>; 2])) -> [DirectiveRef; 2] {
    lines.map(|line| line.reference)
}

fn finding(first: &FieldLine<'_>, second: &FieldLine<'_>) -> Finding {
    let finding = Finding::new(
        &RULE,
        second.setting.place(),
        "`Upgrade` is sent twice, because nginx sends every line of the level: most backends read \
         `websocket, websocket`, and refuse the handshake",
    )
    .at_place("sent too")
    .help("take one of the two lines away");
    // A snippet that is included twice has one place.
    if first.setting.place() == second.setting.place() {
        finding
    } else {
        finding.label(first.setting.place(), "sent first")
    }
}
