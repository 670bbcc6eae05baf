//! `geo` (`ngx_http_geo` in nginx, src/http/modules/ngx_http_geo_module.c, and that of `stream`).

use wslint_grammar::catalogue::Version;

use super::{Reader, may_be_since};
use crate::text::network::{Network, ipv4_range};
use crate::text::value::Refused;

pub(super) struct Geo {
    version: Option<Version>,
    /// `ranges` stands in it.
    ranges: bool,
    /// A line with a network was seen, behind which `ranges` cannot stand.
    networks: bool,
    /// Lines were not seen, among which `ranges` may be.
    unseen: bool,
}

impl Geo {
    pub(super) fn new(version: Option<Version>) -> Self {
        Self { version, ranges: false, networks: false, unseen: false }
    }
}

impl Reader for Geo {
    fn line(&mut self, words: &[&[u8]]) -> Option<Refused> {
        match words {
            [b"ranges"] => {
                if self.networks {
                    let message = "the \"ranges\" directive must be the first directive inside \
                                   \"geo\" block"
                        .to_owned();
                    return Some(Refused::new(0, message, "the first place in the block"));
                }
                self.ranges = true;
                None
            }
            [b"proxy_recursive"] => None,
            [b"volatile"] if may_be_since(self.version, Version::new(1, 29, 3)) => None,
            [name, value] => self.entry(name, value),
            _ => {
                let message = "invalid number of the geo parameters".to_owned();
                Some(Refused::new(0, message, "a network and a value on each line"))
            }
        }
    }

    fn skip(&mut self) {
        self.unseen = true;
    }
}

impl Geo {
    fn entry(&mut self, name: &[u8], value: &[u8]) -> Option<Refused> {
        if name == b"proxy" {
            return network(1, value);
        }
        self.networks |= !self.ranges;
        let (word, net) = match name {
            b"default" => return None,
            b"delete" => (1, value),
            _ => (0, name),
        };
        match (self.ranges, self.unseen) {
            (true, _) => range(word, net),
            (false, false) => network(word, net),
            (false, true) => network(word, net).filter(|_| range(word, net).is_some()),
        }
    }
}

fn network(word: usize, text: &[u8]) -> Option<Refused> {
    if Network::read_in_geo(text).is_some() {
        return None;
    }
    let message = format!("invalid network \"{}\"", String::from_utf8_lossy(text));
    Some(Refused::new(word, message, "a network such as `10.0.0.0/8`, or an address"))
}

fn range(word: usize, text: &[u8]) -> Option<Refused> {
    if ipv4_range(text).is_some() {
        return None;
    }
    let message = format!("invalid range \"{}\"", String::from_utf8_lossy(text));
    Some(Refused::new(word, message, "a range such as `10.0.0.0-10.0.0.255`"))
}
