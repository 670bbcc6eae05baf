//! One `proxy_set_header` in a level drops the upgrade headers of the level above.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::{Request, Value};
use wslint_model::handshake::evidence::proof;
use wslint_model::handshake::proxied_request::{
    Forwarded, HttpVersion, Verdict, has_upgrade_token,
};
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::prose::listed;
use wslint_model::resolve::{LevelId, Setting};

use crate::cause::diagnosis::{Lost, lost};
use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::fix_writing::{Remedy, Repeated, repeat_headers};
use crate::groups::Groups;
use crate::rules::UPGRADE_HEADERS_NOT_INHERITED as RULE;
use crate::suggest::HTTP_VERSION_LINE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let reached: FxHashSet<LevelId> = context
        .forwarded()
        .iter()
        .filter_map(|forwarded| forwarded.headers.set().map(|lines| lines.level))
        .collect();
    let mut groups = Groups::default();
    for forwarded in context.forwarded() {
        let Some(lost) = lost(context, forwarded) else { continue };
        if is_internal(context, forwarded) {
            continue;
        }
        // A level whose headers arrive nowhere was surely meant for the locations in it. Where some
        // location gets them, one that sets its own may do so on purpose, but not one whose path
        // says that it is for WebSockets.
        let certain = proof(context, forwarded).is_some()
            || !reached.contains(&lost.level)
            || traffic(context, forwarded.level) == Traffic::WebSocketsAlone;
        groups.add_with(
            lost.dropped_by.place(),
            || finding(context, forwarded, &lost, certain),
            forwarded.pass.place(),
            (forwarded, lost.clone(), certain),
        );
    }
    let message = "so this backend gets no handshake";
    findings.extend(groups.into_mended(message, |lost| fix(context, lost)));
}

/// Repeats what is lost: the two lines of the handshake, and where nothing but handshakes comes, all
/// that the level above sets. For pages the other lines would be another thing than today.
fn fix<'c>(context: &Context<'c>, lost: &[(&Forwarded<'c>, Lost<'c>, bool)]) -> Option<Remedy> {
    let certain = lost.iter().all(|&(.., certain)| certain);
    let copies = lost.iter().map(|(forwarded, lost, _)| {
        let level = forwarded.level;
        let alone = traffic(context, level) == Traffic::WebSocketsAlone;
        let lines = if alone { all_lost(context, forwarded, lost) } else { lost.lines.clone() };
        let is_plain = |line: Setting<'_>| alone || leaves_pages(context, level, line);
        let http_version = matches!(forwarded.http_version, HttpVersion::Default)
            && forwarded.http_version_verdict(context.nginx_version) != Verdict::Passes;
        Repeated {
            level,
            lines: lines.into_iter().map(|line| (line, is_plain(line))).collect(),
            http_version,
        }
    });
    repeat_headers(context, &copies.collect::<Vec<_>>(), certain)
}

/// All lines of the level above whose headers are not set here.
fn all_lost<'c>(
    context: &Context<'c>,
    forwarded: &Forwarded<'c>,
    lost: &Lost<'c>,
) -> Vec<Setting<'c>> {
    let name = |line: Setting<'_>| {
        line.directive.argument(0).map(|word| word.value().to_ascii_lowercase())
    };
    let own = forwarded.headers.set().into_iter().flat_map(|lines| lines.iter());
    let own: FxHashSet<_> = own.filter_map(name).collect();
    let above = context.configuration.own(lost.level, d::PROXY_SET_HEADER).iter();
    above.filter(|line| name(*line).is_some_and(|name| !own.contains(&name))).collect()
}

/// Whether plain requests do not become upgrades by a line.
fn leaves_pages(context: &Context<'_>, level: LevelId, line: Setting<'_>) -> bool {
    let Some(word) = line.directive.argument(1) else { return false };
    match &context.evaluate(&word.value(), &Request::PLAIN, level).value {
        Value::Known(value) => {
            !has_upgrade_token(value) && !value.eq_ignore_ascii_case(b"websocket")
        }
        Value::Unknown(_) => false,
    }
}

/// Sub-requests and targets of redirects carry no handshake of a client.
fn is_internal(context: &Context<'_>, forwarded: &Forwarded<'_>) -> bool {
    context.configuration.has_own(forwarded.level, d::INTERNAL)
}

fn finding(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    lost: &Lost<'_>,
    certain: bool,
) -> Finding {
    let names: Vec<String> = lost
        .lines
        .iter()
        .filter_map(|line| line.directive.argument(0))
        .map(|word| format!("`{}`", String::from_utf8_lossy(&word.value())))
        .collect();
    let lines: Vec<String> = lost
        .lines
        .iter()
        .map(|line| String::from_utf8_lossy(line.directive.tree().slice(line.place().span)).into())
        .map(|line: String| format!("`{}`", line.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect();
    let version = match forwarded.http_version_verdict(context.nginx_version) {
        Verdict::Fails => format!("; `{HTTP_VERSION_LINE}` is missing too"),
        Verdict::FailsIn(_) => {
            format!("; before nginx 1.29.7, `{HTTP_VERSION_LINE}` is missing too")
        }
        _ => String::new(),
    };
    let where_set = match context.configuration.head(lost.level) {
        Some(head) => format!("`{}`", String::from_utf8_lossy(&head.directive.name())),
        None => "the level above".to_owned(),
    };
    let mut finding = Finding::new(
        &RULE,
        lost.dropped_by.place(),
        format!(
            "{} of {where_set} {} lost here: a level that sets one header of its own inherits none",
            listed(&names),
            if names.len() == 1 { "is" } else { "are" },
        ),
    )
    .at_place("this line drops every inherited `proxy_set_header`")
    .help(format!("repeat beside it {}{version}", listed(&lines)));
    for line in &lost.lines {
        finding = finding.label(line.place(), "lost");
    }
    if certain { finding } else { finding.severity(Severity::Info).effect(Effect::Advice) }
}
