//! `Connection` is set to something that does not ask for an upgrade.

use wslint_grammar::Edit;
use wslint_model::handshake::proxied_request::{FieldLine, Forwarded, Verdict, has_upgrade_token};
use wslint_model::resolve::{LevelId, Setting};

use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::{Remedy, connection_advice, connection_value, in_place_of};
use crate::groups::Groups;
use crate::rules::CONNECTION_VALUE_NOT_UPGRADE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        if forwarded.connection.lines.is_empty()
            || forwarded.connection_verdict() != Verdict::Fails
            || context.map_faults().explain_connection(forwarded.level)
            || context.set_faults().explain_connection(forwarded.level)
            || forwarded.upgrade_verdict() == Verdict::Fails
            || forwarded.upgrade.is_absent()
        {
            continue;
        }
        // Several lines: the last that sends something is the one that people take for the value.
        let Some(line) = forwarded.connection.sent().last().or(forwarded.connection.lines.last())
        else {
            continue;
        };
        if context.reports_damage_of(line) {
            continue;
        }
        groups.add_with(
            line.setting.place(),
            || finding(context, forwarded, line),
            forwarded.pass.place(),
            (forwarded.level, line.setting),
        );
    }
    findings.extend(groups.into_mended("handshakes for this backend", |parts| fix(context, parts)));
}

/// Another value in the place of the one that there is.
fn fix(context: &Context<'_>, parts: &[(LevelId, Setting<'_>)]) -> Option<Remedy> {
    let line = parts.first()?.1;
    let word = line.directive.argument(1)?;
    let levels: Vec<LevelId> = parts.iter().map(|&(level, _)| level).collect();
    let value = connection_value(context, &levels, line.reference.file);
    let text = in_place_of(word, &value.word);
    let help = value.and_map(&format!("write `proxy_set_header Connection {text};`"));
    let message = value.with_map(&format!("write `{text}`"));
    let mut edits = value.edits;
    edits.add_in(line.reference.file, Edit::replace(word.span(), text));
    // Where pages follow the same line, it is about them too.
    let is_for_all = context.followers_of_header(line.reference) <= levels.len();
    Some(Remedy::new(help, edits.ask_unless(is_for_all).into_fix(message)))
}

fn finding(context: &Context<'_>, forwarded: &Forwarded<'_>, line: &FieldLine<'_>) -> Finding {
    let chrome_passes = line.chrome.value.bytes().is_some_and(has_upgrade_token);
    let (client, evaluated) = match chrome_passes {
        true => ("Firefox", &line.firefox),
        false => ("", &line.chrome),
    };
    let whose = if client.is_empty() { "a handshake" } else { "a handshake from Firefox" };
    let message = match evaluated.value.bytes() {
        Some(b"") => format!("{whose} reaches the backend without `Connection`, and is refused"),
        _ => format!(
            "for {whose} `Connection` is {}: the backend looks for the token `upgrade` in it and \
             refuses",
            evaluated.value.shown()
        ),
    };
    let right = connection_advice(context, forwarded.level);
    let mut finding = Finding::new(&RULE, line.setting.argument_place(1), message)
        .at_place("must give `upgrade` for a handshake")
        .help(right.and_map(&format!("write `{}`", right.line())));
    for matched in &evaluated.maps {
        let place = context.configuration.setting(matched.entry.unwrap_or(matched.map)).place();
        finding = finding.label(place, "the value comes from here");
    }
    finding
}
