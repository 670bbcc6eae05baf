//! `split_clients` blocks (src/http/modules/ngx_http_split_clients_module.c).

use wslint_grammar::Word;

use crate::load::Loaded;
use crate::source::DirectiveRef;
use crate::text::percent::hundredths;

/// A `split_clients` block.
#[derive(Debug)]
pub(crate) struct SplitClients {
    /// The block.
    pub reference: DirectiveRef,
    /// The text whose hash decides.
    pub source: Vec<u8>,
    /// The variable that it defines, in lower case, without `$`.
    pub variable: String,
    /// The values, each with the hash that it ends before; `None` for `*`.
    parts: Vec<(Option<u32>, Vec<u8>)>,
}

impl SplitClients {
    /// Reads the block at `reference`; `None` for one that nginx refuses.
    pub(crate) fn read(loaded: &Loaded, reference: DirectiveRef) -> Option<Self> {
        let directive = loaded.sources.directive(reference);
        let source = directive.argument(0)?.value().into_owned();
        let variable = directive.argument(1)?.value();
        let variable = String::from_utf8_lossy(variable.strip_prefix(b"$")?).to_ascii_lowercase();
        let mut parts = Vec::new();
        let mut last: u64 = 0;
        for line in directive.children() {
            let value = line.argument(0).map(Word::value)?.into_owned();
            let end = match line.name().as_ref() {
                b"*" => None,
                percent => {
                    last += hundredths(percent).filter(|&share| share <= 10_000)?
                        * u64::from(u32::MAX)
                        / 10_000;
                    Some(u32::try_from(last).ok()?)
                }
            };
            parts.push((end, value));
        }
        Some(Self { reference, source, variable, parts })
    }

    /// What a text gives (`ngx_http_split_clients_variable`).
    pub(crate) fn find(&self, source: &[u8]) -> &[u8] {
        let hash = murmur_hash2(source);
        let found = self.parts.iter().find(|(end, _)| end.is_none_or(|end| hash < end));
        found.map_or(b"", |(_, value)| value)
    }
}

/// `ngx_murmur_hash2`: MurmurHash2 with 0 for a seed.
fn murmur_hash2(text: &[u8]) -> u32 {
    const MIX: u32 = 0x5bd1_e995;
    let mut hash = text.len() as u32;
    let mut words = text.chunks_exact(4);
    for word in &mut words {
        let mut word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(MIX);
        word ^= word >> 24;
        hash = hash.wrapping_mul(MIX) ^ word.wrapping_mul(MIX);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (number, &byte) in rest.iter().enumerate() {
            hash ^= u32::from(byte) << (8 * number);
        }
        hash = hash.wrapping_mul(MIX);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MIX);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::murmur_hash2;

    #[test]
    fn the_hash_is_that_of_its_author() {
        assert_eq!(murmur_hash2(b""), 0);
        assert_ne!(murmur_hash2(b"a"), murmur_hash2(b"b"));
        assert_ne!(murmur_hash2(b"abcd"), murmur_hash2(b"abce"));
    }
}
