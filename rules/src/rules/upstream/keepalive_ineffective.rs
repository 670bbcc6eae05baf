//! Plain requests close the connections that `keepalive` should keep.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Word};
use wslint_model::evaluate::{Definition, Part, Request, Value, parts};
use wslint_model::handshake::backends::Way;
use wslint_model::handshake::proxied_request::{FieldLine, Verdict, has_token};
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::resolve::{LevelId, Setting};
use wslint_model::source::DirectiveRef;

use crate::cause::hard_coded::{hard_coded_connection, is_for_handshakes};
use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::{Edits, connection_value, in_place_of, is_used_otherwise};
use crate::groups::Groups;
use crate::rules::KEEPALIVE_INEFFECTIVE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups: Groups<(LevelId, Setting<'_>)> = Groups::default();
    for group in &context.backends().groups {
        let Some(keepalive) = group.own(context, d::KEEPALIVE).filter(|it| keeps_any(*it)) else {
            continue;
        };
        for way in &group.ways {
            let Some(line) = closing_line(context, way) else { continue };
            let finding = || finding(line, keepalive);
            groups.add_with(line.place(), finding, way.pass.place(), (way.level, line));
        }
    }
    let message = "each plain request opens a connection of its own";
    findings.extend(groups.into_mended(message, |parts| fix(context, parts)));
}

/// Lets `Connection` be empty for plain requests: in the `set` that says `close`, else by a map.
fn fix(context: &Context<'_>, parts: &[(LevelId, Setting<'_>)]) -> Option<FindingFix> {
    let line = parts.first()?.1;
    let word = line.directive.argument(1)?;
    if let Some(set) = closing_set(context, word) {
        let empty = context.style(set.file).empty;
        let value = context.configuration.setting(set).directive.argument(1)?;
        let mut edits = Edits::default();
        edits.add_in(set.file, Edit::replace(value.span(), empty));
        return edits.into_fix(format!("write `{empty}` for `close`"));
    }
    let levels: Vec<LevelId> = parts.iter().map(|&(level, _)| level).collect();
    let value = connection_value(context, &levels, line.reference.file);
    let leaves_open = |&level: &LevelId| {
        let plain = context.evaluate(value.word.as_bytes(), &Request::PLAIN, level);
        matches!(&plain.value, Value::Known(value) if !has_token(value, b"close"))
    };
    let is_right = match value.is_new() {
        true => context.upgrade_map().leaves_connections_open(),
        false => value.word.starts_with('$') && levels.iter().all(leaves_open),
    };
    if !is_right {
        return None;
    }
    let text = in_place_of(word, &value.word);
    let message = value.with_map(&format!("write `{text}`"));
    let mut edits = value.edits;
    edits.add_in(line.reference.file, Edit::replace(word.span(), text));
    edits.into_fix(message)
}

/// The only `set` that gives a variable `close`, when nothing but `Connection` depends on it.
fn closing_set(context: &Context<'_>, value: Word<'_>) -> Option<DirectiveRef> {
    let text = value.value();
    let mut parts = parts(&text);
    let (Some(Part::Variable { name, .. }), None) = (parts.next(), parts.next()) else {
        return None;
    };
    let mut found = None;
    for definition in context.variables.definitions(name) {
        let Definition::Set(set) = definition else { return None };
        let given = context.configuration.setting(*set).directive.argument(1)?.value();
        if given.contains(&b'$') {
            return None;
        }
        if has_token(&given, b"close") {
            let is_whole = given.eq_ignore_ascii_case(b"close");
            let is_only = found.is_none() && context.copies().of(*set) == 1;
            found = (is_whole && is_only).then_some(Some(*set))?;
        }
    }
    found.filter(|_| !is_used_otherwise(context, name))
}

/// Whether a `keepalive` keeps connections at all; 0 keeps none.
fn keeps_any(keepalive: Setting<'_>) -> bool {
    keepalive.directive.argument(0).is_some_and(|count| count.value().as_ref() != b"0")
}

/// The line that sends `close` with plain requests, where a handshake passes and pages come too.
/// When a map gives the value, the map is at fault, and that is another rule's.
fn closing_line<'c>(context: &Context<'c>, way: &Way<'c>) -> Option<Setting<'c>> {
    let forwarded = &context.forwarded()[way.forwarded];
    if forwarded.connection_verdict() != Verdict::Passes {
        return None;
    }
    let closes = |line: &&FieldLine<'c>| {
        let Some(text) = line.setting.directive.argument(1) else { return false };
        let plain = context.evaluate(&text.value(), &Request::PLAIN, way.level);
        plain.maps.is_empty()
            && matches!(&plain.value, Value::Known(value) if has_token(value, b"close"))
    };
    let line = forwarded.connection.lines.iter().find(closes)?;
    // The same line for handshakes and pages is another mistake, and mended by the same map.
    if context.reports("connection-upgrade-hardcoded")
        && hard_coded_connection(context, forwarded).is_some()
        && !is_for_handshakes(context, forwarded)
    {
        return None;
    }
    (traffic(context, way.level) != Traffic::WebSocketsAlone).then_some(line.setting)
}

fn finding(line: Setting<'_>, keepalive: Setting<'_>) -> Finding {
    Finding::new(
        &RULE,
        line.place(),
        "`keepalive` keeps no connection open: plain requests ask the backend to close theirs",
    )
    .at_place("`close` for plain requests")
    .label(keepalive.place(), "for these connections")
    .help("let `Connection` be empty for plain requests, and `upgrade` for handshakes alone")
}
