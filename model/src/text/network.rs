//! Internet addresses and networks as nginx reads them (`ngx_inet_addr`, `ngx_inet6_addr`,
//! `ngx_ptocidr` and `ngx_parse_addr_port` in nginx, src/core/ngx_inet.c).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::text::value::number;

/// An IPv4 address (`ngx_inet_addr`): four numbers up to 255 with dots between them. Unlike others,
/// nginx takes empty numbers for zero; the broadcast address is no address to it.
pub(crate) fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut dots = 0;
    let mut octet: u32 = 0;
    for &byte in text {
        match byte {
            b'0'..=b'9' => {
                octet = octet * 10 + u32::from(byte - b'0');
                if octet > 255 {
                    return None;
                }
            }
            b'.' => {
                *octets.get_mut(dots)? = octet as u8;
                octet = 0;
                dots += 1;
            }
            _ => return None,
        }
    }
    if dots != 3 {
        return None;
    }
    octets[3] = octet as u8;
    (octets != [255; 4]).then(|| Ipv4Addr::from(octets))
}

/// An IPv6 address without brackets (`ngx_inet6_addr`).
pub fn ipv6(text: &[u8]) -> Option<Ipv6Addr> {
    const GROUPS: usize = 8;
    let mut groups = [0u16; GROUPS];
    // How many groups are read, how many of them stand before `::`, and the group at hand.
    let mut count = 0;
    let mut zeros_at = None;
    let mut group = 0u16;
    // Where the digits of the last group begin, once a colon was seen.
    let mut digits = None;
    let mut nibbles = 0;
    let start = usize::from(text.first()? == &b':');
    for (at, &byte) in text.iter().enumerate().skip(start) {
        match byte {
            b':' => {
                digits = Some(at + 1);
                if nibbles > 0 {
                    groups[count] = group;
                    count += 1;
                    if count == GROUPS {
                        return None;
                    }
                    (group, nibbles) = (0, 0);
                } else if zeros_at.is_some() {
                    return None;
                } else {
                    zeros_at = Some(count);
                }
            }
            b'.' if nibbles > 0 => {
                let digits = digits.filter(|_| count + 2 <= GROUPS)?;
                // Behind an IPv4 address nothing can stand: it goes to the end.
                let [a, b, c, d] = ipv4(&text[digits..])?.octets();
                groups[count] = u16::from_be_bytes([a, b]);
                count += 1;
                group = u16::from_be_bytes([c, d]);
                break;
            }
            _ => {
                nibbles += 1;
                let digit = char::from(byte).to_digit(16).filter(|_| nibbles <= 4)?;
                group = group << 4 | digit as u16;
            }
        }
    }
    if nibbles == 0 && zeros_at.is_none() {
        return None;
    }
    // The last group, or two zeros.
    groups[count] = group;
    count += 1;
    match zeros_at {
        None if count < GROUPS => return None,
        Some(_) if count == GROUPS => return None,
        None => {}
        Some(at) => groups[at..].rotate_right(GROUPS - count),
    }
    Some(Ipv6Addr::from(groups))
}

/// An address of either kind (`ngx_parse_addr`).
fn ip(text: &[u8]) -> Option<IpAddr> {
    ipv4(text).map(IpAddr::V4).or_else(|| ipv6(text).map(IpAddr::V6))
}

/// A network (`ngx_cidr_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    base: IpAddr,
    bits: u32,
}

impl Network {
    /// Reads `10.0.0.0/8`, `::1` and the like (`ngx_ptocidr`). Bits of the address that do not count
    /// are dropped.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let slash = memchr::memchr(b'/', text);
        let base = ip(&text[..slash.unwrap_or(text.len())])?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = match slash {
            Some(slash) => u32::try_from(number(&text[slash + 1..])?).ok()?,
            None => most,
        };
        (bits <= most).then(|| Self { base: masked(base, bits), bits })
    }

    /// Reads a network of `geo`, where the broadcast address is one (`ngx_http_geo_cidr_value`).
    pub(crate) fn read_in_geo(text: &[u8]) -> Option<Self> {
        match text {
            b"255.255.255.255" => Some(Self { base: IpAddr::V4(Ipv4Addr::BROADCAST), bits: 32 }),
            _ => Self::read(text),
        }
    }

    /// How many bits count.
    pub(crate) fn bits(&self) -> u32 {
        self.bits
    }

    /// Whether an address is in it (`ngx_cidr_match`).
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.base.is_ipv4() == address.is_ipv4() && masked(address, self.bits) == self.base
    }
}

fn masked(address: IpAddr, bits: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

/// A range of IPv4 addresses, as `geo` with `ranges` has them (`ngx_http_geo_range`).
pub(crate) fn ipv4_range(text: &[u8]) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let dash = memchr::memchr(b'-', text)?;
    let ends = (ipv4(&text[..dash])?, ipv4(&text[dash + 1..])?);
    (ends.0 <= ends.1).then_some(ends)
}

/// A port: a number from 1 to 65535 in digits, as `ngx_atoi` takes them.
pub fn port(text: &[u8]) -> Option<u16> {
    number(text).and_then(|number| u16::try_from(number).ok()).filter(|&port| port > 0)
}

/// Whether nginx takes a text for an address with an optional port (`ngx_parse_addr_port`). Whether
/// brackets may stand without a port depends on the version, so that they may here.
pub fn is_address(text: &[u8]) -> bool {
    let is_ip = |text: &[u8]| ip(text).is_some();
    if is_ip(text) {
        return true;
    }
    let is_port = |text: &[u8]| port(text).is_some();
    if let Some(rest) = text.strip_prefix(b"[") {
        let Some(close) = rest.iter().position(|&byte| byte == b']') else { return false };
        let (address, port) = (&rest[..close], &rest[close + 1..]);
        return is_ip(address) && (port.is_empty() || port.strip_prefix(b":").is_some_and(is_port));
    }
    let Some(colon) = text.iter().position(|&byte| byte == b':') else { return false };
    is_port(&text[colon + 1..]) && is_ip(&text[..colon])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ipv4_addresses() {
        for text in ["127.0.0.1", "0.0.0.0", "010.1.1.1", "1..2.3", "..."] {
            assert!(ipv4(text.as_bytes()).is_some(), "{text}");
        }
        for text in
            ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "255.255.255.255", "1.2.3.x", "1.2.3.4 "]
        {
            assert!(ipv4(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn ipv6_addresses() {
        for text in ["::", "::1", "fe80::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "2001:DB8::"] {
            assert!(ipv6(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["", ":", "1", "1:2:3:4:5:6:7", "1::2::3", "12345::", "g::", "[::1]", "::1.2.3"]
        {
            assert!(ipv6(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn networks() {
        for text in ["10.0.0.0/8", "10.0.0.0/0", "10.1.2.3/32", "10.1.2.3", "fe80::/10", "::/128"] {
            assert!(Network::read(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "fe80::/129", "10.0.0.0/-1", "all", ""]
        {
            assert!(Network::read(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn networks_contain_addresses() {
        let contains = |network: &str, address: &str| {
            Network::read(network.as_bytes()).unwrap().contains(address.parse().unwrap())
        };
        assert!(contains("127.0.0.1", "127.0.0.1"));
        assert!(contains("127.0.0.0/8", "127.0.0.1"));
        assert!(contains("0.0.0.0/0", "127.0.0.1"));
        assert!(!contains("10.0.0.0/8", "127.0.0.1"));
        assert!(!contains("::1", "127.0.0.1"));
        assert!(contains("::/0", "::1"));
        assert!(contains("10.1.2.3/8", "10.0.0.0"));
        assert!(Network::read(b"10.0.0.0/33").is_none());
        assert!(Network::read(b"example.org").is_none());
    }

    #[test]
    fn addresses_with_ports() {
        for text in ["10.0.0.1", "10.0.0.1:80", "::1", "[::1]:80", "[::1]"] {
            assert!(is_address(text.as_bytes()), "{text}");
        }
        for text in ["host", "10.0.0.1:0", "10.0.0.1:x", "[::1", "[::1]80", "", "localhost:80"] {
            assert!(!is_address(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_others_take_for_an_ipv6_address_is_one(address: std::net::Ipv6Addr) {
            let text = address.to_string();
            prop_assert_eq!(ipv6(text.as_bytes()), Some(address), "{}", text);
        }

        #[test]
        fn no_bytes_make_it_panic(text: Vec<u8>) {
            let _ = Network::read(&text);
            is_address(&text);
        }
    }
}
