//! Handshakes that go to the backend of a sub-request too.
//!
//! A sub-request has the fields of the client's request, so that a location whose settings pass
//! `Upgrade` on makes a handshake of it.

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::Kind;
use wslint_model::handshake::proxied_request::{Forwarded, SentValues, Verdict};
use wslint_model::resolve::{LevelId, Setting};
use wslint_model::routing::{sample, subrequest};
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::clear_handshake_headers;

/// A sub-request that is a handshake.
pub(crate) struct Leak<'c> {
    /// The line that makes the sub-request.
    pub(crate) asked_by: Setting<'c>,
    /// What the backend of the sub-request gets.
    pub(crate) forwarded: Forwarded<'c>,
    /// Whether the location is there for sub-requests alone.
    pub(crate) is_own_location: bool,
}

/// What a sub-request that a line makes at a level sends to its backend, when that is a handshake
/// or a part of one.
pub(crate) fn leak<'c>(
    context: &Context<'c>,
    level: LevelId,
    asked_by: Setting<'c>,
) -> Option<Leak<'c>> {
    let configuration = context.configuration;
    let uri = subrequest::uri_of(asked_by)?;
    let server = configuration.level(level).server?;
    let sub_requests = context.sub_requests();
    let location = sub_requests.target(server, &uri)?;
    let pass = configuration.own(location, d::PROXY_PASS).iter().next_back()?;
    let forwarded = Forwarded::new(context, location, pass, &mut SentValues::default());
    let is_sent = forwarded.upgrade.unseen.is_none()
        && forwarded.upgrade.chrome().is_ok_and(|value| !value.is_empty());
    is_sent.then(|| Leak { asked_by, forwarded, is_own_location: sub_requests.is_own(location) })
}

/// Whether a handshake that comes to a level gets through all the same.
pub(crate) fn gets_through(context: &Context<'_>, level: LevelId) -> bool {
    let Some((_, pattern)) = context.location_of(level) else { return false };
    let target = sample::target(&pattern).unwrap_or_else(|| "/ws".to_owned());
    context.tracer().arrived(level, &target).outcome.kind == Kind::Switches
}

impl<'c> Leak<'c> {
    /// Whether a strict backend takes it for a handshake, in the versions of nginx that the verdict
    /// says.
    pub(crate) fn is_whole(&self, context: &Context<'_>) -> Verdict {
        let passes = |verdict| verdict == Verdict::Passes;
        if passes(self.forwarded.upgrade_verdict()) && passes(self.forwarded.connection_verdict()) {
            self.forwarded.http_version_verdict(context.nginx_version)
        } else {
            Verdict::Fails
        }
    }

    /// The line that passes `Upgrade` on.
    fn line(&self) -> Option<Setting<'c>> {
        self.forwarded.upgrade.sent().next().map(|line| line.setting)
    }

    /// Whether that line is the location's own, and nobody else's.
    fn is_own_line(&self, context: &Context<'_>, line: Setting<'_>) -> bool {
        let head = context.configuration.level(self.forwarded.level).head;
        let parent = line.directive.parent().map(wslint_grammar::Directive::index);
        head.is_some_and(|head| head.file == line.reference.file && Some(head.index) == parent)
    }

    /// Where the cause is: the line of the location, the location that inherits it, or the
    /// sub-request that has no location of its own.
    pub(crate) fn place(&self, context: &Context<'_>) -> Place {
        let head = context.configuration.head(self.forwarded.level);
        match (self.is_own_location, self.line(), head) {
            (false, ..) => self.asked_by.place(),
            (_, Some(line), _) if self.is_own_line(context, line) => line.place(),
            (_, _, Some(head)) => head.place(),
            _ => self.asked_by.place(),
        }
    }

    /// Says what to do about it.
    pub(crate) fn advise(&self, context: &Context<'_>, finding: Finding) -> Finding {
        let Some(line) = self.line() else { return finding };
        if !self.is_own_location {
            let uri = self.asked_by.directive.argument(0).map(Word::value).unwrap_or_default();
            return finding
                .at_place("leads to a location that others use too")
                .label(line.place(), "passes `Upgrade` on")
                .help(format!(
                    "give the sub-request a location of its own, `location = {}`, with \
                     `{CLEAR_UPGRADE} {CLEAR_CONNECTION}`",
                    String::from_utf8_lossy(&uri)
                ));
        }
        if !self.is_own_line(context, line) {
            return finding
                .at_place("inherits the headers of a handshake")
                .label(line.place(), "inherited from here")
                .help(
                    "repeat the inherited `proxy_set_header` lines here, with `\"\"` for the values \
                     of `Upgrade` and `Connection`",
                );
        }
        finding
            .at_place("passes `Upgrade` on to the backend of the sub-request")
            .help("write `\"\"` for the values of `Upgrade` and `Connection`")
    }

    /// The location that answers the sub-request, where it is there for that alone.
    pub(crate) fn own_location(&self) -> Option<LevelId> {
        self.is_own_location.then_some(self.forwarded.level)
    }
}

/// Clears the fields of the handshake in locations that answer sub-requests; `None` among them for
/// one that others use too.
pub(crate) fn clear(context: &Context<'_>, locations: &[Option<LevelId>]) -> Option<FindingFix> {
    let locations: Vec<LevelId> = locations.iter().copied().collect::<Option<_>>()?;
    let may_clear = locations.iter().map(|&location| may_clear(context, location));
    let is_safe = may_clear.collect::<Option<Vec<bool>>>()?.into_iter().all(|is_safe| is_safe);
    let inherits = |&location: &LevelId| {
        let lines = context.configuration.effective(location, d::PROXY_SET_HEADER).set();
        lines.is_some_and(|lines| lines.level != location)
    };
    let message = match locations.iter().any(inherits) {
        true => "repeat the inherited headers, `Upgrade` and `Connection` without a value",
        false => "clear `Upgrade` and `Connection`",
    };
    clear_handshake_headers(context, &locations)?.ask_unless(is_safe).into_fix(message)
}

/// Whether a location can do without the fields, and whether that is sure: `None` where clients
/// open WebSockets too.
fn may_clear(context: &Context<'_>, location: LevelId) -> Option<bool> {
    let sub_requests = context.sub_requests();
    if sub_requests.is_hidden(context.configuration, location) {
        return Some(true);
    }
    let is_alone = !sub_requests.is_led_to(location) && !gets_through(context, location);
    is_alone.then_some(false)
}

const CLEAR_UPGRADE: &str = "proxy_set_header Upgrade \"\";";
const CLEAR_CONNECTION: &str = "proxy_set_header Connection \"\";";
