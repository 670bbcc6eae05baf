//! `Upgrade: websocket` is sent for plain requests too.

use wslint_grammar::Edit;
use wslint_model::evaluate::Request;
use wslint_model::handshake::proxied_request::{FieldLine, Forwarded, has_token};
use wslint_model::resolve::{LevelId, Setting};

use crate::cause::hard_coded::{hard_coded_connection, hard_coded_upgrade};
use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::{Edits, Remedy, connection_advice, connection_value};
use crate::groups::Groups;
use crate::rules::UPGRADE_HARDCODED as RULE;
use crate::suggest::UPGRADE_LINE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        if let Some(line) = hard_coded_upgrade(context, forwarded) {
            let connection = hard_coded_connection(context, forwarded).map(|it| it.setting);
            groups.add_with(
                line.setting.place(),
                || finding(context, forwarded, line, connection),
                forwarded.pass.place(),
                (forwarded.level, line.setting, connection),
            );
        }
    }
    let message = "plain requests for this backend become handshakes";
    findings.extend(groups.into_mended(message, |parts| fix(context, parts)));
}

/// Both values computed, where both are the same for every request.
fn fix(
    context: &Context<'_>,
    parts: &[(LevelId, Setting<'_>, Option<Setting<'_>>)],
) -> Option<Remedy> {
    let (_, line, connection) = *parts.first()?;
    let word = line.directive.argument(1)?;
    if !parts.iter().all(|part| passes_handshakes_on(context, part.0)) {
        return None;
    }
    let mut edits = Edits::default();
    // Other protocols than WebSocket get through then, as `h2c`.
    edits.ask();
    edits.add_in(line.reference.file, Edit::replace(word.span(), "$http_upgrade"));
    let is_same = |it: Option<Setting<'_>>| {
        it.map(|it| it.reference) == connection.map(|line| line.reference)
    };
    let Some(connection) = connection.filter(|_| parts.iter().all(|part| is_same(part.2))) else {
        return Some(Remedy::new(
            format!("write `{UPGRADE_LINE}`"),
            edits.into_fix("write `$http_upgrade`"),
        ));
    };
    let levels: Vec<LevelId> = parts.iter().map(|part| part.0).collect();
    let value = connection_value(context, &levels, connection.reference.file);
    let word = connection.directive.argument(1)?;
    let help = value.and_map(&format!("write `{UPGRADE_LINE}` and `{}`", value.line()));
    let message = value.with_map(&format!("write `$http_upgrade` and `{}`", value.word));
    edits.add_in(connection.reference.file, Edit::replace(word.span(), value.word));
    edits.extend(value.edits);
    Some(Remedy::new(help, edits.into_fix(message)))
}

/// Whether the client's own `Upgrade` would do at a level: a `set` may give the variable another
/// value.
fn passes_handshakes_on(context: &Context<'_>, level: LevelId) -> bool {
    [Request::CHROME, Request::FIREFOX].iter().all(|request| {
        let sent = context.evaluate(b"$http_upgrade", request, level);
        sent.value.bytes().is_some_and(|value| has_token(value, b"websocket"))
    })
}

fn finding(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    line: &FieldLine<'_>,
    connection: Option<Setting<'_>>,
) -> Finding {
    let finding = Finding::new(
        &RULE,
        line.setting.argument_place(1),
        "pages come here too, and `Upgrade` makes a handshake without a key of each of their \
         requests, which a backend refuses",
    )
    .at_place("the same for every request");
    let advice = format!("write `{UPGRADE_LINE}`");
    match connection {
        Some(connection) => {
            let right = connection_advice(context, forwarded.level);
            finding
                .label(connection.argument_place(1), "and this is, too")
                .help(right.and_map(&format!("{advice} and `{}`", right.line())))
        }
        None => finding.help(advice),
    }
}
