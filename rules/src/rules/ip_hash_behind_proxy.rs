//! `ip-hash-behind-proxy`

use rustc_hash::FxHashMap;
use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::evaluate::{Part, parts};
use crate::finding::{Category, Effect, Finding, Severity};
use crate::handshake::backends::Way;
use crate::resolve::{Effective, LevelId, Setting};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "ip-hash-behind-proxy",
    category: Category::Upstream,
    severity: Severity::Info,
    effect: Effect::Advice,
    summary: "`ip_hash` where the address is that of another proxy",
    page: include_str!("../../../docs/rules/ip-hash-behind-proxy.md"),
    check,
};

/// Fields that a proxy in front sets, as variables. `$proxy_add_x_forwarded_for` is not one of
/// them: it is written where no other proxy is, too.
const SET_BY_PROXIES: [&str; 12] = [
    "http_cf_connecting_ip",
    "http_cf_ipcountry",
    "http_cf_ray",
    "http_cf_visitor",
    "http_fastly_client_ip",
    "http_true_client_ip",
    "http_x_forwarded_for",
    "http_x_forwarded_host",
    "http_x_forwarded_port",
    "http_x_forwarded_proto",
    "http_x_real_ip",
    "proxy_protocol_addr",
];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.wants_advice() {
        return;
    }
    let configuration = context.configuration;
    let mut takes_address_from_proxy = None;
    for group in &context.backends().groups {
        let Some(ip_hash) = group.own(context, d::IP_HASH) else { continue };
        if group.servers.iter().filter(|server| server.is_live()).count() < 2 {
            continue;
        }
        let mut seen = FxHashMap::default();
        let Some(evidence) = group.ways.iter().find_map(|way| evidence(context, way, &mut seen))
        else {
            continue;
        };
        let is_told = *takes_address_from_proxy.get_or_insert_with(|| {
            !context.sees_everything()
                || configuration.everywhere(d::SET_REAL_IP_FROM).next().is_some()
                || configuration.everywhere(d::REAL_IP_HEADER).next().is_some()
        });
        if is_told {
            return;
        }
        findings.push(
            Finding::new(
                &RULE,
                ip_hash.place(),
                "`ip_hash` may send every client to one server: the address that it sees is that \
                 of the proxy in front of nginx",
            )
            .at_place("hashes the address that the connection comes from")
            .label(evidence.place(), "a proxy in front sets this")
            .help(if evidence.directive.id() == Some(d::LISTEN) {
                "name that proxy with `set_real_ip_from` and add `real_ip_header proxy_protocol;`, \
                 or write `hash $proxy_protocol_addr consistent;`"
            } else {
                "name that proxy with `set_real_ip_from` and its field with `real_ip_header`, or \
                 hash what it says, as in `hash $http_x_forwarded_for consistent;`"
            }),
        );
    }
}

/// The line that shows a proxy in front of a location. `seen` has what each level's lines show.
fn evidence<'c>(
    context: &Context<'c>,
    way: &Way<'c>,
    seen: &mut FxHashMap<LevelId, Option<Setting<'c>>>,
) -> Option<Setting<'c>> {
    let configuration = context.configuration;
    if let Effective::Set(lines) = configuration.effective(way.level, d::PROXY_SET_HEADER) {
        let found = seen.entry(lines.level).or_insert_with(|| {
            lines.iter().find(|line| line.directive.argument(1).is_some_and(is_set_by_proxy))
        });
        if found.is_some() {
            return *found;
        }
    }
    let server = configuration.level(way.level).server?;
    *seen.entry(server).or_insert_with(|| {
        let is_behind = |line: &Setting<'_>| {
            let mut words = line.directive.arguments().skip(1);
            words.any(|word| word.value().as_ref() == b"proxy_protocol")
        };
        configuration.own(server, d::LISTEN).iter().find(is_behind)
    })
}

fn is_set_by_proxy(word: Word<'_>) -> bool {
    let value = word.value();
    parts(&value).any(|part| match part {
        Part::Variable { name, .. } => {
            SET_BY_PROXIES.iter().any(|known| known.eq_ignore_ascii_case(name))
        }
        _ => false,
    })
}
