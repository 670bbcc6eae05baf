//! Only one of the location and the URI of `proxy_pass` ends with a slash.

use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::text::location::LocationPattern;
use wslint_model::text::{address, placeholder};

use crate::cause::stripped_path;
use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::{Rewrite, UriChange, change_uri};
use crate::groups::Groups;
use crate::rewritten_uri::rewrites;
use crate::rules::PROXY_PASS_URI_MISMATCH as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut groups: Groups<(Setting<'_>, LevelId, Option<UriChange>)> = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let level = forwarded.level;
        let text = forwarded.pass.value(0).unwrap_or_default();
        let Some(uri) = uri_of(&text) else { continue };
        if configuration.level(level).kind != LevelKind::Location {
            continue;
        }
        let Some((head, LocationPattern::Prefix { name, .. })) = context.location_of(level) else {
            continue;
        };
        let name = String::from_utf8_lossy(&name);
        let Some((asked, sent)) = mapping(&name, uri) else { continue };
        if placeholder::may_stand_in(name.as_bytes())
            || rewrites(context, level)
            || stripped_path::is_reported(context, forwarded)
        {
            continue;
        }
        let pass = forwarded.pass;
        let change = right_uri(&name, uri);
        let part = (pass, level, change.clone());
        let finding = || finding(pass, &asked, &sent, change.as_ref());
        groups.add_with(pass.argument_place(0), finding, head.place(), part);
    }
    findings.extend(groups.into_mended("the start of the URI that is replaced", |parts| {
        let wanted: Vec<_> =
            parts.iter().map(|(_, level, change)| (*level, change.clone())).collect();
        change_uri(context, parts.first()?.0, &wanted)
    }));
}

/// What the URI was meant to do. The location stays: with a slash at its end nginx would redirect
/// those who ask for it without one.
fn right_uri(name: &str, uri: &str) -> Option<UriChange> {
    if uri.contains('?') {
        return None;
    }
    match uri.strip_suffix('/') {
        None => Some(UriChange::Write(format!("{uri}/"))),
        // A URI without a path is no URI.
        Some("") => Rewrite::of_prefix(name, uri, false).map(UriChange::Rewrite),
        Some(path) => Some(UriChange::Write(path.to_owned())),
    }
}

/// The URI of a `proxy_pass` that has one, and no variables.
fn uri_of(text: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(text).ok()?;
    let uri = address::split_url(text)?.uri;
    (!uri.is_empty() && !placeholder::may_stand_in(text.as_bytes())).then_some(uri)
}

/// A request and what becomes of it, when that is not what the slashes seem to say.
fn mapping(name: &str, uri: &str) -> Option<(String, String)> {
    let rest = match (name.ends_with('/'), uri.ends_with('/')) {
        // Arguments, too, would have to come behind what the client asks for.
        _ if uri.starts_with('?') => "",
        _ if uri.contains('?') => return None,
        // For the whole server: only the URI `/` is meant for `/ws`.
        (true, false) if name != "/" => "room",
        (false, true) => "/room",
        _ => return None,
    };
    Some((format!("{name}{rest}"), format!("{uri}{rest}")))
}

fn finding(pass: Setting<'_>, asked: &str, sent: &str, change: Option<&UriChange>) -> Finding {
    let finding = Finding::new(
        &RULE,
        pass.argument_place(0),
        format!("a handshake for `{asked}` is sent to the backend as `{sent}`"),
    )
    .at_place("takes the place of the location's name in the URI");
    match change {
        None if sent.starts_with('?') => finding.help("write a path before the `?`"),
        // Without its slash it would be no URI.
        Some(UriChange::Rewrite(rewrite)) => finding.help(format!(
            "let the location end with a slash too, or take the URI away and add `{}`",
            rewrite.line()
        )),
        _ => finding.help("let both end with a slash, or neither of them"),
    }
}
