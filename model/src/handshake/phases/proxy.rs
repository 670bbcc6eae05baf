//! The request to the backend, and its answer (src/http/modules/ngx_http_proxy_module.c).

use wslint_grammar::catalogue::directive as d;

use crate::declarations::proxy_pass::ProxyPassUrl;
use crate::evaluate::{Evaluated, Value};
use crate::handshake::phases::follow::{Next, Walk, refused, unknown};
use crate::handshake::phases::sent_headers::{self, SetHeader};
use crate::handshake::phases::{answer, cache, upstream};
use crate::handshake::strict_backend::{Answer, ReceivedHeader, ReceivedRequest};
use crate::handshake::{By, Kind, Outcome, Phase, Reason, ReasonKind, SentField, UpstreamRequest};
use crate::prose::listed;
use crate::resolve::{Lines, Setting, settings};
use crate::source::Place;
use crate::text::location::LocationPattern;
use crate::text::request_uri::escape;
use crate::text::template::{Part, parts};

/// The URL of a `proxy_pass`, after its variables.
pub(crate) struct Target {
    /// `http://` or `https://`; empty where that is unknown.
    pub(crate) scheme: &'static str,
    pub(crate) authority: String,
    pub(crate) uri: Vec<u8>,
    pub(crate) has_variables: bool,
    /// `$proxy_host` and `$proxy_port`.
    proxy_host_and_port: (String, String),
}

/// The request that nginx makes of the one that it got.
pub(crate) struct MadeRequest<'c> {
    /// Where it goes.
    pub(crate) target: Target,
    /// The request target.
    pub(crate) uri: String,
    /// The `proxy_set_header` lines in effect, with what they send.
    pub(crate) set_headers: Vec<SetHeader<'c>>,
    /// What the backend receives.
    pub(crate) received: ReceivedRequest,
}

/// Makes the request to the backend.
///
/// # Errors
/// With what happens instead.
pub(crate) fn make<'c>(
    walk: &mut Walk<'_, 'c>,
    pass: Setting<'_>,
) -> Result<MadeRequest<'c>, Next> {
    let place = Some(pass.place());
    let target = target(walk, pass)?;
    *walk.request.proxied_to.borrow_mut() = Some(target.proxy_host_and_port.clone());
    if let Some(next) = cache::look_up(walk) {
        return Err(next);
    }
    let uri = uri(walk, &target);
    if uri.is_empty() {
        walk.step(Phase::Proxy, "zero length URI to proxy", place);
        return Err(answer::finish(walk, 500, place));
    }
    let configuration = walk.tracer.model.configuration;
    let method_line = settings::value(configuration, walk.request.level, d::PROXY_METHOD);
    // An empty text gives an empty method (`ngx_http_proxy_create_request`).
    let method = match method_line.and_then(|line| line.directive.argument(0)) {
        Some(text) => walk.value(&text.value()),
        None => Value::Known(walk.request.method.clone()),
    };
    let (http_version, http_version_line, http_version_unseen) = sent_headers::http_version(walk);
    let (set_headers, headers_unseen) = sent_headers::set_headers(walk);
    let (proxy_host, _) = &target.proxy_host_and_port;
    let headers = sent_headers::headers(walk, &set_headers, proxy_host, &http_version);
    let received = ReceivedRequest {
        method,
        method_place: method_line.map(|line| line.place()),
        http_version,
        http_version_place: http_version_line.map(|line| line.place()),
        http_version_unseen,
        headers,
        headers_unseen,
    };
    Ok(MadeRequest {
        target,
        uri: String::from_utf8_lossy(&uri).into_owned(),
        set_headers,
        received,
    })
}

/// What the values of these `proxy_set_header` lines become for a request that has come to a
/// `proxy_pass`: nginx computes them in their order, after what is computed to find the backend.
pub(crate) fn set_header_values<'c>(
    walk: &mut Walk<'_, 'c>,
    pass: Setting<'_>,
    lines: Lines<'c>,
) -> Vec<Evaluated> {
    walk.summarize();
    if let Ok(target) = target(walk, pass) {
        *walk.request.proxied_to.borrow_mut() = Some(target.proxy_host_and_port);
        // What it would answer instead is not asked here.
        let _ = cache::look_up(walk);
    }
    let texts = lines.iter().filter_map(|line| line.directive.argument(1));
    texts.map(|text| walk.evaluated(&text.value())).collect()
}

/// Hands the request to the backend.
pub(crate) fn pass(walk: &mut Walk<'_, '_>, pass: Setting<'_>) -> Next {
    let place = Some(pass.place());
    if !walk.request.is_subrequest() {
        walk.proxied_by = walk.request.handler;
    }
    let made = match make(walk, pass) {
        Ok(made) => made,
        Err(next) => return next,
    };
    // nginx has written the request, and computed its variables, before it looks for the backend.
    if let Some(end) = upstream::unreachable(walk, &made.target, place) {
        return end;
    }
    let request = shown_request(walk, &made);
    let message = format!(
        "{} {} HTTP/{} goes to {}",
        request.method, request.uri, request.http_version, request.to
    );
    walk.step(Phase::Proxy, message, place);
    walk.upstream_request = Some(request);
    match made.received.answer() {
        Answer::Switches => {
            walk.step(Phase::Backend, "a strict backend answers 101", None);
            switched(walk, place)
        }
        Answer::Depends(why) => Next::End(unknown(&why, place)),
        Answer::Rejects(reasons) => rejected(walk, &made.received, reasons, place),
    }
}

/// The request as a person reads it: what is unknown stays as it is written.
fn shown_request(walk: &Walk<'_, '_>, made: &MadeRequest<'_>) -> UpstreamRequest {
    let received = &made.received;
    let written = |line: &SetHeader<'_>| {
        let text = line.line.directive.argument(1).map(|word| word.value().into_owned());
        shown(walk, &text.unwrap_or_default())
    };
    let is_sent = |header: &&ReceivedHeader| header.value != Value::Known(Vec::new());
    let fields = received.headers.iter().filter(is_sent).map(|header| {
        let value = match (&header.value, header.place) {
            (Value::Known(value), _) => String::from_utf8_lossy(value).into_owned(),
            (Value::Unknown(_), place) => {
                let line = made.set_headers.iter().find(|line| Some(line.line.place()) == place);
                line.map(written).unwrap_or_default()
            }
        };
        SentField { name: header.name.clone(), value, place: header.place }
    });
    let method = match &received.method {
        Value::Known(method) => String::from_utf8_lossy(method).into_owned(),
        Value::Unknown(_) => {
            let level = walk.request.level;
            let configuration = walk.tracer.model.configuration;
            let text = settings::word(configuration, level, d::PROXY_METHOD);
            shown(walk, &text.unwrap_or_default())
        }
    };
    UpstreamRequest {
        method,
        uri: made.uri.clone(),
        http_version: received.http_version.clone(),
        fields: fields.collect(),
        to: format!("{}{}", made.target.scheme, made.target.authority),
    }
}

/// The backend takes the request for no handshake.
fn rejected(
    walk: &mut Walk<'_, '_>,
    received: &ReceivedRequest,
    mut reasons: Vec<Reason>,
    place: Option<Place>,
) -> Next {
    let mut shown: Vec<String> = reasons.iter().map(|reason| worded(*reason, received)).collect();
    shown.dedup();
    let is_plain = received.joined("Upgrade") == Value::Known(Vec::new());
    let status = if is_plain { 200 } else { 400 };
    let line = reasons.iter().find_map(|reason| reason.place);
    let why = format!("the backend gets {}, which is no handshake", listed(&shown));
    walk.step(Phase::Backend, format!("a strict backend answers {status}"), line);
    if status != 200
        && settings::flag(
            walk.tracer.model.configuration,
            walk.request.level,
            d::PROXY_INTERCEPT_ERRORS,
            false,
        )
        && answer::page_for(walk, status).is_some()
    {
        return answer::finish(walk, status, line.or(place));
    }
    // What no line sets is missing because nothing of the client's is passed on.
    if !sent_headers::passes_clients(walk)
        && ["Sec-WebSocket-Key", "Sec-WebSocket-Version"]
            .iter()
            .any(|name| received.joined(name) == Value::Known(Vec::new()))
    {
        let configuration = walk.tracer.model.configuration;
        let level = walk.request.level;
        let off = settings::value(configuration, level, d::PROXY_PASS_REQUEST_HEADERS);
        reasons.retain(|reason| reason.kind != ReasonKind::WebSocketHeader);
        reasons.push(ReasonKind::HeadersNotPassed.at(off.map(|line| line.place())));
    }
    let status = walk.request.error_status.unwrap_or(status);
    let mut outcome = refused(By::Backend, Some(status), why, line.or(place));
    outcome.reasons = reasons;
    Next::End(outcome)
}

/// A reason in words, as the end of "the backend gets …".
fn worded(reason: Reason, received: &ReceivedRequest) -> String {
    let value = |name: &str| match received.joined(name) {
        Value::Known(value) if !value.is_empty() => {
            format!("{name}: {}", String::from_utf8_lossy(&value))
        }
        _ => format!("no {name}"),
    };
    match reason.kind {
        ReasonKind::Method => match received.method.bytes() {
            Some(b"") | None => "no method".to_owned(),
            Some(method) => format!("the method {}", String::from_utf8_lossy(method)),
        },
        ReasonKind::UpgradeMissing | ReasonKind::UpgradeValue => value("Upgrade"),
        ReasonKind::ConnectionMissing | ReasonKind::ConnectionValue => value("Connection"),
        ReasonKind::SeveralHosts => "more than one Host".to_owned(),
        ReasonKind::WebSocketHeader => {
            let version = value("Sec-WebSocket-Version");
            if version == "Sec-WebSocket-Version: 13" {
                value("Sec-WebSocket-Key")
            } else {
                version
            }
        }
        _ => format!("HTTP/{}", received.http_version),
    }
}

/// What nginx does with the `101` of the backend.
fn switched(walk: &mut Walk<'_, '_>, place: Option<Place>) -> Next {
    if walk.request.is_subrequest() {
        let why = "nginx takes no 101 for a sub-request, and closes the client's connection";
        walk.step(Phase::Response, why, place);
        return Next::End(switches(why, place));
    }
    if let Some(status) = walk.request.error_status.filter(|&status| status != 101) {
        let why = format!(
            "`error_page` without `=` puts the status {status} in the place of the backend's 101"
        );
        walk.step(Phase::Response, why.clone(), None);
        let mut outcome = refused(By::Nginx, Some(status), why, place);
        outcome.reasons = vec![ReasonKind::ErrorPageStatus.at(walk.request.error_page)];
        return Next::End(outcome);
    }
    if let Some(line) = other_key(walk) {
        let why = "the backend answers another key than the client's, which closes the connection";
        walk.step(Phase::Response, why, Some(line));
        let mut outcome = refused(By::Client, Some(101), why.to_owned(), Some(line));
        outcome.reasons = vec![ReasonKind::OtherKey.at(Some(line))];
        return Next::End(outcome);
    }
    if let Some(hidden) = hidden_header(walk) {
        let name = hidden.directive.argument(0).map(|word| word.value().into_owned());
        let name = String::from_utf8_lossy(&name.unwrap_or_default()).into_owned();
        let why = format!("the client gets the 101 without {name}, and closes the connection");
        walk.step(Phase::Response, why.clone(), Some(hidden.place()));
        let mut outcome = refused(By::Client, Some(101), why, Some(hidden.place()));
        outcome.reasons = vec![ReasonKind::ResponseHeaderHidden.at(Some(hidden.place()))];
        return Next::End(outcome);
    }
    walk.step(Phase::Response, "nginx passes the 101 on", None);
    let why = "the backend gets a whole handshake, and its 101 reaches the client";
    Next::End(switches(why, place))
}

fn switches(why: &str, place: Option<Place>) -> Outcome {
    Outcome {
        kind: Kind::Switches,
        by: None,
        status: Some(101),
        why: why.to_owned(),
        place,
        reasons: Vec::new(),
    }
}

/// The line that sends a key of its own: `Sec-WebSocket-Accept` is made of it, and the client
/// compares that with its own (RFC 6455, section 4.1).
fn other_key(walk: &Walk<'_, '_>) -> Option<Place> {
    let name = "Sec-WebSocket-Key";
    let request = walk.upstream_request.as_ref()?;
    let sent = request.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
    (walk.request.header(name) != Some(&*sent.value)).then_some(sent.place).flatten()
}

/// The `proxy_hide_header` that takes away what a client needs (RFC 6455, section 4.1), unless a
/// `proxy_pass_header` gives it back.
fn hidden_header<'c>(walk: &Walk<'_, 'c>) -> Option<Setting<'c>> {
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
fn target(walk: &mut Walk<'_, '_>, pass: Setting<'_>) -> Result<Target, Next> {
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
    let Some(read) = ProxyPassUrl::read(&url) else {
        if url.contains('$') {
            let proxy_host_and_port = (url.clone(), "80".to_owned());
            return Ok(Target {
                scheme: "",
                authority: url,
                uri: Vec::new(),
                has_variables,
                proxy_host_and_port,
            });
        }
        walk.step(Phase::Proxy, format!("\"{url}\" has no URL prefix that nginx takes"), place);
        return Err(answer::finish(walk, 500, place));
    };
    if has_variables && let Some(message) = upstream::fault(&read.authority) {
        let message = format!("{message} in upstream \"{}\"", read.authority);
        walk.step(Phase::Proxy, message, place);
        return Err(answer::finish(walk, 500, place));
    }
    let mut uri = Vec::new();
    if has_variables && read.uri.starts_with('?') {
        uri.push(b'/');
    }
    uri.extend_from_slice(read.uri.as_bytes());
    Ok(Target {
        scheme: read.scheme(),
        proxy_host_and_port: read.proxy_host_and_port(),
        authority: read.authority,
        uri,
        has_variables,
    })
}

/// The request target (`ngx_http_proxy_create_request`).
fn uri(walk: &Walk<'_, '_>, target: &Target) -> Vec<u8> {
    let request = &walk.request;
    let Some(path) = request.path.as_deref() else { return b"/".to_vec() };
    if target.has_variables && !target.uri.is_empty() {
        return target.uri.clone();
    }
    if target.uri.is_empty() && request.is_unparsed.get() {
        return request.client.target.clone().unwrap_or_default().into_bytes();
    }
    let mut uri = Vec::new();
    let mut replaced = 0;
    if request.is_in_location {
        uri.extend_from_slice(&target.uri);
        if !target.uri.is_empty() {
            replaced = location_name(walk).len().min(path.len());
        }
    }
    let rest = &path[replaced..];
    if request.was_quoted || request.is_internal {
        uri.extend(escape(rest));
    } else {
        uri.extend_from_slice(rest);
    }
    let arguments = request.arguments.borrow();
    if let Some(arguments) = arguments.as_deref().filter(|arguments| !arguments.is_empty()) {
        uri.push(b'?');
        uri.extend_from_slice(arguments);
    }
    uri
}

/// The name of the location that the `proxy_pass` stands in, which its URI replaces.
fn location_name(walk: &Walk<'_, '_>) -> Vec<u8> {
    let configuration = walk.tracer.model.configuration;
    let location =
        settings::location(configuration, walk.request.handler.unwrap_or(walk.request.level));
    match location.and_then(|location| walk.tracer.locations.pattern(location)) {
        Some(LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. }) => name.clone(),
        _ => Vec::new(),
    }
}

/// A text with the variables in it that are known; the others stay as they are written.
pub(super) fn shown(walk: &Walk<'_, '_>, text: &[u8]) -> String {
    let mut written = Vec::new();
    for part in parts(text) {
        match part {
            Part::Text(text) => written.extend_from_slice(text),
            Part::Capture(number) => {
                if let Value::Known(value) = walk.request.capture_value(number) {
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
