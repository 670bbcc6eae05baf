//! Which backends a `proxy_pass` may mean (`ngx_http_upstream_add`,
//! `ngx_http_upstream_init_request`).

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;

use crate::declarations::proxy_pass::ProxyPassUrl;
use crate::declarations::upstream_groups::UpstreamGroups;
use crate::handshake::phases::answer;
use crate::handshake::phases::follow::{Next, Walk};
use crate::handshake::phases::proxy::Target;
use crate::handshake::{Phase, ReasonKind};
use crate::model::Model;
use crate::resolve::{LevelId, Setting, settings};
use crate::source::Place;
use crate::text::address::split_port;
use crate::text::url::{self, Use};

/// The backends of a configuration that nginx knows when it starts.
#[derive(Debug)]
pub struct Upstreams<'x> {
    groups: &'x UpstreamGroups,
    /// Host in lower case and port of each `proxy_pass` without variables: a variable that gives
    /// the same needs no resolver.
    addresses: &'x Addresses,
}

/// Hosts in lower case, with their ports.
pub type Addresses = FxHashSet<(Vec<u8>, u16)>;

impl<'x> Upstreams<'x> {
    /// The upstreams and addresses of a configuration.
    pub fn new(model: &'x Model<'_>) -> Self {
        Self { addresses: model.proxied_addresses(), groups: model.upstream_groups() }
    }

    /// What every `proxy_pass` of a configuration names that is no `upstream`.
    pub fn addresses(model: &Model<'_>) -> Addresses {
        let groups = model.upstream_groups();
        let addresses = model.configuration.everywhere(d::PROXY_PASS).filter_map(|(_, pass)| {
            let text = pass.directive.argument(0)?.value();
            let url = ProxyPassUrl::read(std::str::from_utf8(&text).ok()?)?;
            let port = url.port.as_deref().unwrap_or(url.default_port()).parse().ok()?;
            let is_group = groups.named(url.host.as_bytes(), false).is_some();
            let host = url.host.to_ascii_lowercase().into_bytes();
            (!host.contains(&b'$') && !is_group).then_some((host, port))
        });
        addresses.collect()
    }

    /// The `upstream` block that an address means: one with a port is no such name.
    fn group(&self, authority: &str) -> Option<LevelId> {
        self.groups.named(authority.as_bytes(), false)
    }

    /// The host of an address that came from a variable, when nginx has to look it up: it is no
    /// address, and none of the backends that nginx knows.
    pub fn looked_up<'u>(&self, scheme: &str, authority: &'u str) -> Option<&'u str> {
        if authority.starts_with("unix:")
            || authority.contains('$')
            || self.group(authority).is_some()
            || self.has_address(scheme, authority)
        {
            return None;
        }
        let (host, _) = split_port(authority);
        let is_address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
        (!is_address).then_some(host)
    }

    fn has_address(&self, scheme: &str, authority: &str) -> bool {
        let (host, port) = split_port(authority);
        let port = match port {
            Some(port) => port.parse().ok(),
            None => Some(default_port(scheme)),
        };
        port.is_some_and(|port| {
            self.addresses.contains(&(host.to_ascii_lowercase().into_bytes(), port))
        })
    }
}

fn default_port(scheme: &str) -> u16 {
    if scheme.eq_ignore_ascii_case("https://") { 443 } else { 80 }
}

/// What nginx says of an address that a variable gave and that is none (`ngx_parse_url`).
pub fn fault(authority: &str) -> Option<&'static str> {
    if authority.starts_with("unix:") || authority.contains('$') {
        return None;
    }
    url::parse(authority.as_bytes(), Use::Server).err()
}

/// Why nginx cannot reach the backend, where the configuration alone says so.
pub(crate) fn unreachable(
    walk: &mut Walk<'_, '_>,
    target: &Target,
    place: Option<Place>,
) -> Option<Next> {
    let configuration = walk.tracer.model.configuration;
    if let Some(group) = walk.tracer.upstreams.group(&target.authority) {
        let servers: Vec<_> = configuration.own(group, d::SERVER).iter().collect();
        let is_down = |server: &Setting<'_>| {
            server.directive.arguments().skip(1).any(|word| word.value().as_ref() == b"down")
        };
        if !servers.is_empty() && servers.iter().all(is_down) {
            walk.step(Phase::Proxy, "every server of the upstream is `down`", place);
            return Some(bad_gateway(walk, place, ReasonKind::AllServersDown));
        }
        return None;
    }
    if !target.has_variables {
        return None;
    }
    let host = walk.tracer.upstreams.looked_up(target.scheme, &target.authority)?;
    let resolver = settings::value(configuration, walk.request.level, d::RESOLVER);
    if resolver.is_some() || !configuration.is_whole() {
        return None;
    }
    walk.step(Phase::Proxy, format!("no resolver defined to resolve {host}"), place);
    Some(bad_gateway(walk, place, ReasonKind::NoResolver))
}

/// The answer for want of a backend.
fn bad_gateway(walk: &mut Walk<'_, '_>, place: Option<Place>, kind: ReasonKind) -> Next {
    match answer::finish(walk, 502, place) {
        Next::End(mut outcome) => {
            outcome.reasons = vec![kind.at(place)];
            Next::End(outcome)
        }
        next => next,
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn what_is_no_address_is_told() {
        assert_eq!(fault("backend:8080"), None);
        assert_eq!(fault(""), Some("no host"));
        assert_eq!(fault("a:b"), Some("invalid port"));
        assert_eq!(fault("a:0"), Some("invalid port"));
        assert_eq!(fault("a:99999"), Some("invalid port"));
        assert_eq!(fault("$name:99999"), None);
    }
}
