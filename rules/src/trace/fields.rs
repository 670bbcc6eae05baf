//! The fields of the request to the backend, and its HTTP version
//! (`ngx_http_proxy_init_headers`, `ngx_http_proxy_create_request`).

use wslint_grammar::catalogue::directive as d;

use super::follow::Walk;
use super::proxy::shown;
use super::{SentField, settings};
use crate::evaluate::{Unknown, Value};
use crate::handshake::{HOST_IS_SINGLE, HTTP_1_1_BY_DEFAULT, HttpVersion, header_lines};
use crate::resolve::{Lines, Unseen};
use crate::source::Place;

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

/// A field, or all of them, of which it cannot be told what is sent.
pub(super) struct Open {
    /// The reason.
    pub(super) why: Unknown,
    /// The field; `None` for any.
    field: Option<String>,
}

impl Open {
    /// Whether it may be this field.
    pub(super) fn may_be(&self, field: &str) -> bool {
        self.field.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(field))
    }
}

/// The HTTP version that nginx speaks, and why that is not sure.
pub(super) fn http_version(walk: &Walk<'_, '_, '_>) -> (String, Option<Unknown>) {
    let version = HttpVersion::at(walk.tracer.model.configuration, walk.request.level);
    let open = match version {
        HttpVersion::Unknown(Unseen::Include(include)) => Some(behind_include(walk, include)),
        // Around a fragment nothing is taken for set.
        _ => None,
    };
    (version.spoken(walk.request.question.nginx_version), open)
}

/// The fields of the request, in the order in which they are sent.
pub(super) fn fields(
    walk: &mut Walk<'_, '_, '_>,
    proxy_host: &str,
    http_version: &str,
) -> (Vec<SentField>, Vec<Open>) {
    let configuration = walk.tracer.model.configuration;
    let version = walk.request.question.nginx_version;
    let level = walk.request.level;
    let mut fields: Vec<SentField> = Vec::new();
    let mut named: Vec<String> = Vec::new();
    let mut open = Vec::new();
    let (lines, unseen) = header_lines(configuration, level);
    if let Some(Unseen::Include(include)) = unseen {
        open.push(Open { why: behind_include(walk, include), field: None });
    }
    let mut host: Option<(String, Option<Place>)> = None;
    for line in lines.iter().flat_map(Lines::iter) {
        let (Some(name), Some(text)) = (line.directive.argument(0), line.directive.argument(1))
        else {
            continue;
        };
        let name = String::from_utf8_lossy(&name.value()).into_owned();
        let text = text.value();
        named.push(name.to_ascii_lowercase());
        let value = match walk.value(&text) {
            Value::Known(value) => String::from_utf8_lossy(&value).into_owned(),
            Value::Unknown(why) => {
                if is_of_the_handshake(&name) {
                    open.push(Open { why, field: Some(name.clone()) });
                }
                shown(walk, &text)
            }
        };
        let place = Some(line.place());
        if name.eq_ignore_ascii_case("Host") && version >= HOST_IS_SINGLE {
            host = Some((value, place));
        } else if !value.is_empty() {
            fields.push(SentField { name, value, place });
        }
    }
    let sets = |name: &str| named.iter().any(|known| known.eq_ignore_ascii_case(name));
    let own_host = || (proxy_host.to_owned(), None);
    if version >= HOST_IS_SINGLE {
        let is_kept = |(value, _): &(String, _)| !value.is_empty() || http_version != "1.1";
        let (value, place) = host.filter(is_kept).unwrap_or_else(own_host);
        if !value.is_empty() {
            fields.insert(0, SentField { name: "Host".to_owned(), value, place });
        }
    } else if !sets("Host") {
        let (value, place) = own_host();
        fields.push(SentField { name: "Host".to_owned(), value, place });
    }
    if version < HTTP_1_1_BY_DEFAULT && !sets("Connection") {
        let value = "close".to_owned();
        fields.push(SentField { name: "Connection".to_owned(), value, place: None });
    }
    if passes_clients(walk) {
        for (name, value) in &walk.request.fields {
            let is_kept = !NOT_PASSED.iter().any(|field| field.eq_ignore_ascii_case(name));
            if is_kept && !sets(name) {
                fields.push(SentField { name: name.clone(), value: value.clone(), place: None });
            }
        }
    }
    (fields, open)
}

/// Whether a backend looks at a field to tell a handshake.
fn is_of_the_handshake(name: &str) -> bool {
    ["Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"]
        .iter()
        .any(|field| field.eq_ignore_ascii_case(name))
}

fn behind_include(walk: &Walk<'_, '_, '_>, include: crate::source::DirectiveRef) -> Unknown {
    let place = walk.tracer.model.configuration.setting(include).place();
    Unknown {
        depends_on: "what this `include` holds, which cannot be opened".to_owned(),
        place: Some(place),
    }
}

/// Whether the client's own fields are passed on.
pub(crate) fn passes_clients(walk: &Walk<'_, '_, '_>) -> bool {
    let configuration = walk.tracer.model.configuration;
    settings::flag(configuration, walk.request.level, d::PROXY_PASS_REQUEST_HEADERS, true)
}
