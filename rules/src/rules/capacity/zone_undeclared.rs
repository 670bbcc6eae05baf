//! A limit or a cache with a shared memory zone that is declared nowhere.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use wslint_model::declarations::zones::{Mention, Use, Zones};
use wslint_model::resolve::LevelKind;
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Places;
use crate::rules::ZONE_UNDECLARED as RULE;
use crate::suggest::Nearest;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
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
    let declared = declared(zones);
    let mut nearest = Nearest::default();
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
            .help(match nearest.of(&text, declared_for(&declared, purpose)) {
                Some(meant) => format!("perhaps `{meant}` is meant"),
                None => declaration(&text, purpose),
            });
        let mut others = Places::default();
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

/// The names of the zones that are declared for each use, in their order.
type Declared<'z> = FxHashMap<Use, Vec<Cow<'z, str>>>;

fn declared(zones: &Zones) -> Declared<'_> {
    let mut declared = Declared::default();
    for name in &zones.names {
        for mention in zones.mentions(name).iter().filter(|mention| mention.size.is_some()) {
            let names = declared.entry(mention.purpose).or_default();
            let name = String::from_utf8_lossy(name);
            // One zone may be declared several times.
            if names.last() != Some(&name) {
                names.push(name);
            }
        }
    }
    declared
}

fn declared_for<'d>(declared: &'d Declared<'_>, purpose: Use) -> impl Iterator<Item = &'d str> {
    declared.get(&purpose).into_iter().flatten().map(AsRef::as_ref)
}

/// How to declare it.
fn declaration(name: &str, purpose: Use) -> String {
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
