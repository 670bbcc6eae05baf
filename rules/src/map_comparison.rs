//! Whether two maps do the same.

use wslint_model::evaluate::{Map, MapKey};

/// Whether two maps look at the same and have the same lines, in whatever order.
pub(crate) fn is_same(one: &Map, other: &Map) -> bool {
    let lines = |map: &Map| {
        let mut lines: Vec<(Vec<u8>, Vec<u8>)> = map
            .entries
            .iter()
            .map(|entry| {
                let key = match &entry.key {
                    None => b"default".to_vec(),
                    Some(MapKey::Text(key)) => [b"=", key.to_ascii_lowercase().as_slice()].concat(),
                    Some(MapKey::Regex(regex)) => {
                        let sign = if regex.ignores_case { "~*" } else { "~" };
                        [sign.as_bytes(), regex.text.as_bytes()].concat()
                    }
                };
                (key, entry.value.clone())
            })
            .collect();
        // The order of regular expressions counts, and that of all others does not.
        lines.sort_by_key(|(key, _)| {
            (key.first() == Some(&b'~')).then(Vec::new).unwrap_or_else(|| key.clone())
        });
        lines
    };
    one.source.eq_ignore_ascii_case(&other.source)
        && (one.hostnames, one.volatile) == (other.hostnames, other.volatile)
        && lines(one) == lines(other)
}
