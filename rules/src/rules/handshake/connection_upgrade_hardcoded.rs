//! `Connection: upgrade` is sent for plain requests too.

use wslint_grammar::Edit;
use wslint_model::handshake::proxied_request::{FieldLine, Forwarded};
use wslint_model::resolve::{LevelId, Setting};

use crate::cause::hard_coded::{hard_coded_connection, hard_coded_upgrade, is_for_handshakes};
use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::{Remedy, connection_advice, connection_value, in_place_of};
use crate::groups::Groups;
use crate::rules::CONNECTION_UPGRADE_HARDCODED as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups: Groups<(LevelId, Setting<'_>)> = Groups::default();
    let is_reported = context.reports("upgrade-hardcoded");
    for (forwarded, _) in context.websocket_locations() {
        // Both are one mistake.
        if is_reported && hard_coded_upgrade(context, forwarded).is_some() {
            continue;
        }
        if let Some(line) = hard_coded_connection(context, forwarded)
            && !is_for_handshakes(context, forwarded)
        {
            groups.add_with(
                line.setting.place(),
                || finding(context, forwarded, line),
                forwarded.pass.place(),
                (forwarded.level, line.setting),
            );
        }
    }
    let message = "plain requests for this backend carry it too";
    findings.extend(groups.into_mended(message, |parts| fix(context, parts)));
}

/// The variable of a map in the place of the word.
fn fix(context: &Context<'_>, parts: &[(LevelId, Setting<'_>)]) -> Option<Remedy> {
    let line = parts.first()?.1;
    let word = line.directive.argument(1)?;
    let levels: Vec<LevelId> = parts.iter().map(|&(level, _)| level).collect();
    let value = connection_value(context, &levels, line.reference.file);
    // Without a map there is nothing better.
    if !value.word.starts_with('$') {
        return None;
    }
    let text = in_place_of(word, &value.word);
    let help = value.and_map(&format!("write `{}`", value.line()));
    let message = value.with_map(&format!("write `{text}`"));
    let mut edits = value.edits;
    edits.add_in(line.reference.file, Edit::replace(word.span(), text));
    Some(Remedy::new(help, edits.into_fix(message)))
}

fn finding(context: &Context<'_>, forwarded: &Forwarded<'_>, line: &FieldLine<'_>) -> Finding {
    let right = connection_advice(context, forwarded.level);
    Finding::new(
        &RULE,
        line.setting.argument_place(1),
        "pages come here too, and each of their requests announces an upgrade that it does not ask \
         for, which some backends refuse",
    )
    .at_place("the same for every request")
    .help(right.and_map(&format!("write `{}`", right.line())))
}
