//! What stands behind `server` in an upstream (`ngx_http_upstream_server`, `ngx_parse_inet_url`).

use wslint_grammar::Quote;

use crate::declarations::Declarations;
use crate::resolve::Setting;
use crate::source::Place;
use crate::text::placeholder::may_stand_in;

/// What an address is that nginx refuses as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A URL: so many bytes are its scheme.
    Scheme(usize),
    /// The path of a socket, without `unix:`.
    SocketPath,
    /// An address with a path behind it.
    Path,
}

/// A `server` whose address nginx refuses as `invalid host`.
#[derive(Debug)]
pub struct Misshapen {
    /// The place of the address.
    pub place: Place,
    /// The address as nginx reads it.
    pub text: String,
    /// What it is.
    pub shape: Shape,
    /// It stands there without quotes and backslashes.
    pub is_plain: bool,
}

/// The servers of all upstreams whose address is none.
pub fn misshapen_servers(model: &Declarations<'_>) -> Vec<Misshapen> {
    let servers = model.upstream_servers().iter();
    servers.filter_map(|&(_, server)| misshapen(model, server)).collect()
}

fn misshapen(model: &Declarations<'_>, server: Setting<'_>) -> Option<Misshapen> {
    let word = server.directive.argument(0)?;
    // Most addresses have no slash: a look at the bytes is enough.
    if !word.raw().iter().any(|byte| b"/?".contains(byte)) {
        return None;
    }
    let value = word.value();
    let text = std::str::from_utf8(&value).ok()?;
    let place = server.argument_place(0);
    if model.has_syntax_error_in(place) {
        return None;
    }
    Some(Misshapen {
        shape: shape(text)?,
        text: text.to_owned(),
        is_plain: word.quote() == Quote::None && !word.is_escaped(),
        place,
    })
}

/// What an address is that is none; `None` also when it has yet to be filled in.
pub fn shape(text: &str) -> Option<Shape> {
    if may_stand_in(text.as_bytes()) {
        return None;
    }
    if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("unix:")) {
        return None;
    }
    if let Some(end) = text.find("://")
        && text[..end].bytes().all(|byte| byte.is_ascii_alphabetic())
    {
        return Some(Shape::Scheme(end + 3));
    }
    if text.starts_with('/') {
        return Some(Shape::SocketPath);
    }
    text.contains(['/', '?']).then_some(Shape::Path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_none_are_told_apart() {
        assert_eq!(shape("http://a:80"), Some(Shape::Scheme(7)));
        assert_eq!(shape("/run/app.sock"), Some(Shape::SocketPath));
        assert_eq!(shape("a:80/ws"), Some(Shape::Path));
        assert_eq!(shape("a:80/"), Some(Shape::Path));
        assert_eq!(shape("unix:/run/app.sock"), None);
        assert_eq!(shape("a:80"), None);
    }
}
