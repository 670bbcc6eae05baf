//! Which parts of a handshake a location lacks, and why: one cause is one finding, whichever rule
//! reports it.

use wslint_grammar::catalogue::{Version, directive as d};
use wslint_model::evaluate::{Request, Value};
use wslint_model::handshake::proxied_request::{
    Forwarded, HttpVersion, Verdict, has_token, has_upgrade_token,
};
use wslint_model::handshake::{ReasonKind, evidence};
use wslint_model::intent::{self, Proof};
use wslint_model::resolve::{Effective, LevelId, Setting, Unseen};

use crate::context::Context;
use crate::finding::VersionRange;

/// A part of the handshake that no line in effect provides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// HTTP/1.1, with the versions of nginx that do not speak it by themselves.
    HttpVersion(VersionRange),
    /// `Upgrade`
    Upgrade,
    /// `Connection`
    Connection,
}

impl Missing {
    /// The reason for which a handshake fails without it.
    pub(crate) fn reason(self) -> ReasonKind {
        match self {
            Self::HttpVersion(_) => ReasonKind::Http10,
            Self::Upgrade => ReasonKind::UpgradeMissing,
            Self::Connection => ReasonKind::ConnectionMissing,
        }
    }
}

/// The headers that a level above sets for a handshake and this one drops by setting others.
#[derive(Clone, Debug)]
pub struct Lost<'c> {
    /// The first line of the level that drops them.
    pub dropped_by: Setting<'c>,
    /// The level that sets them.
    pub level: LevelId,
    /// The lines that are lost.
    pub lines: Vec<Setting<'c>>,
}

/// What is wrong with one location that should carry WebSockets.
#[derive(Clone, Debug)]
pub struct Diagnosis<'c> {
    /// What shows that it is meant for WebSockets.
    pub proof: Proof,
    /// What is missing, without what is lost.
    pub missing: Vec<Missing>,
    /// What is lost.
    pub lost: Option<Lost<'c>>,
}

impl Diagnosis<'_> {
    /// Whether the handshake of its location gets to the backend as far as its headers are
    /// concerned: what does not work yet has rules of its own.
    pub(crate) fn is_complete(&self, forwarded: &Forwarded<'_>) -> bool {
        self.missing.is_empty()
            && self.lost.is_none()
            && forwarded.damage.is_none()
            && forwarded.upgrade_verdict() != Verdict::Fails
            && forwarded.connection_verdict() != Verdict::Fails
    }
}

/// The parts that a location meant for WebSockets lacks.
pub fn diagnose<'c>(
    context: &Context<'c>,
    forwarded: &Forwarded<'c>,
    proof: Proof,
) -> Diagnosis<'c> {
    let lost = lost(context, forwarded);
    let is_lost = |name: &[u8]| {
        lost.iter().flat_map(|lost| &lost.lines).any(|line| {
            line.directive.argument(0).is_some_and(|word| word.value().eq_ignore_ascii_case(name))
        })
    };
    let mut missing = Vec::new();
    // A damaged line is the cause, and has a rule of its own.
    if forwarded.damage.is_some_and(|(_, damage)| context.reports_damage(damage)) {
        return Diagnosis { proof, missing, lost };
    }
    if let Some(versions) = http_version_missing(forwarded, context.nginx_version) {
        missing.push(Missing::HttpVersion(versions));
    }
    if forwarded.upgrade.is_absent() && !is_lost(b"upgrade") {
        missing.push(Missing::Upgrade);
    }
    if forwarded.connection.is_absent() && !is_lost(b"connection") {
        missing.push(Missing::Connection);
    }
    if !missing.is_empty() {
        let swallowed = context.swallowed(forwarded.level);
        missing.retain(|part| match part {
            Missing::HttpVersion(_) => !swallowed.http_version,
            Missing::Upgrade => !swallowed.upgrade,
            Missing::Connection => !swallowed.connection,
        });
    }
    Diagnosis { proof, missing, lost }
}

/// The versions for which the HTTP version is missing: nobody sets it, and the default is 1.0.
fn http_version_missing(
    forwarded: &Forwarded<'_>,
    target: Option<Version>,
) -> Option<VersionRange> {
    let unset = matches!(forwarded.http_version, HttpVersion::Default);
    let old = VersionRange::before(wslint_model::handshake::proxied_request::HTTP_1_1_BY_DEFAULT);
    match forwarded.http_version_verdict(target) {
        Verdict::Fails | Verdict::FailsIn(_) if unset => Some(old),
        _ => None,
    }
}

/// Whether it is left open by a fragment alone that HTTP/1.1 is spoken.
pub fn http_version_left_to_outer_file(forwarded: &Forwarded<'_>) -> bool {
    matches!(forwarded.http_version, HttpVersion::Unknown(Unseen::OuterContext))
}

/// What a location drops of the handshake's headers that a level above sets, when some of it would
/// have made a handshake.
pub fn lost<'c>(context: &Context<'c>, forwarded: &Forwarded<'c>) -> Option<Lost<'c>> {
    let Effective::Set(own) = forwarded.headers else { return None };
    let nothing_absent = !forwarded.upgrade.is_absent() && !forwarded.connection.is_absent();
    if nothing_absent
        || own.unseen.is_some()
        || evidence::declines(forwarded)
        || intent::is_denied(context, forwarded.level)
    {
        return None;
    }
    let configuration = context.configuration;
    let above = configuration.level(own.level).parent?;
    let Effective::Set(inherited) = configuration.effective(above, d::PROXY_SET_HEADER) else {
        return None;
    };
    let lines: Vec<Setting<'c>> = inherited
        .iter()
        .filter(|line| {
            let name = line.directive.argument(0).map(wslint_grammar::Word::value);
            let value = line.directive.argument(1).map(wslint_grammar::Word::value);
            let is_absent = match name.as_deref() {
                Some(name) if name.eq_ignore_ascii_case(b"upgrade") => {
                    forwarded.upgrade.is_absent()
                }
                Some(name) if name.eq_ignore_ascii_case(b"connection") => {
                    forwarded.connection.is_absent()
                }
                _ => false,
            };
            is_absent && value.is_some_and(|value| !value.is_empty())
        })
        .collect();
    let dropped_by = own.iter().next()?;
    let would_upgrade = lines.iter().any(|&line| would_upgrade(context, line, forwarded.level));
    would_upgrade.then_some(Lost { dropped_by, level: inherited.level, lines })
}

/// Whether a line would make its part of a handshake at a level, or may.
fn would_upgrade(context: &Context<'_>, line: Setting<'_>, level: LevelId) -> bool {
    let (Some(name), Some(value)) = (line.directive.argument(0), line.directive.argument(1)) else {
        return false;
    };
    let is_upgrade = name.value().eq_ignore_ascii_case(b"upgrade");
    match &context.evaluate(&value.value(), &Request::CHROME, level).value {
        Value::Known(value) if is_upgrade => has_token(value, b"websocket"),
        Value::Known(value) => has_upgrade_token(value),
        Value::Unknown(_) => true,
    }
}
