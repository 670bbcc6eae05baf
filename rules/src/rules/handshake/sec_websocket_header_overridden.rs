//! `proxy_set_header` replaces the client's `Sec-WebSocket-Key` or `-Version`.

use wslint_grammar::Edit;
use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::{Part, Request, Value, parts};
use wslint_model::resolve::{LevelId, Setting};

use crate::context::Context;
use crate::finding::{Effect, Finding, FindingFix, Severity};
use crate::fix_writing::{Edits, leaves_list_empty, remove};
use crate::groups::Groups;
use crate::rules::SEC_WEBSOCKET_HEADER_OVERRIDDEN as RULE;

/// What is wrong with a line.
#[derive(Clone, Copy)]
enum Mistake {
    /// Nothing arrives.
    Absent,
    /// Every client's key is the same.
    SameKey,
    /// The version is not 13.
    Version,
    /// It sends what the client sent, as nginx does by itself.
    Copy,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        // Where there is none, the lines need not be looked at.
        if forwarded.websocket_field.is_none() {
            continue;
        }
        let Some(lines) = forwarded.headers.set() else { continue };
        for line in lines.iter() {
            if let Some(mistake) = mistake(context, forwarded.level, line) {
                groups.add_with(
                    line.place(),
                    || finding(line, mistake),
                    forwarded.pass.place(),
                    (lines.level, line),
                );
            }
        }
    }
    findings.extend(groups.into_mended("handshakes for this backend", |felt| fix(context, felt)));
}

/// Takes the line away. Where it is the only one and others would be inherited without it, it sends
/// the client's own header.
fn fix(context: &Context<'_>, felt: &[(LevelId, Setting<'_>)]) -> Option<FindingFix> {
    let line = felt.first()?.1;
    let file = line.reference.file;
    let mut edits = Edits::default();
    if !felt.iter().any(|&(level, _)| leaves_list_empty(context, level, d::PROXY_SET_HEADER)) {
        edits.add_in(file, remove(line.directive)?);
        return edits.into_fix("take the line away");
    }
    let name = line.value(0)?;
    let name = String::from_utf8_lossy(&name).to_ascii_lowercase().replace('-', "_");
    let variable = format!("$http_{name}");
    let word = line.directive.argument(1)?;
    // A copy is no mistake.
    if word.value().eq_ignore_ascii_case(variable.as_bytes()) {
        return None;
    }
    let message = format!("write `{variable}`");
    edits.add_in(file, Edit::replace(word.span(), variable));
    edits.into_fix(message)
}

fn mistake(context: &Context<'_>, level: LevelId, line: Setting<'_>) -> Option<Mistake> {
    let name = line.value(0)?;
    let text = line.value(1)?;
    let is_key = name.eq_ignore_ascii_case(b"Sec-WebSocket-Key");
    if !is_key && !name.eq_ignore_ascii_case(b"Sec-WebSocket-Version") {
        return None;
    }
    let variable = String::from_utf8_lossy(&name).replace('-', "_");
    let is_own = |name: &str| {
        let prefix = name.get(..5).unwrap_or_default();
        prefix.eq_ignore_ascii_case("http_") && name[5..].eq_ignore_ascii_case(&variable)
    };
    let mut written = parts(&text);
    if let (Some(Part::Variable { name, .. }), None) = (written.next(), written.next())
        && is_own(name)
    {
        // Where none of the client's headers is passed on, it is no copy.
        let passed = context.configuration.value(level, d::PROXY_PASS_REQUEST_HEADERS);
        return passed.is_default().then_some(Mistake::Copy);
    }
    let Value::Known(value) = &context.evaluate(&text, &Request::CHROME, level).value else {
        return None;
    };
    if value.is_empty() {
        return Some(Mistake::Absent);
    }
    if !is_key {
        return (value.trim_ascii() != b"13").then_some(Mistake::Version);
    }
    // What has variables may be computed from the client's own key.
    let is_constant = parts(&text).all(|part| matches!(part, Part::Text(_)));
    is_constant.then_some(Mistake::SameKey)
}

fn finding(line: Setting<'_>, mistake: Mistake) -> Finding {
    let name = line.value(0).unwrap_or_default();
    let name = String::from_utf8_lossy(&name);
    let (message, at_place) = match mistake {
        Mistake::Absent => (
            format!(
                "the handshake reaches the backend without `{name}`, and is refused: an empty \
                 value takes the client's header away"
            ),
            "sends nothing",
        ),
        Mistake::SameKey => (
            "every handshake reaches the backend with the same `Sec-WebSocket-Key`: the answer \
             does not fit the client's own key, and the client closes the connection"
                .to_owned(),
            "takes the place of the client's key",
        ),
        Mistake::Version => (
            "`Sec-WebSocket-Version` is not 13, the only version there is: the backend refuses the \
             handshake"
                .to_owned(),
            "must be 13",
        ),
        Mistake::Copy => (
            format!("`{name}` is set to what the client sent, which nginx passes on by itself"),
            "changes nothing",
        ),
    };
    let finding = Finding::new(&RULE, line.place(), message)
        .at_place(at_place)
        .help("take the line away: nginx passes the client's header on");
    match mistake {
        Mistake::Copy => finding.severity(Severity::Info).effect(Effect::Advice),
        _ => finding,
    }
}
