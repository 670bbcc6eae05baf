//! `split_clients` (`ngx_http_split_clients` in nginx, src/http/modules/ngx_http_split_clients_module.c,
//! and that of `stream`).

use super::Reader;
use crate::nginx_text::value::Refused;

#[derive(Default)]
pub(super) struct SplitClients {
    /// The sum so far, in hundredths of a per cent.
    sum: u64,
}

const ALL: u64 = 10_000;

impl Reader for SplitClients {
    fn line(&mut self, words: &[&[u8]]) -> Option<Refused> {
        let &share = words.first()?;
        let hundredths = match share {
            b"*" => None,
            _ => match hundredths(share) {
                Some(hundredths) => Some(hundredths),
                None => {
                    let shown = String::from_utf8_lossy(share);
                    let message = format!("invalid percent value \"{shown}\"");
                    let expected = "`*`, or per cent with up to two decimals, as in `0.5%`";
                    return Some(Refused::new(0, message, expected));
                }
            },
        };
        let before = self.sum;
        self.sum = hundredths.map_or(ALL, |hundredths| self.sum + hundredths);
        // The first line that is too much is enough.
        if self.sum <= ALL || before > ALL {
            return None;
        }
        let message = "percent total is greater than 100%".to_owned();
        Some(Refused::new(0, message, "shares of up to 100% together, `*` last"))
    }
}

/// A share in hundredths of a per cent (`ngx_atofp`). None is no share.
fn hundredths(text: &[u8]) -> Option<u64> {
    let digits = text.strip_suffix(b"%")?;
    let (mut value, mut decimals, mut dot) = (0_u64, 0, false);
    if digits.is_empty() {
        return None;
    }
    for &byte in digits {
        match byte {
            // Nothing may follow the second decimal.
            _ if decimals == 2 => return None,
            b'.' if !dot => dot = true,
            b'0'..=b'9' => {
                value = value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
                decimals += u32::from(dot);
            }
            _ => return None,
        }
    }
    value.checked_mul(10_u64.pow(2 - decimals)).filter(|&value| value > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        assert_eq!(hundredths(b"50%"), Some(5000));
        assert_eq!(hundredths(b"0.5%"), Some(50));
        assert_eq!(hundredths(b".25%"), Some(25));
        for text in ["50", "%", "0%", "1.234%", "1.23.%", "a%", "-1%", "1..2%"] {
            assert_eq!(hundredths(text.as_bytes()), None, "{text}");
        }
    }
}
