//! `zone-undeclared`

use crate::context::Context;
use crate::declared::zones::{Mention, Use};
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Few;
use crate::resolve::LevelKind;
use crate::rule::Rule;
use crate::source::Place;
use crate::suggest::nearest;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "zone-undeclared",
    category: Category::Capacity,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a limit or a cache with a shared memory zone that is declared nowhere",
    page: include_str!("../../../docs/rules/zone-undeclared.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let zones = context.zones();
    let is_used_only = |mentions: &[Mention]| {
        mentions.first().is_some_and(|first| {
            // An upstream's zone without a size has a rule of its own, and a zone of several uses,
            // too.
            !matches!(first.purpose, Use::Upstream | Use::StreamUpstream)
                && mentions.iter().all(|it| it.size.is_none() && it.purpose == first.purpose)
        })
    };
    let mut undeclared = zones.names.iter().filter(|name| is_used_only(zones.mentions(name)));
    let Some(first) = undeclared.next() else { return };
    if zones.some_unreadable || !context.sees_everything() {
        return;
    }
    let has_server =
        context.configuration.levels().any(|(_, level)| level.kind == LevelKind::Server);
    for name in std::iter::once(first).chain(undeclared) {
        let mentions = zones.mentions(name);
        let text = String::from_utf8_lossy(name);
        let purpose = mentions[0].purpose;
        let message = match directive_of_cache(purpose).filter(|_| has_server) {
            Some(directive) => format!("\"{directive}\" zone \"{text}\" is unknown"),
            None => format!("zero size shared memory zone \"{text}\""),
        };
        let finding = Finding::new(&RULE, place(context, &mentions[0]), message)
            .at_place("this zone is declared nowhere")
            .help(help(context, &text, purpose));
        let mut others = Few::default();
        for other in &mentions[1..] {
            if place(context, other) != finding.place {
                others.add(place(context, other));
            }
        }
        findings.push(others.label(finding, "and used here"));
    }
}

fn directive_of_cache(purpose: Use) -> Option<&'static str> {
    match purpose {
        Use::ProxyCache => Some("proxy_cache"),
        Use::FastcgiCache => Some("fastcgi_cache"),
        Use::UwsgiCache => Some("uwsgi_cache"),
        Use::ScgiCache => Some("scgi_cache"),
        _ => None,
    }
}

fn help(context: &Context<'_>, name: &str, purpose: Use) -> String {
    let zones = context.zones();
    let is_declared = |name: &&Vec<u8>| {
        zones.mentions(name).iter().any(|it| it.purpose == purpose && it.size.is_some())
    };
    let declared: Vec<String> = zones
        .names
        .iter()
        .filter(is_declared)
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    if let Some(meant) = nearest(name, declared.iter().map(String::as_str)) {
        return format!("perhaps `{meant}` is meant");
    }
    match purpose {
        Use::LimitReq => format!(
            "declare it in the `http` block: `limit_req_zone $binary_remote_addr zone={name}:10m \
             rate=10r/s;`"
        ),
        Use::StreamLimitConn => format!(
            "declare it in the `stream` block: `limit_conn_zone $binary_remote_addr \
             zone={name}:10m;`"
        ),
        Use::LimitConn => format!(
            "declare it in the `http` block: `limit_conn_zone $binary_remote_addr zone={name}:10m;`"
        ),
        _ => format!(
            "declare it in the `http` block: `{} /var/cache/nginx keys_zone={name}:10m;`",
            purpose.declared_by()
        ),
    }
}

fn place(context: &Context<'_>, mention: &Mention) -> Place {
    context.configuration.setting(mention.reference).argument_place(mention.argument)
}
