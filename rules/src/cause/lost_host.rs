//! What of the client's `Host` reaches a backend.

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::{Part, parts};
use wslint_model::handshake::backend::{Backend, is_public_name};
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::resolve::{Effective, Setting};

use crate::cause::diagnosis::Diagnosis;
use crate::context::Context;

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

/// Why it seems that the backend is to know the client's `Host`, though no line passes it on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted<'c> {
    /// A level above passes it on, and this one drops that with its other lines.
    Lost(Setting<'c>),
    /// The line passes on something else of the client.
    OtherFields(Setting<'c>),
}

/// What shows that a backend is to know of the client. With nothing of it, the backend may well be
/// one that asks for nothing of it.
pub(crate) fn wanted<'c>(context: &Context<'c>, forwarded: &Forwarded<'c>) -> Option<Wanted<'c>> {
    let configuration = context.configuration;
    let own = forwarded.headers.set()?;
    let above = configuration.level(own.level).parent?;
    let inherited = match configuration.effective(above, d::PROXY_SET_HEADER) {
        Effective::Set(lines) => Some(lines),
        _ => None,
    };
    let name = |line: Setting<'_>| {
        line.directive.argument(0).map(Word::value).unwrap_or_default().to_ascii_lowercase()
    };
    let is_of_client = |line: &Setting<'_>| {
        let text = line.directive.argument(1).map(Word::value).unwrap_or_default();
        let is_host = |name: &str| {
            name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case("http_host")
        };
        parts(&text).any(|part| matches!(part, Part::Variable { name, .. } if is_host(name)))
    };
    let lost = inherited
        .and_then(|lines| lines.iter().find(|line| name(*line) == b"host" && is_of_client(line)));
    lost.map(Wanted::Lost).or_else(|| {
        let is_about_client = |line: &Setting<'_>| {
            let name = name(*line);
            let is_sent = line.directive.argument(1).is_some_and(|it| !it.value().is_empty());
            let is_field = name.starts_with(b"x-forwarded-")
                || matches!(name.as_slice(), b"x-real-ip" | b"forwarded" | b"x-original-host");
            is_sent && is_field
        };
        forwarded.lines().find(is_about_client).map(Wanted::OtherFields)
    })
}

/// The backend's own name or address as `Host`, where no line passes the client's on and all lines
/// are seen. `None` for a backend with a name of the Internet, which may want its own.
pub(crate) fn own_host<'c>(
    context: &Context<'c>,
    forwarded: &Forwarded<'c>,
    diagnosis: &Diagnosis<'_>,
) -> Option<OwnHost<'c>> {
    if !diagnosis.is_complete(forwarded) || !forwarded.sees_all_lines(context) {
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
