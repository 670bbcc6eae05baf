//! Where a trace and nginx differ.

use wslint_rules::trace::{By, Kind, Trace, UpstreamRequest};

use super::observe::Seen;
use crate::support::RecordedRequest;

/// The steps at which nginx looks for a file: to the trace all are missing, and some are there.
const FILES: [&str; 2] = ["looks for a file", "finds no file"];

/// How a trace stands to what nginx did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They agree.
    Equal,
    /// nginx found a file, of which a configuration does not tell.
    Files,
    /// A cache answered, and the trace says that it may.
    Cached,
    /// They differ.
    Differs(String),
}

/// Compares one handshake.
pub(crate) fn compare(trace: &Trace, seen: &Seen) -> Verdict {
    let outcome = &trace.outcome;
    let may_be_cached = outcome.rules.contains(&"cache-without-upgrade-bypass")
        || trace.steps.iter().any(|step| step.message.contains("a cached answer"));
    if may_be_cached && seen.answered_by_backend && seen.upstream.is_none() {
        return Verdict::Cached;
    }
    let looks_for_files =
        trace.steps.iter().any(|step| FILES.iter().any(|looks| step.message.contains(looks)));
    if looks_for_files && seen.status == Some(200) && seen.upstream.is_none() {
        return Verdict::Files;
    }
    let kind = if seen.switched { Kind::Switches } else { Kind::Refused };
    if outcome.kind != kind {
        return differs("kind", &format!("{:?}", outcome.kind), &format!("{kind:?}"));
    }
    let by = match seen.status {
        _ if seen.switched => None,
        _ if seen.answered_by_backend => Some(By::Backend),
        Some(101) if seen.upstream.is_some() => Some(By::Client),
        _ => Some(By::Nginx),
    };
    if outcome.by != by {
        return differs("by", &format!("{:?}", outcome.by), &format!("{by:?}"));
    }
    if outcome.status != seen.status {
        return differs("status", &format!("{:?}", outcome.status), &format!("{:?}", seen.status));
    }
    match (&trace.upstream_request, &seen.upstream) {
        (None, None) => Verdict::Equal,
        (Some(request), Some(recorded)) => requests(request, recorded),
        (ours, theirs) => differs(
            "request to the backend",
            if ours.is_some() { "one" } else { "none" },
            if theirs.is_some() { "one" } else { "none" },
        ),
    }
}

/// Compares what the backend got: the request line, and all fields in their order.
fn requests(ours: &UpstreamRequest, theirs: &RecordedRequest) -> Verdict {
    let line = format!("{} {} HTTP/{}", ours.method, ours.uri, ours.http_version);
    if line != theirs.head.start_line {
        return differs("request line", &line, &theirs.head.start_line);
    }
    let fields: Vec<_> = ours
        .fields
        .iter()
        .map(|field| (field.name.as_str(), field.value.trim_matches([' ', '\t'])))
        .collect();
    let recorded: Vec<_> =
        theirs.head.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if fields == recorded {
        return Verdict::Equal;
    }
    let first = fields.iter().zip(&recorded).find(|(ours, theirs)| ours != theirs);
    match first {
        Some((ours, theirs)) => differs("field", &format!("{ours:?}"), &format!("{theirs:?}")),
        None => differs("fields", &format!("{fields:?}"), &format!("{recorded:?}")),
    }
}

fn differs(what: &str, ours: &str, theirs: &str) -> Verdict {
    Verdict::Differs(format!("{what}: trace {ours}, nginx {theirs}"))
}
