//! Where the address of a client is to be found, when a proxy in front of nginx hides it.

use rustc_hash::FxHashMap;
use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::{Part, parts};
use wslint_model::handshake::backends::{Group, Way};
use wslint_model::resolve::{Effective, LevelId, Setting};

use crate::context::Context;

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

/// Whether nginx may take the client's address from a proxy.
pub(crate) fn may_be_told(context: &Context<'_>) -> bool {
    let configuration = context.configuration;
    !context.sees_everything()
        || configuration.everywhere(d::SET_REAL_IP_FROM).next().is_some()
        || configuration.everywhere(d::REAL_IP_HEADER).next().is_some()
}

/// Whether a proxy in front hides the addresses of the clients of a group.
pub(crate) fn hides_clients<'c>(context: &Context<'c>, group: &Group<'c>) -> bool {
    let mut seen = FxHashMap::default();
    !may_be_told(context)
        && group.ways.iter().any(|way| evidence(context, way, &mut seen).is_some())
}

/// The variable with the client's address as a proxy in front gives it, with its dollar sign; `None`
/// where not all that comes to a group comes from a proxy that says the same.
pub(crate) fn client_address<'c>(context: &Context<'c>, group: &Group<'c>) -> Option<&'static str> {
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
    let value = line.value(1)?;
    parts(&value).find_map(|part| match part {
        Part::Variable { name, .. } => {
            let name = name.to_ascii_lowercase();
            ADDRESSES.iter().find(|(start, _)| name.starts_with(start)).map(|&(_, address)| address)
        }
        _ => None,
    })
}

/// The line that shows a proxy in front of a location. `seen` has what each level's lines show.
pub(crate) fn evidence<'c>(
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
pub(crate) fn is_set_by_proxy(word: Word<'_>) -> bool {
    let value = word.value();
    parts(&value).any(|part| match part {
        Part::Variable { name, .. } => {
            SET_BY_PROXIES.iter().any(|known| known.eq_ignore_ascii_case(name))
        }
        _ => false,
    })
}
