//! `split_clients` (`ngx_http_split_clients` in nginx, src/http/modules/ngx_http_split_clients_module.c,
//! and that of `stream`).

use super::Reader;
use crate::text::percent::hundredths;
use crate::text::value::Refused;

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
