//! Networks, and which addresses are in them (`ngx_ptocidr`, `ngx_cidr_match`).

use std::net::IpAddr;

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subnet {
    base: IpAddr,
    bits: u32,
}

impl Subnet {
    /// Reads `10.0.0.0/8`, `::1` and the like. Bits of the address that do not count are dropped.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().ok()?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then(|| Self { base: masked(base, bits), bits })
    }

    /// How many bits count.
    pub(crate) fn bits(&self) -> u32 {
        self.bits
    }

    /// Whether an address is in it.
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

#[cfg(test)]
mod tests {
    use super::Subnet;

    #[test]
    fn networks_contain_addresses() {
        let contains = |network: &str, address: &str| {
            Subnet::read(network).unwrap().contains(address.parse().unwrap())
        };
        assert!(contains("127.0.0.1", "127.0.0.1"));
        assert!(contains("127.0.0.0/8", "127.0.0.1"));
        assert!(contains("0.0.0.0/0", "127.0.0.1"));
        assert!(!contains("10.0.0.0/8", "127.0.0.1"));
        assert!(!contains("::1", "127.0.0.1"));
        assert!(contains("::/0", "::1"));
        assert!(contains("10.1.2.3/8", "10.0.0.0"));
        assert!(Subnet::read("10.0.0.0/33").is_none());
        assert!(Subnet::read("example.org").is_none());
    }
}
