//! What of the client's `Host` reaches a backend.

use wslint_grammar::Word;

use crate::context::Context;
use crate::declared::backend::{Backend, is_public_name};
use crate::handshake::Forwarded;
use crate::handshake::diagnosis::Diagnosis;
use crate::resolve::Setting;

/// What a backend reads as `Host` when the client's does not reach it.
#[derive(Debug)]
pub(crate) struct OwnHost<'c> {
    /// The backend.
    pub(crate) backend: Backend,
    /// `proxy_set_header Host $proxy_host`, when that is written down.
    pub(crate) line: Option<Setting<'c>>,
}

impl OwnHost<'_> {
    /// Whether the backend reads a name that is only nginx's for it: that of an `upstream`, or one
    /// that is no host name because of its `_` (RFC 1123, section 2.1).
    pub(crate) fn is_name_of_backend(&self) -> bool {
        self.backend.group.is_some() || self.is_no_host_name()
    }

    /// Whether the name has a `_` in it.
    pub(crate) fn is_no_host_name(&self) -> bool {
        !self.backend.host.starts_with("unix:") && self.backend.host.contains('_')
    }
}

/// The backend's own name or address as `Host`, where no line passes the client's on and all lines
/// are seen. `None` for a backend with a name of the Internet, which may want its own.
pub(crate) fn own_host<'c>(
    context: &Context<'c>,
    forwarded: &Forwarded<'c>,
    diagnosis: &Diagnosis<'_>,
) -> Option<OwnHost<'c>> {
    if !forwarded.is_complete(diagnosis) || !forwarded.sees_all_lines(context) {
        return None;
    }
    let mut lines = forwarded.lines_of("Host");
    let line = lines.next();
    let is_own = |line: Setting<'_>| {
        let text = line.directive.argument(1).map(Word::value);
        text.is_some_and(|text| {
            text.eq_ignore_ascii_case(b"$proxy_host") || text.eq_ignore_ascii_case(b"${proxy_host}")
        })
    };
    if lines.next().is_some() || line.is_some_and(|line| !is_own(line)) {
        return None;
    }
    let backend = Backend::of(context, forwarded)?;
    (!is_public_name(&backend.host)).then_some(OwnHost { backend, line })
}
