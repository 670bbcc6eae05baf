//! A map says `close` for plain requests where connections to the backend are kept.

use rustc_hash::FxHashMap;
use wslint_grammar::{Edit, Fix};
use wslint_model::declarations::kept_connections::{Kept, keeps_connections, may_keep_connections};
use wslint_model::evaluate::{Matched, Request};
use wslint_model::handshake::proxied_request::Verdict;
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::resolve::LevelId;
use wslint_model::source::DirectiveRef;

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Places;
use crate::rules::MAP_EMPTY_CLOSE_VS_KEEPALIVE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut numbers: FxHashMap<DirectiveRef, usize> = FxHashMap::default();
    let mut closing: Vec<(Finding, Places)> = Vec::new();
    for (forwarded, _) in context.websocket_locations() {
        if forwarded.connection_verdict() != Verdict::Passes {
            continue;
        }
        let [line] = forwarded.connection.lines.as_slice() else { continue };
        if line.chrome.maps.is_empty() {
            continue;
        }
        let text = line.setting.value(1).unwrap_or_default();
        let plain = context.evaluate(&text, &Request::PLAIN, forwarded.level);
        let [Matched { entry: Some(entry), .. }] = plain.maps.as_slice() else { continue };
        let closes = plain.value.bytes().is_some_and(|value| value.eq_ignore_ascii_case(b"close"));
        if !closes {
            continue;
        }
        let Some(kept) = kept(context, forwarded.level) else { continue };
        if traffic(context, forwarded.level) != Traffic::PagesToo {
            continue;
        }
        let number = *numbers.entry(*entry).or_insert_with(|| {
            closing.push((finding(context, *entry, kept), Places::default()));
            closing.len() - 1
        });
        let (finding, uses) = &mut closing[number];
        // What holds for one location in all versions holds.
        if kept.versions.is_none() {
            finding.nginx_versions = None;
        }
        uses.add(forwarded.pass.place());
    }
    let message = "each plain request to this backend takes a new connection";
    findings.extend(closing.into_iter().map(|(finding, uses)| uses.label(finding, message)));
}

/// Where connections are kept, in the versions that the configuration is for.
fn kept<'c>(context: &Context<'c>, level: LevelId) -> Option<Kept<'c>> {
    match context.nginx_version {
        Some(_) => keeps_connections(context, level),
        None => may_keep_connections(context, level),
    }
}

fn finding(context: &Context<'_>, entry: DirectiveRef, kept: Kept<'_>) -> Finding {
    let line = context.configuration.setting(entry);
    let since = match kept.versions {
        Some(_) => ", as nginx keeps them by itself from 1.29.7 on",
        None => "",
    };
    let finding = Finding::new(
        &RULE,
        line.place(),
        format!(
            "`close` ends the connection to the backend after every plain request, where it could \
             be kept{since}"
        ),
    )
    .at_place("used for plain requests")
    .label(kept.by.place(), "connections are kept here")
    .help("write `''` for the value, so that plain requests carry no `Connection`");
    let finding = match line.directive.argument(0) {
        Some(value) if line.directive.argument_count() == 1 => finding.fix(Fix::not_safe(
            "write `''` for the value",
            vec![Edit::replace(value.span(), "''")],
        )),
        _ => finding,
    };
    match kept.versions {
        Some(versions) => finding.versions(versions),
        None => finding,
    }
}
