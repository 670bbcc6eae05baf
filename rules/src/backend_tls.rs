//! The name that a backend has in TLS.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::backend::{Backend, is_public_name};
use wslint_model::resolve::{Effective, LevelId};

use crate::context::Context;

/// The name of the Internet that all servers of a backend are reached by.
pub(crate) fn only_name(context: &Context<'_>, backend: &Backend) -> Option<String> {
    let hosts = backend.hosts(context);
    let name = hosts.first().filter(|host| is_public_name(host))?;
    let is_same = |host: &String| host.eq_ignore_ascii_case(name);
    hosts.iter().all(is_same).then(|| name.trim_end_matches('.').to_ascii_lowercase())
}

/// Whether `proxy_ssl_name` is something else than the default, or may be.
pub(crate) fn is_named(context: &Context<'_>, level: LevelId) -> bool {
    match context.configuration.value(level, d::PROXY_SSL_NAME) {
        Effective::Default => false,
        Effective::Unknown(_) => true,
        Effective::Set(line) => {
            line.value(0).is_none_or(|value| !value.eq_ignore_ascii_case(b"$proxy_host"))
        }
    }
}
