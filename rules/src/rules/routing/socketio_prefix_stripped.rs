//! The path that a WebSocket library listens on is taken away.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::resolve::{LevelId, Setting};
use wslint_model::text::address;
use wslint_model::text::location::LocationPattern;

use crate::cause::stripped_path::{Stripped, place_of_path, stripped};
use crate::context::Context;
use crate::finding::{Effect, Finding, FindingFix, Severity};
use crate::fix_writing::{Edits, UriChange, change_uri, remove, stands_everywhere};
use crate::groups::Groups;
use crate::rewritten_uri::rewrites;
use crate::rules::SOCKETIO_PREFIX_STRIPPED as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups: Groups<(Setting<'_>, LevelId, Option<Change<'_>>)> = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let Some(stripped) = stripped(context, forwarded) else { continue };
        let pass = forwarded.pass;
        let Some((head, _)) = context.location_of(forwarded.level) else { continue };
        let part = (pass, forwarded.level, change(context, forwarded, &stripped));
        let finding = || finding(pass, &stripped);
        groups.add_with(pass.argument_place(0), finding, head.place(), part);
    }
    let message = "the path that the library's client asks for";
    findings.extend(groups.into_mended(message, |parts| fix(context, parts)));
}

/// What lets the library's path reach the backend.
#[derive(Clone, Debug)]
enum Change<'c> {
    Uri(UriChange),
    /// This `rewrite` goes.
    Remove(Setting<'c>),
}

fn change<'c>(
    context: &Context<'c>,
    forwarded: &Forwarded<'c>,
    stripped: &Stripped,
) -> Option<Change<'c>> {
    let level = forwarded.level;
    let text = forwarded.pass.value(0)?;
    let text = std::str::from_utf8(&text).ok()?;
    let uri = address::split_url(text)?.uri;
    let (LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. }) =
        context.location_of(level)?.1
    else {
        return None;
    };
    let name = String::from_utf8(name).ok()?;
    let at = place_of_path(&name, stripped.library.path)?;
    let mut lines = context.configuration.own(level, d::REWRITE).iter();
    if uri.is_empty() {
        // What stands before the library's path may have to go.
        let line = lines.next().filter(|_| at == 0 && lines.next().is_none())?;
        return Some(Change::Remove(line));
    }
    let is_simple = !rewrites(context, level) && !uri.contains('?');
    let right = format!("{}{}", uri.strip_suffix('/').unwrap_or(uri), &name[at..]);
    let change = match (text.contains('$'), right == name) {
        (_, true) => UriChange::Delete,
        (false, false) => UriChange::Write(right),
        // A URI beside a variable is the whole one.
        (true, false) => return None,
    };
    is_simple.then_some(Change::Uri(change))
}

fn fix(
    context: &Context<'_>,
    parts: &[(Setting<'_>, LevelId, Option<Change<'_>>)],
) -> Option<FindingFix> {
    let levels: Vec<LevelId> = parts.iter().map(|&(_, level, _)| level).collect();
    let mut wanted = Vec::new();
    let mut removed = Edits::default().ask_unless(false);
    for (_, level, change) in parts {
        match change.as_ref()? {
            Change::Uri(change) => wanted.push((*level, Some(change.clone()))),
            Change::Remove(line) if stands_everywhere(context, line.reference, &levels) => {
                removed.add_in(line.reference.file, remove(line.directive)?);
            }
            Change::Remove(_) => return None,
        }
    }
    match wanted.len() {
        0 => removed.into_fix("delete the `rewrite`"),
        count if count == parts.len() => change_uri(context, parts.first()?.0, &wanted),
        _ => None,
    }
}

fn finding(pass: Setting<'_>, stripped: &Stripped) -> Finding {
    let Stripped { library, asked, sent } = stripped;
    let finding = Finding::new(
        &RULE,
        pass.argument_place(0),
        format!(
            "a handshake for `{asked}` is sent to the backend as `{sent}`, and {} listens on `{}`",
            library.name, library.path
        ),
    )
    .at_place("takes the path away");
    if library.takes_any_path {
        finding
            .help("take the path away only for a server of its own, which takes any path")
            .severity(Severity::Info)
            .effect(Effect::Advice)
    } else {
        finding
            .help("pass the path on as it comes, unless the backend was told to listen elsewhere")
    }
}
