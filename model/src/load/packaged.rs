//! Files that nginx's packages put beside nginx.conf.
//!
//! A configuration in a repository does without them, and what they hold is known.

/// Files about MIME types, character sets and parameters for applications: nothing in them is
/// about what nginx proxies.
const APART: [&str; 9] = [
    "mime.types",
    "fastcgi_params",
    "fastcgi.conf",
    "uwsgi_params",
    "scgi_params",
    "koi-utf",
    "koi-win",
    "win-utf",
    "snippets/fastcgi-php.conf",
];

/// Whether an included file, wherever a package keeps it, comes with nginx.
pub fn comes_with_nginx(path: &str) -> bool {
    is_apart_from_proxying(path) || is_one_of(path, &["proxy_params"])
}

/// Whether an included file comes with nginx and sets nothing that a proxied request feels.
pub fn is_apart_from_proxying(path: &str) -> bool {
    is_one_of(path, &APART)
}

fn is_one_of(path: &str, names: &[&str]) -> bool {
    names.iter().any(|name| {
        path.strip_suffix(name).is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
    })
}
