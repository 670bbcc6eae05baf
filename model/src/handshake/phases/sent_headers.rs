//! The headers of the request to the backend, and its HTTP version
//! (`ngx_http_proxy_init_headers`, `ngx_http_proxy_create_request`).

use wslint_grammar::catalogue::directive as d;

use crate::evaluate::{Evaluated, Unknown, Value};
use crate::handshake::phases::follow::Walk;
use crate::handshake::proxied_request::{HttpVersion, header_lines};
use crate::handshake::strict_backend::ReceivedHeader;
use crate::resolve::{Lines, Setting, Unseen, settings};
use crate::versions::{HOST_IS_SINGLE, HTTP_1_1_BY_DEFAULT};

/// nginx does not pass these on, nor send them by itself (`ngx_http_proxy_headers`).
const NOT_PASSED: [&str; 10] = [
    "Host",
    "Connection",
    "Content-Length",
    "Transfer-Encoding",
    "TE",
    "Keep-Alive",
    "Expect",
    "Upgrade",
    "Proxy-Connection",
    "Date",
];

/// A `proxy_set_header` line in effect, with what it sends.
#[derive(Clone, Debug)]
pub(crate) struct SetHeader<'c> {
    /// The line.
    pub(crate) line: Setting<'c>,
    /// What its value becomes.
    pub(crate) value: Evaluated,
}

/// The HTTP version that nginx speaks, where it is set, and why that is not sure.
pub(super) fn http_version<'c>(
    walk: &Walk<'_, 'c>,
) -> (String, Option<Setting<'c>>, Option<Unknown>) {
    let version = HttpVersion::at(walk.tracer.model.configuration, walk.request.level);
    let unseen = match version {
        HttpVersion::Unknown(Unseen::Include(include)) => Some(after_include(walk, include)),
        // Around a fragment nothing is taken as set.
        _ => None,
    };
    let line = match version {
        HttpVersion::Set(line) => Some(line),
        _ => None,
    };
    (version.spoken(walk.nginx_version()), line, unseen)
}

/// The lines of `proxy_set_header` in effect, with what each sends, in nginx's order; and what may
/// hold more of them.
pub(crate) fn set_headers<'c>(walk: &Walk<'_, 'c>) -> (Vec<SetHeader<'c>>, Option<Unknown>) {
    let (lines, unseen) = header_lines(walk.tracer.model.configuration, walk.request.level);
    let unseen = match unseen {
        Some(Unseen::Include(include)) => Some(after_include(walk, include)),
        // Around a fragment nothing is taken as set.
        Some(Unseen::OuterContext) | None => None,
    };
    let lines = lines.iter().flat_map(Lines::iter).filter_map(|line| {
        let text = line.directive.argument(1)?.value();
        Some(SetHeader { line, value: walk.evaluated(&text) })
    });
    (lines.collect(), unseen)
}

/// The headers of the request, in the order in which they are sent. Those whose value is empty are
/// not sent, but their lines are why.
pub(super) fn headers(
    walk: &Walk<'_, '_>,
    lines: &[SetHeader<'_>],
    proxy_host: &str,
    http_version: &str,
) -> Vec<ReceivedHeader> {
    let version = walk.nginx_version();
    let mut headers: Vec<ReceivedHeader> = Vec::new();
    let mut set: Vec<String> = Vec::new();
    let mut host: Option<ReceivedHeader> = None;
    for SetHeader { line, value } in lines {
        let Some(name) = line.directive.argument(0) else { continue };
        let name = String::from_utf8_lossy(&name.value()).into_owned();
        set.push(name.to_ascii_lowercase());
        let is_host = name.eq_ignore_ascii_case("Host") && version >= HOST_IS_SINGLE;
        let header = ReceivedHeader { name, value: value.value.clone(), place: Some(line.place()) };
        if is_host {
            host = Some(header);
        } else {
            headers.push(header);
        }
    }
    let is_set = |name: &str| set.iter().any(|known| known.eq_ignore_ascii_case(name));
    let own = |name: &str, value: &str| ReceivedHeader {
        name: name.to_owned(),
        value: Value::known(value),
        place: None,
    };
    let own_host = || own("Host", proxy_host);
    if version >= HOST_IS_SINGLE {
        let is_empty = |header: &ReceivedHeader| header.value == Value::Known(Vec::new());
        let is_kept = |header: &ReceivedHeader| !is_empty(header) || http_version != "1.1";
        let header = host.filter(is_kept).unwrap_or_else(own_host);
        if !is_empty(&header) {
            headers.insert(0, ReceivedHeader { name: "Host".to_owned(), ..header });
        }
    } else if !is_set("Host") {
        headers.push(own_host());
    }
    if version < HTTP_1_1_BY_DEFAULT && !is_set("Connection") {
        headers.push(own("Connection", "close"));
    }
    if passes_clients(walk) {
        for (name, value) in walk.request.headers() {
            let is_kept = !NOT_PASSED.iter().any(|header| header.eq_ignore_ascii_case(name));
            if is_kept && !is_set(name) {
                headers.push(own(name, value));
            }
        }
    }
    headers
}

fn after_include(walk: &Walk<'_, '_>, include: crate::source::DirectiveRef) -> Unknown {
    let place = walk.tracer.model.configuration.setting(include).place();
    Unknown {
        depends_on: "what this `include` holds, which cannot be opened".to_owned(),
        place: Some(place),
    }
}

/// Whether the client's own headers are passed on.
pub(crate) fn passes_clients(walk: &Walk<'_, '_>) -> bool {
    let configuration = walk.tracer.model.configuration;
    settings::flag(configuration, walk.request.level, d::PROXY_PASS_REQUEST_HEADERS, true)
}
