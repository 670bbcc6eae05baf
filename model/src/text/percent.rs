//! Shares of a hundred with up to two decimals (`ngx_atofp` in nginx, src/core/ngx_string.c).

/// A share in hundredths of a per cent (`ngx_atofp`). None is no share.
pub(crate) fn hundredths(text: &[u8]) -> Option<u64> {
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
        assert_eq!(hundredths(b"100%"), Some(10_000));
        assert_eq!(hundredths(b"33.33%"), Some(3333));
        assert_eq!(hundredths(b"0.5%"), Some(50));
        assert_eq!(hundredths(b".25%"), Some(25));
        for text in ["50", "%", "0%", "1.234%", "1.23.%", "a%", "-1%", "1..2%"] {
            assert_eq!(hundredths(text.as_bytes()), None, "{text}");
        }
    }
}
