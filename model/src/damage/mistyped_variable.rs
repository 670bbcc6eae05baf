//! Variables of the handshake whose names are mistyped.

/// The variable that was meant by a mistyped `$http_upgrade` or `$http_connection`: one or two
/// letters are wrong. nginx takes every name that begins with `http_`, and it is empty.
pub fn mistyped(name: &str) -> Option<&'static str> {
    const MEANT: [&str; 2] = ["http_upgrade", "http_connection"];
    let starts_so = name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("http_"));
    if !starts_so || MEANT.iter().any(|meant| meant.eq_ignore_ascii_case(name)) {
        return None;
    }
    let name = name.to_ascii_lowercase();
    MEANT.into_iter().find(|meant| {
        meant.len().abs_diff(name.len()) <= 2 && strsim::damerau_levenshtein(&name, meant) <= 2
    })
}
