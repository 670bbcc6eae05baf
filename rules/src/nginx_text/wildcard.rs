//! Host names with wildcards (`ngx_hash_add_key` in nginx, src/core/ngx_hash.c).

/// Whether nginx takes a text for a name, `*.NAME`, `.NAME` or `NAME.*`.
pub(crate) fn is_valid(name: &[u8]) -> bool {
    let stars = memchr::memchr_iter(b'*', name).count();
    if stars > 1 || memchr::memmem::find(name, b"..").is_some() || name.contains(&0) {
        return false;
    }
    let is_wildcard = name.len() > 2 && (name.starts_with(b"*.") || name.ends_with(b".*"));
    stars == 0 || is_wildcard || name.len() > 1 && name[0] == b'.'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_wildcards() {
        for name in ["a.b", "*.a", ".a", "a.*", "", "a", ".a*"] {
            assert!(is_valid(name.as_bytes()), "{name}");
        }
        for name in ["*", "*a.b", "a.*.b", "*.a.*", "a..b", "a*", "..a"] {
            assert!(!is_valid(name.as_bytes()), "{name}");
        }
    }
}
