//! A location for WebSockets that clients cannot come to.

use rustc_hash::FxHashMap;
use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::source::Place;
use wslint_model::text::location::LocationPattern;

use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::groups::Groups;
use crate::rules::INTERNAL_WS_LOCATION as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut groups = Groups::default();
    let mut ways = None;
    for (forwarded, diagnosis) in context.websocket_locations() {
        let level = forwarded.level;
        let Some(internal) = configuration.own(level, d::INTERNAL).iter().next() else { continue };
        // Headers of the server may be meant for others of its locations.
        let are_own = forwarded.headers.set().is_some_and(|lines| lines.level == level);
        if !are_own
            || configuration.level(level).kind != LevelKind::Location
            || !context.sees_everything()
        {
            continue;
        }
        let ways = ways.get_or_insert_with(|| Ways::new(context));
        let pattern =
            configuration.head(level).and_then(|head| LocationPattern::read(head.directive));
        if ways.lead_to(pattern.as_ref()) {
            continue;
        }
        let accel = ways.may_come_from_backend(configuration.level(level).server);
        groups.add(
            internal.place(),
            || finding(internal, diagnosis.proof.place, accel),
            forwarded.pass.place(),
        );
    }
    findings.extend(groups.into_findings("no handshake of a client comes to this backend"));
}

/// What leads requests to locations that clients cannot come to.
struct Ways {
    /// Where directives lead requests to, sorted.
    targets: Vec<Vec<u8>>,
    /// A directive may lead anywhere: to what a variable says, or to what a file includes.
    anywhere: bool,
    /// By server, how many of its levels have a backend, which may answer with `X-Accel-Redirect`.
    backends: FxHashMap<Option<LevelId>, usize>,
}

impl Ways {
    fn new(context: &Context<'_>) -> Self {
        let configuration = context.configuration;
        let last = [d::TRY_FILES, d::ERROR_PAGE, d::AUTH_REQUEST, d::MIRROR, d::POST_ACTION];
        let last = last.into_iter().flat_map(|id| configuration.everywhere(id));
        let last = last.filter_map(|(_, line)| line.directive.arguments().last());
        let rewritten = configuration.everywhere(d::REWRITE);
        let rewritten = rewritten.filter_map(|(_, line)| line.directive.argument(1));
        let mut targets: Vec<Vec<u8>> =
            last.chain(rewritten).map(|word| word.value().into_owned()).collect();
        targets.sort_unstable();
        let anywhere = targets.iter().any(|target| target.contains(&b'$'))
            // Files name others to include.
            || configuration.everywhere(d::SSI).next().is_some();
        let mut backends = FxHashMap::default();
        for (level, _) in BACKENDS.into_iter().flat_map(|id| configuration.everywhere(id)) {
            *backends.entry(configuration.level(level).server).or_default() += 1;
        }
        Self { targets, anywhere, backends }
    }

    /// Whether a directive hands requests on to a location, or may.
    fn lead_to(&self, pattern: Option<&LocationPattern>) -> bool {
        // Of a pattern it is not asked what matches it.
        let Some(LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. }) = pattern
        else {
            return true;
        };
        let next = self.targets.partition_point(|target| target < name);
        self.anywhere || self.targets.get(next).is_some_and(|target| target.starts_with(name))
    }

    /// Whether another backend of the server may send a request there, by `X-Accel-Redirect`.
    fn may_come_from_backend(&self, server: Option<LevelId>) -> bool {
        self.backends.get(&server).is_some_and(|&count| count > 1)
    }
}

/// What may answer with `X-Accel-Redirect`.
const BACKENDS: [DirectiveId; 4] = [d::PROXY_PASS, d::FASTCGI_PASS, d::UWSGI_PASS, d::SCGI_PASS];

fn finding(internal: Setting<'_>, proof: Place, accel: bool) -> Finding {
    let unless =
        if accel { ", unless another backend leads there by `X-Accel-Redirect`" } else { "" };
    let finding = Finding::new(
        &RULE,
        internal.place(),
        format!("`internal` keeps clients out: a handshake for this location gets 404{unless}"),
    )
    .at_place("clients cannot come here")
    .label(proof, "meant for WebSockets")
    .help("take `internal` away, or lead handshakes here by `rewrite` or `try_files`");
    if accel { finding.severity(Severity::Info).effect(Effect::Advice) } else { finding }
}
