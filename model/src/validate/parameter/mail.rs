//! Mail.

use wslint_grammar::catalogue::directive as d;

use super::{Line, Row, refuse, shown};
use crate::text::url::{self, Use};
use crate::text::value::{Refused, one_of};

pub(super) const PLAIN: &[Row] = &[(d::PROTOCOL, protocol), (d::AUTH_HTTP, auth_http)];

/// `ngx_mail_core_protocol`
fn protocol(line: &Line<'_>) -> Option<Refused> {
    const PROTOCOLS: [&str; 3] = ["imap", "pop3", "smtp"];
    if PROTOCOLS.iter().any(|known| known.as_bytes() == line.word(1)) {
        return None;
    }
    let message = format!("unknown protocol \"{}\"", line.shown(1));
    refuse(1, message, &one_of(&PROTOCOLS))
}

/// `ngx_mail_auth_http`
fn auth_http(line: &Line<'_>) -> Option<Refused> {
    let word = line.word(1);
    let url = word.strip_prefix(b"http://").unwrap_or(word);
    let error = url::parse(url, Use::ServerWithPath).err()?;
    let message = format!("{error} in auth_http \"{}\"", shown(url));
    refuse(1, message, "`http://HOST:PORT/PATH`")
}
