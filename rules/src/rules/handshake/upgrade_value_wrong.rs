//! `Upgrade` is set to something other than `websocket`.

use wslint_grammar::Edit;
use wslint_model::handshake::proxied_request::{FieldLine, Forwarded, Verdict};
use wslint_model::resolve::{LevelId, Setting};

use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::{Edits, Remedy, connection_value, in_place_of};
use crate::groups::Groups;
use crate::rules::UPGRADE_VALUE_WRONG as RULE;
use crate::suggest::UPGRADE_LINE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        if forwarded.upgrade_verdict() != Verdict::Fails
            || context.map_faults().explain_upgrade(forwarded.level)
            || context.set_faults().explain_upgrade(forwarded.level)
        {
            continue;
        }
        let sent = forwarded.upgrade.sent().next();
        let Some(line) = sent.or(forwarded.upgrade.lines.last()) else { continue };
        if context.reports_damage_of(line) {
            continue;
        }
        let connection = match forwarded.connection_verdict() {
            Verdict::Fails if !is_explained(context, forwarded.level) => {
                forwarded.connection.sent().last().map(|line| line.setting)
            }
            _ => None,
        };
        groups.add_with(
            line.setting.place(),
            || finding(forwarded, line),
            forwarded.pass.place(),
            Wrong { level: forwarded.level, upgrade: line.setting, connection },
        );
    }
    findings.extend(groups.into_mended("handshakes for this backend", |wrong| fix(context, wrong)));
}

/// What is wrong for one location.
struct Wrong<'c> {
    level: LevelId,
    upgrade: Setting<'c>,
    /// Wrong too: most often the two are swapped. A wrong map has a rule of its own.
    connection: Option<Setting<'c>>,
}

/// Whether a map or a `set` is at fault that `Connection` fails.
fn is_explained(context: &Context<'_>, level: LevelId) -> bool {
    context.map_faults().explain_connection(level) || context.set_faults().explain_connection(level)
}

fn fix(context: &Context<'_>, wrong: &[Wrong<'_>]) -> Option<Remedy> {
    let first = wrong.first()?;
    let word = first.upgrade.directive.argument(1)?;
    let text = in_place_of(word, "$http_upgrade");
    let mut message = format!("write `{text}`");
    let mut help = format!("write `{UPGRADE_LINE}`");
    let mut edits = Edits::default();
    edits.add_in(first.upgrade.reference.file, Edit::replace(word.span(), text));
    let mut is_for_all = context.followers_of_header(first.upgrade.reference) <= wrong.len();
    let connection = first.connection.filter(|line| {
        let same = |it: &Wrong<'_>| it.connection.map(|it| it.reference) == Some(line.reference);
        wrong.iter().all(same)
    });
    if let Some(line) = connection
        && let Some(word) = line.directive.argument(1)
    {
        let levels: Vec<LevelId> = wrong.iter().map(|it| it.level).collect();
        let value = connection_value(context, &levels, line.reference.file);
        let text = in_place_of(word, &value.word);
        message = value.with_map(&format!("{message} and `{text}`"));
        help = value.and_map(&format!("{help} and `{}`", value.line()));
        edits.extend(value.edits);
        edits.add_in(line.reference.file, Edit::replace(word.span(), text));
        is_for_all &= context.followers_of_header(line.reference) <= wrong.len();
    }
    Some(Remedy::new(help, edits.ask_unless(is_for_all).into_fix(message)))
}

fn finding(forwarded: &Forwarded<'_>, line: &FieldLine<'_>) -> Finding {
    let message = match line.chrome.value.bytes() {
        Some(b"") => {
            "a handshake reaches the backend without `Upgrade`, and is taken for a plain request"
                .to_owned()
        }
        _ => format!(
            "for a handshake `Upgrade` is {}: the backend looks for the protocol `websocket` in it \
             and refuses",
            line.chrome.value.shown()
        ),
    };
    let finding = Finding::new(&RULE, line.setting.argument_place(1), message)
        .at_place("must give `websocket` for a handshake")
        .help(format!("write `{UPGRADE_LINE}`"));
    // Two wrong values beside each other are one mistake: most often they are swapped.
    match forwarded.connection.sent().last() {
        Some(connection) if forwarded.connection_verdict() == Verdict::Fails => {
            finding.label(connection.setting.argument_place(1), "and this must give `upgrade`")
        }
        _ => finding,
    }
}
