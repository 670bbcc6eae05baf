//! Where a trace and nginx differ.

use wslint_model::handshake::{By, Kind, ReasonKind, Trace, UpstreamRequest};
use wslint_test_support::RecordedRequest;

use crate::observe::Seen;

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
    let may_be_cached = outcome.reasons.iter().any(|reason| reason.kind == ReasonKind::Cached)
        || trace.steps.iter().any(|step| step.message.contains("a cached answer"));
    let asked = is_authorized(trace);
    let mirrored = is_mirrored(trace);
    let is_alone = seen.upstream.is_empty() || asked || mirrored;
    if may_be_cached && seen.answered_by_backend && is_alone {
        return Verdict::Cached;
    }
    // The answer to who is asked for permission may be a cached one as well.
    if may_be_cached && asked && seen.switched && outcome.kind != Kind::Switches {
        return Verdict::Cached;
    }
    // The end of a copy is the end of the handshake, whatever becomes of that.
    if mirrored && seen.status.is_none() && outcome.kind == Kind::Refused {
        return Verdict::Equal;
    }
    let looks_for_files =
        trace.steps.iter().any(|step| FILES.iter().any(|looks| step.message.contains(looks)));
    if looks_for_files && seen.status == Some(200) && is_alone {
        return Verdict::Files;
    }
    // Whether the client sees the 101 before the end is a matter of time.
    let closes = mirrored && outcome.status.is_none() && !seen.switched;
    let status = seen.status.filter(|&status| !(closes && status == 101));
    let kind = if seen.switched { Kind::Switches } else { Kind::Refused };
    if outcome.kind != kind {
        return differs("kind", &format!("{:?}", outcome.kind), &format!("{kind:?}"));
    }
    let by = match status {
        _ if seen.switched => None,
        _ if seen.answered_by_backend => Some(By::Backend),
        Some(101) if !seen.upstream.is_empty() => Some(By::Client),
        _ => Some(By::Nginx),
    };
    if outcome.by != by {
        return differs("by", &format!("{:?}", outcome.by), &format!("{by:?}"));
    }
    if outcome.status != status {
        return differs("status", &format!("{:?}", outcome.status), &format!("{status:?}"));
    }
    match (&trace.upstream_request, seen.upstream.as_slice()) {
        (None, []) => Verdict::Equal,
        // Somebody was asked for permission, or got a copy.
        (None, _) if asked || mirrored => Verdict::Equal,
        // The end of the copy may be the end of the handshake before that is sent.
        (Some(_), _) if closes => Verdict::Equal,
        (Some(request), all @ [_, ..]) if mirrored => {
            let mut verdicts = all.iter().map(|recorded| requests(request, recorded));
            let equal = verdicts.find(|verdict| *verdict == Verdict::Equal);
            equal.unwrap_or_else(|| differs("request to the backend", "another", "those"))
        }
        (Some(request), [.., recorded]) => requests(request, recorded),
        (ours, theirs) => differs(
            "request to the backend",
            if ours.is_some() { "one" } else { "none" },
            if theirs.is_empty() { "none" } else { "one" },
        ),
    }
}

/// Whether a copy of the handshake is sent elsewhere.
pub(crate) fn is_mirrored(trace: &Trace) -> bool {
    trace.steps.iter().any(|step| step.message.contains("`mirror` sends a copy"))
}

/// Whether `auth_request` asks for permission.
pub(crate) fn is_authorized(trace: &Trace) -> bool {
    trace.steps.iter().any(|step| step.message.contains("`auth_request` asks"))
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
