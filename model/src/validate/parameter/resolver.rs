//! Name servers (`ngx_resolver_create` in nginx, src/core/ngx_resolver.c).

use wslint_grammar::catalogue::directive as d;

use super::{Line, Row, refuse};
use crate::text::url::{self, Use};
use crate::text::value::{Refused, is_time};

pub(super) const PLAIN: &[Row] = &[(d::RESOLVER, resolver)];

fn resolver(line: &Line<'_>) -> Option<Refused> {
    let (mut servers, mut off) = (0, [false; 2]);
    for (at, word) in line.words_from(1) {
        let invalid =
            |expected: &str| refuse(at, format!("invalid parameter: {}", line.shown(at)), expected);
        if let Some(time) = word.strip_prefix(b"valid=") {
            if !is_time(time, true) {
                return invalid("a time such as `valid=30s`");
            }
        } else if let Some((family, switch)) = family(line, word) {
            match switch {
                b"on" => off[family] = false,
                b"off" => off[family] = true,
                _ => return invalid("`on` or `off`"),
            }
        // The commercial nginx counts what it asks for.
        } else if !word.starts_with(b"status_zone=") {
            servers += 1;
            if let Err(error) = url::parse(word, Use::Server) {
                let message = format!("{error} in resolver \"{}\"", line.shown(at));
                return refuse(at, message, "the address of a name server, with a port perhaps");
            }
        }
    }
    if off == [true; 2] {
        let message = "\"ipv4\" and \"ipv6\" cannot both be \"off\"".to_owned();
        return refuse(0, message, "one of the two");
    }
    // `off` was a value up to 1.1.x; today it is the name of a server.
    if servers == 0 {
        return refuse(0, "no name servers defined".to_owned(), "the address of a name server");
    }
    None
}

/// `ipv4=` exists from 1.23.1 on, and is the name of a server before.
fn family<'w>(line: &Line<'_>, word: &'w [u8]) -> Option<(usize, &'w [u8])> {
    let ipv4 = || word.strip_prefix(b"ipv4=").filter(|_| line.may_be_since(1, 23, 1));
    word.strip_prefix(b"ipv6=").map(|switch| (1, switch)).or_else(|| Some((0, ipv4()?)))
}
