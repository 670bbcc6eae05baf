//! `geo` blocks (src/http/modules/ngx_http_geo_module.c).

use std::net::IpAddr;

use wslint_grammar::{Directive, Word};

use crate::load::{DataLine, Loaded};
use crate::source::DirectiveRef;
use crate::text::network::{Network, ipv4_range};

/// A `geo` block, with the files that it includes.
#[derive(Debug)]
pub(crate) struct Geo {
    /// The block.
    pub reference: DirectiveRef,
    /// The variable whose value is the address, with its dollar sign; the client's without it.
    pub source: Option<Vec<u8>>,
    /// The variable that it defines, in lower case, without `$`.
    pub variable: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<Network>,
    /// Whether the last address that is not a proxy's counts.
    is_recursive: bool,
    /// Whether its variable is computed anew each time.
    pub volatile: bool,
    /// An include in it could not be opened, or a line is beyond us.
    pub unseen: Option<DirectiveRef>,
    has_ranges: bool,
    default: Vec<u8>,
    networks: Vec<(Network, Vec<u8>)>,
    /// Both ends, for IPv4 only.
    ranges: Vec<((u32, u32), Vec<u8>)>,
}

impl Geo {
    /// Reads the block at `reference`; `None` when its arguments are not there.
    pub(crate) fn read(loaded: &Loaded, reference: DirectiveRef) -> Option<Self> {
        let directive = loaded.sources.directive(reference);
        let words: Vec<Vec<u8>> =
            directive.arguments().map(|word| word.value().into_owned()).collect();
        let (source, variable) = match words.as_slice() {
            [variable] => (None, variable),
            [source, variable] => (Some(source.clone()), variable),
            _ => return None,
        };
        let name = variable.strip_prefix(b"$")?;
        let mut geo = Self {
            reference,
            source,
            variable: String::from_utf8_lossy(name).to_ascii_lowercase(),
            proxies: Vec::new(),
            is_recursive: false,
            volatile: false,
            unseen: None,
            has_ranges: false,
            default: Vec::new(),
            networks: Vec::new(),
            ranges: Vec::new(),
        };
        loaded.each_data_line(reference, |line| {
            let unread = match line {
                DataLine::Read(reference, line) => {
                    geo.read_line(line).is_none().then_some(reference)
                }
                DataLine::Unseen(include) => Some(include),
            };
            geo.unseen = geo.unseen.or(unread);
        });
        Some(geo)
    }

    /// `None` for a line that nginx refuses.
    fn read_line(&mut self, line: Directive<'_>) -> Option<()> {
        match (line.name().as_ref(), line.argument_count()) {
            (b"ranges", 0) => self.has_ranges = true,
            (b"proxy_recursive", 0) => self.is_recursive = true,
            (b"volatile", 0) => self.volatile = true,
            (name, 1) => {
                let value = line.argument(0).map(Word::value).unwrap_or_default();
                return self.read_entry(name, &value);
            }
            _ => return None,
        }
        Some(())
    }

    fn read_entry(&mut self, name: &[u8], value: &[u8]) -> Option<()> {
        match name {
            b"default" => self.default = value.to_vec(),
            b"proxy" => self.proxies.push(Network::read_in_geo(value)?),
            b"delete" if self.has_ranges => {
                let deleted = range(value)?;
                self.ranges.retain(|(known, _)| *known != deleted);
            }
            b"delete" => {
                let deleted = Network::read_in_geo(value)?;
                self.networks.retain(|(known, _)| *known != deleted);
            }
            name if self.has_ranges => self.ranges.push((range(name)?, value.to_vec())),
            name => self.networks.push((Network::read_in_geo(name)?, value.to_vec())),
        }
        Some(())
    }

    /// What an address gives; `None` stands for what is no address.
    pub(crate) fn find(&self, address: Option<IpAddr>) -> &[u8] {
        let address = address.unwrap_or(IpAddr::from([255; 4])).to_canonical();
        let found = if self.has_ranges {
            let number = match address {
                IpAddr::V4(address) => address.to_bits(),
                IpAddr::V6(_) => u32::MAX,
            };
            let contains = |(first, last): (u32, u32)| first <= number && number <= last;
            self.ranges.iter().rev().find(|(range, _)| contains(*range)).map(|(_, value)| value)
        } else {
            // Of the same network written twice the last line counts.
            let fitting = self.networks.iter().filter(|(network, _)| network.contains(address));
            fitting.max_by_key(|(network, _)| network.bits()).map(|(_, value)| value)
        };
        found.unwrap_or(&self.default)
    }

    /// The address that counts behind proxies (`ngx_http_get_forwarded_addr`).
    pub(crate) fn forwarded(&self, address: IpAddr, forwarded_for: &str) -> IpAddr {
        let is_proxy = |address| self.proxies.iter().any(|proxy| proxy.contains(address));
        let mut address = address;
        let mut rest = forwarded_for;
        while is_proxy(address) {
            rest = rest.trim_end_matches([' ', ',']);
            let start = rest.rfind([' ', ',']).map_or(0, |at| at + 1);
            let Some(parsed) = without_port(&rest[start..]) else { break };
            address = parsed;
            rest = &rest[..start];
            if !self.is_recursive || rest.is_empty() {
                break;
            }
        }
        address
    }
}

/// An address, perhaps with a port (`ngx_parse_addr_port`).
fn without_port(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|full| full.ip()))
}

fn range(text: &[u8]) -> Option<(u32, u32)> {
    ipv4_range(text).map(|(first, last)| (first.to_bits(), last.to_bits()))
}
