//! Host names with wildcards, as `server_name` and maps with `hostnames` compare them
//! (`ngx_hash_find_combined` in nginx, src/core/ngx_hash.c; nginx.org, "Server names").

/// How a host name with a wildcard is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HostName {
    /// `chat.example.org`
    Exact(Vec<u8>),
    /// `*.example.org`: the rest, with its dot in front; `.example.org` is that and the exact name.
    Leading(Vec<u8>),
    /// `chat.*`: the start, with its dot at the end.
    Trailing(Vec<u8>),
}

impl HostName {
    /// Reads a name; two for `.example.org`. Case does not matter.
    pub(crate) fn read(name: &[u8]) -> Vec<HostName> {
        let name = name.to_ascii_lowercase();
        if let Some(rest) = name.strip_prefix(b"*.") {
            return vec![HostName::Leading([b".", rest].concat())];
        }
        if let Some(rest) = name.strip_prefix(b".") {
            return vec![HostName::Exact(rest.to_vec()), HostName::Leading(name)];
        }
        match name.strip_suffix(b"*") {
            Some(start) if start.ends_with(b".") => vec![HostName::Trailing(start.to_vec())],
            _ => vec![HostName::Exact(name)],
        }
    }

    /// How well it matches a host name in lower case: an exact name before the longest leading
    /// wildcard before the longest trailing one. `None` when it does not.
    pub(crate) fn rank(&self, host: &[u8]) -> Option<(u8, usize)> {
        match self {
            HostName::Exact(name) => (name == host).then_some((3, name.len())),
            HostName::Leading(rest) => {
                // The label in the wildcard's place may be empty.
                host.ends_with(rest).then_some((2, rest.len()))
            }
            HostName::Trailing(start) => {
                (host.len() > start.len() && host.starts_with(start)).then_some((1, start.len()))
            }
        }
    }
}

/// Whether nginx takes a text for a name, `*.NAME`, `.NAME` or `NAME.*`
/// (`ngx_hash_add_key`).
pub(crate) fn is_name_or_wildcard(name: &[u8]) -> bool {
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

    fn rank(name: &str, host: &str) -> Option<(u8, usize)> {
        HostName::read(name.as_bytes()).iter().filter_map(|name| name.rank(host.as_bytes())).max()
    }

    #[test]
    fn exact_names_come_before_wildcards() {
        assert!(rank("a.test", "a.test") > rank("*.test", "a.test"));
        assert!(rank("*.test", "a.test") > rank("a.*", "a.test"));
        assert!(rank("*.b.test", "a.b.test") > rank("*.test", "a.b.test"));
    }

    #[test]
    fn a_wildcard_is_at_least_one_label() {
        assert_eq!(rank("*.test", "test"), None);
        assert!(rank("*.test", ".test").is_some());
        assert!(rank(".test", "test").is_some());
        assert!(rank(".test", "a.b.test").is_some());
        assert_eq!(rank("a.*", "a."), None);
        assert!(rank("A.*", "a.b.c").is_some());
    }

    #[test]
    fn names_with_wildcards() {
        for name in ["a.b", "*.a", ".a", "a.*", "", "a", ".a*"] {
            assert!(is_name_or_wildcard(name.as_bytes()), "{name}");
        }
        for name in ["*", "*a.b", "a.*.b", "*.a.*", "a..b", "a*", "..a"] {
            assert!(!is_name_or_wildcard(name.as_bytes()), "{name}");
        }
    }
}
