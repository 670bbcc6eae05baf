//! One handshake through all versions of nginx.

use wslint_grammar::catalogue::Version;

use crate::handshake::{Outcome, Question, Trace, Tracer};
use crate::resolve::LevelId;
use crate::versions::{HTTP_1_1_BY_DEFAULT, VersionRange};

/// The newest version before each change that a handshake may feel, with the first one that has
/// the change: HTTP/1.1 by default.
const CHANGES: [(Version, Version); 1] = [(Version::new(1, 29, 6), HTTP_1_1_BY_DEFAULT)];

/// The newest version that is known.
const NEWEST: Version = Version::new(1, 31, 5);

/// How a handshake goes with some versions of nginx.
#[derive(Clone, Debug)]
pub struct VersionedTrace {
    /// The versions.
    pub versions: VersionRange,
    /// The way, as the newest of them goes.
    pub trace: Trace,
}

impl Tracer<'_, '_> {
    /// Follows a handshake through all versions of nginx, or through the one that is given. There
    /// is one entry for each end that it comes to, the oldest versions first.
    pub fn trace_versions(
        &self,
        question: &Question,
        only: Option<Version>,
    ) -> Vec<VersionedTrace> {
        through_versions(question, only, |question| self.trace(question))
    }

    /// As [`Tracer::trace_versions`], for a handshake that has come to a location, however it
    /// came there.
    pub(crate) fn trace_versions_from(
        &self,
        question: &Question,
        only: Option<Version>,
        location: LevelId,
    ) -> Vec<VersionedTrace> {
        through_versions(question, only, |question| self.trace_from(question, location))
    }
}

fn through_versions(
    question: &Question,
    only: Option<Version>,
    trace: impl Fn(&Question) -> Trace,
) -> Vec<VersionedTrace> {
    if let Some(nginx_version) = only {
        let trace = trace(&Question { nginx_version, ..question.clone() });
        return vec![VersionedTrace { versions: ALL, trace }];
    }
    let mut traces: Vec<VersionedTrace> = Vec::new();
    let mut from = None;
    let ends = CHANGES.iter().map(|&(last, next)| (last, Some(next))).chain([(NEWEST, None)]);
    for (nginx_version, before) in ends {
        let trace = trace(&Question { nginx_version, ..question.clone() });
        match traces.last_mut() {
            Some(earlier) if same_end(&earlier.trace.outcome, &trace.outcome) => {
                earlier.versions.before = before;
                earlier.trace = trace;
            }
            _ => traces.push(VersionedTrace { versions: VersionRange { from, before }, trace }),
        }
        from = before;
    }
    traces
}

const ALL: VersionRange = VersionRange { from: None, before: None };

fn same_end(a: &Outcome, b: &Outcome) -> bool {
    (a.kind, a.by, a.status) == (b.kind, b.by, b.status)
}
