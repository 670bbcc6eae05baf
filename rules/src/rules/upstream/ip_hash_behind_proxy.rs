//! `ip_hash` where the address is that of another proxy.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Word};

use crate::context::Context;
use wslint_model::evaluate::Part;
use wslint_model::evaluate::parts;
use crate::finding::Finding;
use crate::finding::FindingFix;
use crate::fix_writing::Edits;
use wslint_model::handshake::backends::Group;
use wslint_model::handshake::backends::Way;
use wslint_model::resolve::Effective;
use wslint_model::resolve::LevelId;
use wslint_model::resolve::Setting;
use crate::rules::IP_HASH_BEHIND_PROXY as RULE;

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

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.wants_advice() {
        return;
    }
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
        if *takes_address_from_proxy.get_or_insert_with(|| may_be_told(context)) {
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
            })
            .mended_by(fix(context, group, ip_hash)),
        );
    }
}

/// Lets the servers be chosen by what the proxy says.
fn fix<'c>(context: &Context<'c>, group: &Group<'c>, ip_hash: Setting<'_>) -> Option<FindingFix> {
    let variable = client_address(context, group)?;
    if context.copies().of(ip_hash.reference) != 1 {
        return None;
    }
    let method = format!("hash {variable} consistent");
    let message = format!("write `{method};`");
    let mut edits = Edits::default().ask_unless(false);
    let words = ip_hash.directive.words_span();
    edits.add_in(ip_hash.reference.file, Edit::replace(words, method));
    edits.into_fix(message)
}

/// Whether nginx may take the client's address from a proxy.
fn may_be_told(context: &Context<'_>) -> bool {
    let configuration = context.configuration;
    !context.sees_everything()
        || configuration.everywhere(d::SET_REAL_IP_FROM).next().is_some()
        || configuration.everywhere(d::REAL_IP_HEADER).next().is_some()
}

/// Whether a proxy in front hides the addresses of the clients of a group.
pub(in crate::rules) fn hides_clients<'c>(context: &Context<'c>, group: &Group<'c>) -> bool {
    let mut seen = FxHashMap::default();
    !may_be_told(context)
        && group.ways.iter().any(|way| evidence(context, way, &mut seen).is_some())
}

/// The variable with the client's address as a proxy in front gives it, with its dollar sign; `None`
/// where not all that comes to a group comes from a proxy that says the same.
pub(in crate::rules) fn client_address<'c>(
    context: &Context<'c>,
    group: &Group<'c>,
) -> Option<&'static str> {
    let mut seen = FxHashMap::default();
    let mut found = None;
    for way in &group.ways {
        let line = evidence(context, way, &mut seen)?;
        let variable = match line.directive.id() {
            Some(d::LISTEN) => {
                let server = context.configuration.level(way.level).server?;
                let mut listens = context.configuration.own(server, d::LISTEN).iter();
                listens.all(|line| takes_proxy_protocol(&line)).then_some("$proxy_protocol_addr")?
            }
            _ => address_beside(line)?,
        };
        if found.is_some_and(|found| found != variable) {
            return None;
        }
        found = Some(variable);
    }
    found
}

/// What gives the client's address where a proxy sets what such a line hands on.
fn address_beside(line: Setting<'_>) -> Option<&'static str> {
    const ADDRESSES: [(&str, &str); 6] = [
        ("http_cf_", "$http_cf_connecting_ip"),
        ("http_fastly_", "$http_fastly_client_ip"),
        ("http_true_client_ip", "$http_true_client_ip"),
        ("http_x_forwarded_", "$http_x_forwarded_for"),
        ("http_x_real_ip", "$http_x_real_ip"),
        ("proxy_protocol_addr", "$proxy_protocol_addr"),
    ];
    let value = line.directive.argument(1)?.value();
    parts(&value).find_map(|part| match part {
        Part::Variable { name, .. } => {
            let name = name.to_ascii_lowercase();
            ADDRESSES.iter().find(|(start, _)| name.starts_with(start)).map(|&(_, address)| address)
        }
        _ => None,
    })
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
    *seen
        .entry(server)
        .or_insert_with(|| configuration.own(server, d::LISTEN).iter().find(takes_proxy_protocol))
}

fn takes_proxy_protocol(listen: &Setting<'_>) -> bool {
    let mut words = listen.directive.arguments().skip(1);
    words.any(|word| word.value().as_ref() == b"proxy_protocol")
}

/// Whether a value comes from a field that a proxy in front sets.
pub(in crate::rules) fn is_set_by_proxy(word: Word<'_>) -> bool {
    let value = word.value();
    parts(&value).any(|part| match part {
        Part::Variable { name, .. } => {
            SET_BY_PROXIES.iter().any(|known| known.eq_ignore_ascii_case(name))
        }
        _ => false,
    })
}
