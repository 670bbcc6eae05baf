//! The client's `Connection` is passed on as it is.

use wslint_grammar::Edit;
use wslint_model::evaluate::{Request, Value};
use wslint_model::handshake::proxied_request::FieldLine;
use wslint_model::resolve::{LevelId, Setting};

use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::{Remedy, connection_variable};
use crate::groups::Groups;
use crate::rules::CONNECTION_PASSTHROUGH as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        if !diagnosis.is_complete(forwarded) {
            continue;
        }
        let level = forwarded.level;
        let mut lines = forwarded.connection.lines.iter();
        if let Some(line) = lines.find(|line| passes_on(context, level, line)) {
            let place = line.setting.place();
            let felt = forwarded.pass.place();
            groups.add_with(place, || finding(line), felt, (level, line.setting));
        }
    }
    findings.extend(groups.into_mended("for this backend", |parts| fix(context, parts)));
}

/// Whether a line sends what the client sent, whatever that is.
fn passes_on(context: &Context<'_>, level: LevelId, line: &FieldLine<'_>) -> bool {
    let Some(text) = line.setting.directive.argument(1) else { return false };
    let text = text.value();
    text.contains(&b'$')
        && [Request::CHROME, Request::FIREFOX, Request::PLAIN, Request::H2C].iter().all(|request| {
            let evaluated = context.evaluate(&text, request, level);
            match (&evaluated.value, request.header("Connection")) {
                (Value::Known(value), Some(sent)) => value == sent.as_bytes(),
                _ => false,
            }
        })
}

fn finding(line: &FieldLine<'_>) -> Finding {
    Finding::new(
        &RULE,
        line.setting.place(),
        "the client's `Connection` is passed on as it is: the client decides whether the \
         connection to the backend is kept, and which headers a proxy behind this one drops",
    )
    .at_place("the client says what stands here")
    .help("give `upgrade` for handshakes and nothing for other requests, by a `map`")
}

/// The variable of a map in the place of the client's value.
fn fix(context: &Context<'_>, parts: &[(LevelId, Setting<'_>)]) -> Option<Remedy> {
    let line = parts.first()?.1;
    let levels: Vec<LevelId> = parts.iter().map(|&(level, _)| level).collect();
    let value = connection_variable(context, &levels)?;
    let word = line.directive.argument(1)?;
    let what = format!("write `{}`", value.word);
    let (message, help) = (value.with_map(&what), value.and_map(&what));
    let mut edits = value.edits;
    edits.ask();
    edits.add_in(line.reference.file, Edit::replace(word.span(), value.word));
    Some(Remedy::new(help, edits.into_fix(message)))
}
