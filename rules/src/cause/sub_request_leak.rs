//! Handshakes that go to the backend of a sub-request too.
//!
//! A sub-request has the fields of the client's request, so that a location whose settings pass
//! `Upgrade` on makes a handshake of it.

use wslint_grammar::{Applicability, Edit, Fix, Word};

use crate::context::Context;
use crate::finding::Finding;
use crate::handshake::{Forwarded, SentValues, Verdict};
use crate::resolve::{LevelId, Setting};
use crate::source::Place;
use crate::trace::{Kind, sample, subrequest};
use wslint_grammar::catalogue::directive as d;

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
                .help(format!(
                    "write `{CLEAR_UPGRADE} {CLEAR_CONNECTION}` here, and repeat beside it what \
                     the backend needs of the inherited headers"
                ));
        }
        let finding = finding
            .at_place("passes `Upgrade` on to the backend of the sub-request")
            .help(format!("write `{CLEAR_UPGRADE} {CLEAR_CONNECTION}`"));
        let lines = self.forwarded.upgrade.lines.iter().chain(&self.forwarded.connection.lines);
        let words = lines
            .filter(|line| self.is_own_line(context, line.setting))
            .filter_map(|line| line.setting.directive.argument(1));
        let mut edits: Vec<Edit> = words.map(|word| Edit::replace(word.span(), "\"\"")).collect();
        edits.sort_by_key(|edit| edit.span.start);
        let message = "clear `Upgrade` and `Connection`";
        match self.may_clear(context) {
            Some(Applicability::Safe) => finding.fix(Fix::safe(message, edits)),
            Some(Applicability::Unsafe) => finding.fix(Fix::not_safe(message, edits)),
            None => finding,
        }
    }

    /// Whether the location can do without the fields: `None` where clients open WebSockets too.
    fn may_clear(&self, context: &Context<'_>) -> Option<Applicability> {
        let (sub_requests, location) = (context.sub_requests(), self.forwarded.level);
        if sub_requests.is_hidden(context.configuration, location) {
            return Some(Applicability::Safe);
        }
        let is_alone = !sub_requests.is_led_to(location) && !gets_through(context, location);
        is_alone.then_some(Applicability::Unsafe)
    }
}

const CLEAR_UPGRADE: &str = "proxy_set_header Upgrade \"\";";
const CLEAR_CONNECTION: &str = "proxy_set_header Connection \"\";";
