//! `internal-ws-location`

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::nginx_text::location::LocationPattern;
use crate::resolve::{LevelId, LevelKind, Setting};
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "internal-ws-location",
    category: Category::Routing,
    severity: Severity::Error,
    effect: Effect::HandshakeFails,
    summary: "a location for WebSockets that clients cannot come to",
    page: include_str!("../../../docs/rules/internal-ws-location.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let level = forwarded.level;
        let Some(internal) = configuration.own(level, d::INTERNAL).iter().next() else { continue };
        // Headers of the server may be meant for others of its locations.
        let are_own = forwarded.headers.set().is_some_and(|lines| lines.level == level);
        if !are_own
            || configuration.level(level).kind != LevelKind::Location
            || !context.sees_everything()
            || may_be_led_to(context, level)
        {
            continue;
        }
        let accel = may_be_sent_to(context, level);
        groups.add(
            internal.place(),
            || finding(internal, diagnosis.proof.place, accel),
            forwarded.pass.place(),
        );
    }
    findings.extend(groups.into_findings("no handshake of a client comes to this backend"));
}

/// Whether a directive hands requests on to a location, or may.
fn may_be_led_to(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    let pattern = configuration.head(level).and_then(|head| LocationPattern::read(head.directive));
    // Of a pattern it is not asked what matches it.
    let Some(LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. }) = pattern else {
        return true;
    };
    let leads = |word: Option<Word<'_>>| {
        word.is_some_and(|word| {
            let word = word.value();
            word.contains(&b'$') || word.starts_with(&name)
        })
    };
    let last = [d::TRY_FILES, d::ERROR_PAGE, d::AUTH_REQUEST, d::MIRROR, d::POST_ACTION];
    last.into_iter()
        .flat_map(|id| configuration.everywhere(id))
        .any(|(_, line)| leads(line.directive.arguments().last()))
        || configuration.everywhere(d::REWRITE).any(|(_, line)| leads(line.directive.argument(1)))
        // Files name others to include.
        || configuration.everywhere(d::SSI).next().is_some()
}

/// Whether another backend of the server may send a request there, by `X-Accel-Redirect`.
fn may_be_sent_to(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    let server = configuration.level(level).server;
    let backends = [d::PROXY_PASS, d::FASTCGI_PASS, d::UWSGI_PASS, d::SCGI_PASS];
    configuration.levels().any(|(other, at)| {
        other != level
            && at.server == server
            && backends.iter().any(|&id| configuration.own(other, id).iter().next().is_some())
    })
}

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
