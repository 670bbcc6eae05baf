//! Beside a variable, the URI of `proxy_pass` replaces the whole one, arguments and all.

use wslint_model::evaluate::{Part, parts};
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::resolve::{LevelId, Setting};
use wslint_model::routing::sample;
use wslint_model::text::location::LocationPattern;

use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::fix_writing::{Rewrite, UriChange, change_uri};
use crate::groups::Groups;
use crate::rules::PROXY_PASS_VARIABLE_URI as RULE;

/// What of the client's URI does not reach the backend.
#[derive(Clone)]
enum Lost {
    /// With what mends that.
    PathAndArguments(Option<UriChange>),
    /// Whether the library of the location cannot do without them.
    Arguments { are_needed: bool },
}

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups: Groups<(Setting<'_>, LevelId, Option<UriChange>)> = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let pass = forwarded.pass;
        if let Some(lost) = lost(context, forwarded) {
            let change = match &lost {
                Lost::PathAndArguments(change) => change.clone(),
                Lost::Arguments { .. } => append(pass),
            };
            let proof = diagnosis.proof.place;
            let part = (pass, forwarded.level, change);
            groups.add_with(pass.argument_place(0), || finding(pass, &lost), proof, part);
        }
    }
    findings.extend(groups.into_mended("meant for WebSockets", |parts| {
        let wanted: Vec<_> =
            parts.iter().map(|(_, level, change)| (*level, change.clone())).collect();
        change_uri(context, parts.first()?.0, &wanted)
    }));
}

/// Passes the arguments on too, where no others stand there.
fn append(pass: Setting<'_>) -> Option<UriChange> {
    let text = pass.value(0)?;
    (!text.contains(&b'?')).then_some(UriChange::Append(ARGUMENTS))
}

/// What a client asks for behind the path, with its `?`.
const ARGUMENTS: &str = "$is_args$args";

/// What mends a URI without variables. One that ends with a slash was meant to take the place of the
/// location's name, as it does in an address without variables; what works today with another one
/// works still when the arguments follow it.
fn change_of_fixed(pass: Setting<'_>, uri: &str, pattern: &LocationPattern) -> Option<UriChange> {
    let name = match pattern {
        LocationPattern::Prefix { name, .. } => std::str::from_utf8(name).ok()?,
        _ => "",
    };
    if uri.trim_end_matches('/') == name.trim_end_matches('/') {
        return Some(UriChange::Delete);
    }
    if uri.ends_with('/') && !name.is_empty() {
        return Rewrite::of_prefix(name, uri, false).map(UriChange::Rewrite);
    }
    append(pass)
}

fn lost(context: &Context<'_>, forwarded: &Forwarded<'_>) -> Option<Lost> {
    let text = forwarded.pass.value(0)?;
    if !text.contains(&b'$') {
        return None;
    }
    let uri = uri_of(&text)?;
    let (_, pattern) = context.location_of(forwarded.level)?;
    let target = sample::target(&pattern).unwrap_or_else(|| "/ws".to_owned());
    let target = format!("{}?token=wslint", target.split('?').next().unwrap_or_default());
    let trace = context.tracer().arrived(forwarded.level, &target);
    let sent = trace.upstream_request?.uri;
    // What cannot be told may be the arguments.
    if sent.contains('$') || sent.contains("token=wslint") {
        return None;
    }
    let is_fixed = parts(uri).all(|part| matches!(part, Part::Text(_)));
    // With `=`, one path is given for another one.
    let is_exact = matches!(pattern, LocationPattern::Exact(_));
    if is_fixed && !is_exact {
        let uri = std::str::from_utf8(uri).ok()?;
        return Some(Lost::PathAndArguments(change_of_fixed(forwarded.pass, uri, &pattern)));
    }
    let are_needed = NEED_ARGUMENTS.iter().any(|word| pattern.shown().contains(word));
    Some(Lost::Arguments { are_needed })
}

/// The part of an address with variables that may be a URI: from the first slash behind the host
/// on, or from a variable that stands for one.
fn uri_of(text: &[u8]) -> Option<&[u8]> {
    let start = memchr::memmem::find(text, b"://").map_or(0, |at| at + 3);
    let slash = memchr::memchr2(b'/', b'?', &text[start..]).map(|at| start + at);
    let variable = parts(text).find_map(|part| match part {
        Part::Variable { name, range }
            if range.start >= start && matches!(name, "uri" | "request_uri" | "document_uri") =>
        {
            Some(range.start)
        }
        _ => None,
    });
    let at = [slash, variable].into_iter().flatten().min()?;
    Some(&text[at..])
}

/// Libraries that keep the session in the arguments.
const NEED_ARGUMENTS: [&str; 4] = ["socket.io", "engine.io", "signalr", "_blazor"];

fn finding(pass: Setting<'_>, lost: &Lost) -> Finding {
    let what = match lost {
        Lost::PathAndArguments(_) => {
            "every handshake is sent to this one URI, without the rest of its path and without its \
             arguments"
        }
        Lost::Arguments { .. } => "the arguments of a handshake, behind its `?`, are not passed on",
    };
    let help = match lost {
        Lost::PathAndArguments(Some(UriChange::Append(_))) => {
            "end it with `$is_args$args`; or take it away, if the path is to be passed on as well"
        }
        Lost::PathAndArguments(_) => {
            "take the URI away, and change the path with `rewrite ... break` where that is needed"
        }
        Lost::Arguments { .. } => "end it with `$is_args$args`",
    };
    let finding = Finding::new(
        &RULE,
        pass.argument_place(0),
        format!("a `proxy_pass` with a variable and a URI replaces the whole URI: {what}"),
    )
    .at_place("is the whole URI that the backend gets")
    .help(help);
    match lost {
        // Nobody knows whether there are any.
        Lost::Arguments { are_needed: false } => {
            finding.severity(Severity::Info).effect(Effect::Advice)
        }
        _ => finding,
    }
}
