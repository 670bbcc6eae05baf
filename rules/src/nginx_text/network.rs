//! Internet addresses and networks as nginx reads them (`ngx_inet_addr`, `ngx_inet6_addr`,
//! `ngx_ptocidr` and `ngx_parse_addr_port` in nginx, src/core/ngx_inet.c).

use std::net::Ipv4Addr;

use crate::nginx_text::value::number;

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

/// Whether nginx takes a text for an IPv6 address without brackets (`ngx_inet6_addr`).
pub(crate) fn is_ipv6(text: &[u8]) -> bool {
    if text.is_empty() {
        return false;
    }
    let mut zero = false;
    // Where the digits of the last group begin, once a colon was seen.
    let mut digits = None;
    let mut nibbles = 0;
    let mut groups_left = 8;
    let start = usize::from(text[0] == b':');
    for (at, &byte) in text.iter().enumerate().skip(start) {
        match byte {
            b':' => {
                digits = Some(at + 1);
                if nibbles > 0 {
                    groups_left -= 1;
                    if groups_left == 0 {
                        return false;
                    }
                    nibbles = 0;
                } else if zero {
                    return false;
                } else {
                    zero = true;
                }
            }
            b'.' if nibbles > 0 => {
                let Some(digits) = digits.filter(|_| groups_left >= 2) else { return false };
                // Behind an IPv4 address nothing can stand: it goes to the end.
                if ipv4(&text[digits..]).is_none() {
                    return false;
                }
                groups_left -= 1;
                break;
            }
            _ => {
                nibbles += 1;
                if nibbles > 4 || !byte.is_ascii_hexdigit() {
                    return false;
                }
            }
        }
    }
    if nibbles == 0 && !zero {
        return false;
    }
    // The last group, or two zeros.
    (groups_left > 1) == zero
}

/// Whether nginx takes a text for an address with an optional prefix length (`ngx_ptocidr`).
pub(crate) fn is_network(text: &[u8]) -> bool {
    let slash = text.iter().position(|&byte| byte == b'/');
    let address = &text[..slash.unwrap_or(text.len())];
    let most = if ipv4(address).is_some() {
        32
    } else if is_ipv6(address) {
        128
    } else {
        return false;
    };
    slash.is_none_or(|slash| number(&text[slash + 1..]).is_some_and(|length| length <= most))
}

/// Whether nginx takes a text for an address with an optional port (`ngx_parse_addr_port`). Whether
/// brackets may stand without a port depends on the version, so that they may here.
pub(crate) fn is_address(text: &[u8]) -> bool {
    let is_ip = |text: &[u8]| ipv4(text).is_some() || is_ipv6(text);
    if is_ip(text) {
        return true;
    }
    let is_port = |text: &[u8]| number(text).is_some_and(|port| (1..=65535).contains(&port));
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
            assert!(is_ipv6(text.as_bytes()), "{text}");
        }
        for text in ["", ":", "1", "1:2:3:4:5:6:7", "1::2::3", "12345::", "g::", "[::1]", "::1.2.3"]
        {
            assert!(!is_ipv6(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn networks() {
        for text in ["10.0.0.0/8", "10.0.0.0/0", "10.1.2.3/32", "10.1.2.3", "fe80::/10", "::/128"] {
            assert!(is_network(text.as_bytes()), "{text}");
        }
        for text in ["10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "fe80::/129", "10.0.0.0/-1", "all", ""]
        {
            assert!(!is_network(text.as_bytes()), "{text}");
        }
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
            prop_assert!(is_ipv6(text.as_bytes()), "{}", text);
        }

        #[test]
        fn no_bytes_make_it_panic(text: Vec<u8>) {
            is_network(&text);
            is_address(&text);
        }
    }
}
