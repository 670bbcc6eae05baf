//! The request to the backend, and its answer (src/http/modules/ngx_http_proxy_module.c).

use wslint_grammar::catalogue::directive as d;

use super::backend::{self, Fault};
use super::follow::{Next, Walk, refused, unknown};
use super::uri::escape;
use super::{By, Kind, Outcome, Phase, UpstreamRequest, answer, fields, settings, upstream};
use crate::evaluate::{Part, Value, parts};
use crate::nginx_text::address;
use crate::nginx_text::location::LocationPattern;
use crate::resolve::Setting;
use crate::source::Place;
use crate::suggest::listed;

/// The URL of a `proxy_pass`, after its variables.
pub(crate) struct Target {
    pub(crate) scheme: String,
    pub(crate) authority: String,
    pub(crate) uri: Vec<u8>,
    pub(crate) has_variables: bool,
}

/// Hands the request to the backend.
pub(crate) fn pass(walk: &mut Walk<'_, '_, '_>, pass: Setting<'_>) -> Next {
    let place = Some(pass.place());
    let target = match target(walk, pass) {
        Ok(target) => target,
        Err(end) => return end,
    };
    let (host, port) = host_and_port(&target);
    *walk.request.proxied_to.borrow_mut() = Some((host.clone(), port));
    cache(walk);
    let uri = uri(walk, &target);
    if uri.is_empty() {
        walk.step(Phase::Proxy, "zero length URI to proxy", place);
        return answer::finish(walk, 500, place);
    }
    let uri = String::from_utf8_lossy(&uri).into_owned();
    let method =
        match settings::value(walk.tracer.model.configuration, walk.request.level, d::PROXY_METHOD)
        {
            Some(line) => {
                let text = line.directive.argument(0).map(|word| word.value().into_owned());
                shown(walk, &text.unwrap_or_default())
            }
            None => String::from_utf8_lossy(&walk.request.method).into_owned(),
        };
    let (http_version, open_version) = fields::http_version(walk);
    let (fields, open_fields) = fields::fields(walk, &host, &http_version);
    // nginx has written the request, and computed its variables, before it looks for the backend.
    if let Some(end) = upstream::unreachable(walk, &target, place) {
        return end;
    }
    let request = UpstreamRequest {
        method,
        uri,
        http_version,
        fields,
        to: format!("{}{}", target.scheme, target.authority),
    };
    let message = format!(
        "{} {} HTTP/{} goes to {}",
        request.method, request.uri, request.http_version, request.to
    );
    walk.step(Phase::Proxy, message, place);
    walk.upstream_request = Some(request.clone());
    let faults = backend::faults(&request);
    // What cannot be told decides only where nothing else does.
    let is_open = |fault: &Fault| match fault.field() {
        Some(field) => open_fields.iter().any(|open| open.may_be(field)),
        None => *fault == Fault::HttpVersion && open_version.is_some(),
    };
    let mut open = open_fields.iter().map(|open| &open.why).chain(&open_version);
    if let Some(why) = open.next()
        && faults.iter().all(is_open)
    {
        return Next::End(unknown(why, place));
    }
    answer_of_backend(walk, &request, &faults, place)
}

fn answer_of_backend(
    walk: &mut Walk<'_, '_, '_>,
    request: &UpstreamRequest,
    faults: &[Fault],
    place: Option<Place>,
) -> Next {
    if faults.is_empty() {
        walk.step(Phase::Backend, "a strict backend answers 101", None);
        return switched(walk, place);
    }
    let shown: Vec<String> = faults.iter().map(|fault| fault.shown(request)).collect();
    let is_plain = backend::joined(request, "Upgrade").is_empty();
    let status = if is_plain { 200 } else { 400 };
    let line = cause(walk, request, faults);
    let cause = line.or(place);
    let why = format!("the backend gets {}, which is no handshake", listed(&shown));
    walk.step(Phase::Backend, format!("a strict backend answers {status}"), line);
    if !is_plain
        && settings::flag(
            walk.tracer.model.configuration,
            walk.request.level,
            d::PROXY_INTERCEPT_ERRORS,
            false,
        )
        && answer::page_for(walk, status).is_some()
    {
        return answer::finish(walk, status, cause);
    }
    let status = walk.request.error_status.unwrap_or(status);
    let mut outcome = refused(By::Backend, Some(status), why, cause);
    let mut rules: Vec<&'static str> =
        faults.iter().flat_map(|fault| fault.rules(request)).copied().collect();
    rules.dedup();
    // What no line sets is missing because nothing of the client's is passed on.
    if !fields::passes_clients(walk)
        && ["Sec-WebSocket-Key", "Sec-WebSocket-Version"]
            .iter()
            .any(|name| backend::joined(request, name).is_empty())
    {
        rules.retain(|rule| *rule != "sec-websocket-header-overridden");
        rules.push("request-headers-not-passed");
    }
    outcome.rules = rules;
    Next::End(outcome)
}

/// The line that makes the first fault, where one does.
fn cause(walk: &Walk<'_, '_, '_>, request: &UpstreamRequest, faults: &[Fault]) -> Option<Place> {
    let field = |name: &str| {
        request
            .fields
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name))
            .and_then(|field| field.place)
    };
    let own = |id| {
        let line = settings::value(walk.tracer.model.configuration, walk.request.level, id);
        line.map(|line| line.place())
    };
    faults.iter().find_map(|fault| match (fault, fault.field()) {
        (_, Some(name)) => field(name),
        (Fault::Method, None) => own(d::PROXY_METHOD),
        (_, None) => own(d::PROXY_HTTP_VERSION),
    })
}

/// What nginx does with the `101` of the backend.
fn switched(walk: &mut Walk<'_, '_, '_>, place: Option<Place>) -> Next {
    if walk.request.is_subrequest() {
        let why = "nginx takes no 101 for a sub-request, and closes the client's connection";
        walk.step(Phase::Response, why, place);
        return Next::End(Outcome {
            kind: Kind::Switches,
            by: None,
            status: Some(101),
            why: why.to_owned(),
            place,
            rules: Vec::new(),
        });
    }
    if let Some(status) = walk.request.error_status.filter(|&status| status != 101) {
        let why = format!(
            "`error_page` without `=` puts the status {status} in the place of the backend's 101"
        );
        walk.step(Phase::Response, why.clone(), None);
        let mut outcome = refused(By::Nginx, Some(status), why, place);
        outcome.rules = vec!["error-page-overrides-101"];
        return Next::End(outcome);
    }
    if let Some(line) = other_key(walk) {
        let why = "the backend answers another key than the client's, which closes the connection";
        walk.step(Phase::Response, why, Some(line));
        let mut outcome = refused(By::Client, Some(101), why.to_owned(), Some(line));
        outcome.rules = vec!["sec-websocket-header-overridden"];
        return Next::End(outcome);
    }
    if let Some(hidden) = hidden_field(walk) {
        let name = hidden.directive.argument(0).map(|word| word.value().into_owned());
        let name = String::from_utf8_lossy(&name.unwrap_or_default()).into_owned();
        let why = format!("the client gets the 101 without {name}, and closes the connection");
        walk.step(Phase::Response, why.clone(), Some(hidden.place()));
        let mut outcome = refused(By::Client, Some(101), why, Some(hidden.place()));
        outcome.rules = vec!["upgrade-response-header-hidden"];
        return Next::End(outcome);
    }
    walk.step(Phase::Response, "nginx passes the 101 on", None);
    Next::End(Outcome {
        kind: Kind::Switches,
        by: None,
        status: Some(101),
        why: "the backend gets a whole handshake, and its 101 reaches the client".to_owned(),
        place,
        rules: Vec::new(),
    })
}

/// The line that sends a key of its own: `Sec-WebSocket-Accept` is made of it, and the client
/// compares that with its own (RFC 6455, section 4.1).
fn other_key(walk: &Walk<'_, '_, '_>) -> Option<Place> {
    let name = "Sec-WebSocket-Key";
    let request = walk.upstream_request.as_ref()?;
    let sent = request.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
    (walk.request.field(name) != Some(&*sent.value)).then_some(sent.place).flatten()
}

/// The `proxy_hide_header` that takes away what a client needs (RFC 6455, section 4.1), unless a
/// `proxy_pass_header` gives it back.
fn hidden_field<'c>(walk: &Walk<'_, 'c, '_>) -> Option<Setting<'c>> {
    let configuration = walk.tracer.model.configuration;
    let level = walk.request.level;
    let named = |line: &Setting<'_>, name: &str| {
        line.directive
            .argument(0)
            .is_some_and(|word| word.value().eq_ignore_ascii_case(name.as_bytes()))
    };
    let passed = settings::nearest(configuration, level, &[d::PROXY_PASS_HEADER]);
    let hidden = settings::nearest(configuration, level, &[d::PROXY_HIDE_HEADER]);
    hidden.into_iter().find(|line| {
        ["Upgrade", "Sec-WebSocket-Accept"]
            .iter()
            .any(|name| named(line, name) && !passed.iter().any(|passed| named(passed, name)))
    })
}

/// The URL of the `proxy_pass`.
fn target(walk: &mut Walk<'_, '_, '_>, pass: Setting<'_>) -> Result<Target, Next> {
    let place = Some(pass.place());
    let text = pass.directive.argument(0).map(|word| word.value().into_owned()).unwrap_or_default();
    let has_variables = parts(&text).any(|part| !matches!(part, Part::Text(_)));
    let url = match (has_variables, walk.value(&text)) {
        (true, Value::Known(url)) => url,
        // Where it goes does not change what arrives.
        (true, Value::Unknown(_)) => shown(walk, &text).into_bytes(),
        (false, _) => text,
    };
    let url = String::from_utf8_lossy(&url).into_owned();
    let Some(split) = address::split_url(&url) else {
        if url.starts_with('$') || url.contains('$') {
            return Ok(Target {
                scheme: String::new(),
                authority: url,
                uri: Vec::new(),
                has_variables,
            });
        }
        walk.step(Phase::Proxy, format!("\"{url}\" has no URL prefix that nginx takes"), place);
        return Err(answer::finish(walk, 500, place));
    };
    let rest = &url.as_bytes()[split.host_at + split.authority.len()..];
    let (authority, rest) = match split.authority.strip_prefix("unix:") {
        // `unix:/path:/uri`
        Some(path) => match path.split_once(':') {
            Some((path, uri)) => (format!("unix:{path}"), uri.as_bytes().to_vec()),
            None => (split.authority.to_owned(), Vec::new()),
        },
        None => (split.authority.to_owned(), rest.to_vec()),
    };
    if has_variables && let Some(message) = upstream::fault(&authority) {
        walk.step(Phase::Proxy, format!("{message} in upstream \"{authority}\""), place);
        return Err(answer::finish(walk, 500, place));
    }
    let uri = if has_variables && rest.starts_with(b"?") {
        [b"/", rest.as_slice()].concat()
    } else {
        rest
    };
    Ok(Target { scheme: split.scheme.to_ascii_lowercase(), authority, uri, has_variables })
}

/// `$proxy_host` and `$proxy_port` (`ngx_http_proxy_set_vars`).
fn host_and_port(target: &Target) -> (String, String) {
    let default = if target.scheme == "https://" { "443" } else { "80" };
    if target.authority.starts_with("unix:") {
        return ("localhost".to_owned(), String::new());
    }
    match target.authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => {
            if port == default {
                (host.to_owned(), default.to_owned())
            } else {
                (target.authority.clone(), port.to_owned())
            }
        }
        _ => (target.authority.clone(), default.to_owned()),
    }
}

/// The request target (`ngx_http_proxy_create_request`).
fn uri(walk: &Walk<'_, '_, '_>, target: &Target) -> Vec<u8> {
    let request = &walk.request;
    if target.has_variables && !target.uri.is_empty() {
        return target.uri.clone();
    }
    if target.uri.is_empty() && request.is_unparsed.get() {
        return request.question.url.target.clone().into_bytes();
    }
    let mut uri = Vec::new();
    let mut replaced = 0;
    if request.is_in_location {
        uri.extend_from_slice(&target.uri);
        if !target.uri.is_empty() {
            replaced = location_name(walk).len().min(request.path.len());
        }
    }
    let rest = &request.path[replaced..];
    if request.was_quoted || request.is_internal {
        uri.extend(escape(rest));
    } else {
        uri.extend_from_slice(rest);
    }
    let arguments = request.arguments.borrow();
    if !arguments.is_empty() {
        uri.push(b'?');
        uri.extend_from_slice(&arguments);
    }
    uri
}

/// The name of the location that the `proxy_pass` stands in, which its URI replaces.
fn location_name(walk: &Walk<'_, '_, '_>) -> Vec<u8> {
    let configuration = walk.tracer.model.configuration;
    let location =
        settings::location(configuration, walk.request.handler.unwrap_or(walk.request.level));
    match location.and_then(|location| walk.tracer.locations.pattern(location)) {
        Some(LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. }) => name.clone(),
        _ => Vec::new(),
    }
}

/// A text with the variables in it that are known; the others stay as they are written.
pub(super) fn shown(walk: &Walk<'_, '_, '_>, text: &[u8]) -> String {
    let mut written = Vec::new();
    for part in parts(text) {
        match part {
            Part::Text(text) => written.extend_from_slice(text),
            Part::Capture(number) => {
                if let Value::Known(value) = walk.request.capture(number) {
                    written.extend(value);
                }
            }
            Part::Variable { range, .. } => match walk.value(&text[range.clone()]) {
                Value::Known(value) => written.extend(value),
                Value::Unknown(_) => written.extend_from_slice(&text[range]),
            },
        }
    }
    String::from_utf8_lossy(&written).into_owned()
}

/// Says what the cache may answer (`ngx_http_upstream_cache`).
fn cache(walk: &mut Walk<'_, '_, '_>) {
    let configuration = walk.tracer.model.configuration;
    let level = walk.request.level;
    let Some(cache) = settings::value(configuration, level, d::PROXY_CACHE) else { return };
    if cache.directive.argument(0).is_some_and(|word| word.value().as_ref() == b"off") {
        return;
    }
    let place = Some(cache.place());
    let bypasses = settings::nearest(configuration, level, &[d::PROXY_CACHE_BYPASS])
        .iter()
        .flat_map(|line| line.directive.arguments())
        .any(|word| match walk.value(&word.value()) {
            Value::Known(value) => !value.is_empty() && value != b"0",
            Value::Unknown(_) => false,
        });
    if bypasses {
        walk.step(Phase::Cache, "the handshake bypasses the cache", place);
    } else {
        let message = "a cached answer, if there is one, comes in the place of the backend's";
        walk.step(Phase::Cache, message, place);
        walk.cached = place;
    }
}
