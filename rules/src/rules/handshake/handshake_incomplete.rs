//! Two or three of HTTP/1.1, `Upgrade` and `Connection` are missing.

use rustc_hash::FxHashSet;
use wslint_grammar::Applicability;
use wslint_grammar::catalogue::directive;
use wslint_model::handshake::evidence::proof;
use wslint_model::handshake::proxied_request::{Forwarded, is_handshake_field};
use wslint_model::handshake::signs::{Signs, signs};
use wslint_model::intent::Proof;
use wslint_model::prose::listed;
use wslint_model::resolve::{LevelId, LevelKind, Setting};

use crate::cause::diagnosis::{Diagnosis, Missing, diagnose};
use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::fix_writing::{ConnectionValue, Remedy, Wanted, complete, connection_advice};
use crate::groups::Groups;
use crate::rules::HANDSHAKE_INCOMPLETE as RULE;
use crate::suggest::{HTTP_VERSION_LINE, UPGRADE_LINE};

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let (proof, missing) = (diagnosis.proof, &diagnosis.missing);
        if missing.len() > 1 {
            groups.add_with(
                proof.place,
                || finding(context, forwarded, proof, missing),
                forwarded.pass.place(),
                Wanted::new(forwarded, diagnosis),
            );
        }
    }
    let mended = groups.into_mended("this backend gets an incomplete handshake", |wanted| {
        complete(context, wanted)
    });
    findings.extend(mended);
    without_any_part(context, findings);
}

/// Locations that look as if they were meant for WebSockets, and have no part of a handshake.
fn without_any_part(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut seen = FxHashSet::default();
    for forwarded in context.forwarded() {
        let has_none = forwarded.upgrade.is_absent() && forwarded.connection.is_absent();
        if !has_none || proof(context, forwarded).is_some() || is_internal(context, forwarded) {
            continue;
        }
        let Some(signs) = signs(context, forwarded) else { continue };
        if is_tried_otherwise(context, forwarded.level) {
            continue;
        }
        let Some(head) = context
            .configuration
            .enclosing(forwarded.level, LevelKind::Location)
            .and_then(|location| context.configuration.head(location))
        else {
            continue;
        };
        let place = head.words_place();
        let diagnosis = diagnose(context, forwarded, Proof { place, is_said: false });
        // What was lost, swallowed or damaged has a rule of its own.
        let is_whole = diagnosis.lost.is_none()
            && diagnosis.missing.contains(&Missing::Upgrade)
            && diagnosis.missing.contains(&Missing::Connection);
        if is_whole && seen.insert(head.reference) {
            let mut finding = looks_meant(context, forwarded, &diagnosis, &signs);
            if let Some(Remedy { help: Some(help), fix }) = guess(context, forwarded, &diagnosis) {
                finding = finding.help(or_say(&help)).mended_by(fix);
            }
            findings.push(finding);
        }
    }
}

/// Sub-requests and targets of redirects carry no handshake of a client.
fn is_internal(context: &Context<'_>, forwarded: &Forwarded<'_>) -> bool {
    let location = context.configuration.enclosing(forwarded.level, LevelKind::Location);
    location.is_some_and(|location| context.configuration.has_own(location, directive::INTERNAL))
}

/// Whether somebody has tried to pass a handshake on in a way that has a rule of its own: by
/// `add_header`, or by `proxy_set_header` in an `if`.
fn is_tried_otherwise(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    let is_for_handshake = |line: Setting<'_>| {
        let name = line.value(0);
        name.is_some_and(|name| is_handshake_field(&name))
    };
    let own = |level, id| configuration.own(level, id).iter().any(is_for_handshake);
    own(level, directive::ADD_HEADER)
        || configuration.children(level).any(|child| own(child, directive::PROXY_SET_HEADER))
}

/// What to add if it is meant so, which only its author knows.
fn guess(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    diagnosis: &Diagnosis<'_>,
) -> Option<Remedy> {
    let mut remedy = complete(context, &[Wanted::new(forwarded, diagnosis)])?;
    if let Some(fix) = &mut remedy.fix {
        fix.applicability = Applicability::Unsafe;
    }
    Some(remedy)
}

/// Advice to somebody who may have meant something else.
fn or_say(advice: &str) -> String {
    format!("{advice}; or say `# wslint: not-websocket` above it")
}

fn looks_meant(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    diagnosis: &Diagnosis<'_>,
    signs: &Signs,
) -> Finding {
    let mut finding = Finding::new(
        &RULE,
        diagnosis.proof.place,
        "this looks as if it was meant for WebSockets, but no handshake is passed on: the backend \
         gets a plain request",
    )
    .about(diagnosis.missing.iter().map(|missing| missing.reason()))
    .at_place("no part of a handshake is set here or above")
    .help(or_say(&to_add(context, forwarded, &diagnosis.missing)));
    for sign in signs.all().filter(|sign| sign.place != diagnosis.proof.place) {
        finding = finding.label(sign.place, sign.what);
    }
    match signs.are_strong() {
        true => finding.severity(Severity::Warning),
        false => finding.severity(Severity::Info).effect(Effect::Advice),
    }
}

fn finding(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    proof: Proof,
    missing: &[Missing],
) -> Finding {
    // What holds for all versions comes first.
    let names: Vec<String> = missing.iter().rev().map(|&missing| name(context, missing)).collect();
    let message = format!(
        "the handshake is passed on without {}, so the backend does not take it for one",
        listed(&names)
    );
    Finding::new(&RULE, proof.place, message)
        .at_place(if proof.is_said {
            "meant for WebSockets, as was said"
        } else {
            "a part of the handshake is here"
        })
        .about(missing.iter().map(|missing| missing.reason()))
        .help(to_add(context, forwarded, missing))
}

/// What to add: the lines that are missing, and a map where their `Connection` needs one.
fn to_add(context: &Context<'_>, forwarded: &Forwarded<'_>, missing: &[Missing]) -> String {
    let needs_connection = missing.contains(&Missing::Connection);
    let right = needs_connection.then(|| connection_advice(context, forwarded.level));
    let connection_line = right.as_ref().map(ConnectionValue::line).unwrap_or_default();
    let lines: Vec<String> = missing
        .iter()
        .map(|missing| match missing {
            Missing::HttpVersion(_) => HTTP_VERSION_LINE,
            Missing::Upgrade => UPGRADE_LINE,
            Missing::Connection => connection_line.as_str(),
        })
        .map(|line| format!("`{line}`"))
        .collect();
    let advice = format!("add {}", listed(&lines));
    right.map_or(advice.clone(), |right| right.and_map(&advice))
}

fn name(context: &Context<'_>, missing: Missing) -> String {
    match missing {
        Missing::HttpVersion(_) if context.nginx_version.is_some() => "HTTP/1.1".to_owned(),
        Missing::HttpVersion(_) => "HTTP/1.1 (before nginx 1.29.7)".to_owned(),
        Missing::Upgrade => "`Upgrade`".to_owned(),
        Missing::Connection => "`Connection: upgrade`".to_owned(),
    }
}
