//! `error_page` without `=` replaces the backend's `101` by the status of the error.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{DirectiveId, Edit, Fix, Word};
use wslint_model::evaluate::{Condition, Request, Truth};
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::intent::uses_upgrade;
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::source::Place;
use wslint_model::text::location::LocationPattern;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::ERROR_PAGE_OVERRIDES_101 as RULE;

/// Locations meant for WebSockets by server and by what leads there: `@name` or a path.
type Targets<'x, 'c> = FxHashMap<(Option<LevelId>, Vec<u8>), &'x Forwarded<'c>>;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.configuration.everywhere(d::ERROR_PAGE).next().is_none() {
        return;
    }
    let targets = targets(context);
    if targets.is_empty() {
        return;
    }
    let mut seen = FxHashSet::default();
    let mut add = |page: Setting<'_>, cause: Option<Place>, target: &Forwarded<'_>| {
        if seen.insert(page.reference) {
            findings.push(finding(page, cause, target));
        }
    };
    returned(context, &targets, &mut add);
    missing_files(context, &targets, &mut add);
}

fn targets<'x, 'c>(context: &'x Context<'c>) -> Targets<'x, 'c> {
    let configuration = context.configuration;
    let mut targets = Targets::default();
    for (forwarded, _) in context.websocket_locations() {
        let level = configuration.level(forwarded.level);
        let Some(head) = configuration.head(forwarded.level) else { continue };
        if level.kind != LevelKind::Location {
            continue;
        }
        if let Some(
            LocationPattern::Named(name)
            | LocationPattern::Exact(name)
            | LocationPattern::Prefix { name, .. },
        ) = LocationPattern::read(head.directive)
        {
            targets.insert((level.server, name), forwarded);
        }
    }
    targets
}

/// `if ($http_upgrade) { return 418; }`, and an `error_page` that catches it.
fn returned(
    context: &Context<'_>,
    targets: &Targets<'_, '_>,
    add: &mut impl FnMut(Setting<'_>, Option<Place>, &Forwarded<'_>),
) {
    let configuration = context.configuration;
    for (level, line) in configuration.everywhere(d::RETURN) {
        let kind = configuration.level(level).kind;
        // With a text, `return` sends that, and no `error_page` is looked for.
        if !matches!(kind, LevelKind::If | LevelKind::IfInServer)
            || line.directive.argument_count() != 1
            || !holds_for_handshakes(context, level)
        {
            continue;
        }
        let code = line.value(0).unwrap_or_default();
        let Some(pages) = configuration.effective(level, d::ERROR_PAGE).set() else { continue };
        let page = pages.iter().find(|page| codes(*page).any(|word| word.value() == code));
        if let Some(page) = page
            && pages.unseen.is_none()
            && let Some(target) = overridden_target(page)
            && let Some(forwarded) = targets.get(&(configuration.level(level).server, target))
        {
            add(page, Some(line.place()), forwarded);
        }
    }
}

/// Whether an `if` asks for an upgrade, and holds when there is one.
fn holds_for_handshakes(context: &Context<'_>, level: LevelId) -> bool {
    let Some(head) = context.configuration.head(level) else { return false };
    let around = context.configuration.level(level).parent.unwrap_or(level);
    let value = |text: &[u8]| context.evaluate(text, &Request::CHROME, around).value.clone();
    head.directive.arguments().any(|word| {
        // The parenthesis may be glued to the variable.
        uses_upgrade(context, &word.value(), 4)
    }) && matches!(
        Condition::read(head.directive).holds(value),
        Truth::Known(true) | Truth::Tried(true, _)
    )
}

/// A location that answers with files hands what is no file to a named location.
fn missing_files(
    context: &Context<'_>,
    targets: &Targets<'_, '_>,
    add: &mut impl FnMut(Setting<'_>, Option<Place>, &Forwarded<'_>),
) {
    let configuration = context.configuration;
    let mut otherwise: Option<FxHashSet<Vec<u8>>> = None;
    for (level, page) in configuration.everywhere(d::ERROR_PAGE) {
        let Some(target) = overridden_target(page).filter(|target| target.starts_with(b"@")) else {
            continue;
        };
        let server = configuration.level(level).server;
        let Some(forwarded) = targets.get(&(server, target.clone())) else { continue };
        // Headers of the server may be meant for others of its locations.
        let are_own = forwarded.headers.set().is_some_and(|own| own.level == forwarded.level);
        if are_own
            && codes(page).any(|word| word.value().as_ref() == b"404")
            && answers_with_files(context, level)
            && !otherwise.get_or_insert_with(|| led_to_otherwise(context)).contains(&target)
        {
            add(page, None, forwarded);
        }
    }
}

/// Directives by which a location does something else than to look for a file.
const ANSWERS: [DirectiveId; 10] = [
    d::PROXY_PASS,
    d::FASTCGI_PASS,
    d::UWSGI_PASS,
    d::SCGI_PASS,
    d::GRPC_PASS,
    d::MEMCACHED_PASS,
    d::RETURN,
    d::REWRITE,
    d::TRY_FILES,
    d::JS_CONTENT,
];

fn answers_with_files(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    configuration.level(level).kind == LevelKind::Location
        && configuration.level(level).unseen.is_none()
        && !context.has_unknown_directive(level)
        && configuration.own_settings(level).all(|setting| {
            setting.directive.id().is_some_and(|id| {
                !ANSWERS.contains(&id) && !id.name().contains("_by_lua") && id.name() != "echo"
            })
        })
}

/// The named locations that something leads to without a status: plain requests may come by
/// `error_page`, and handshakes by the other way.
fn led_to_otherwise(context: &Context<'_>) -> FxHashSet<Vec<u8>> {
    let configuration = context.configuration;
    let last = |line: Setting<'_>| {
        let word = line.directive.arguments().last()?;
        Some(word.value().into_owned())
    };
    let files = configuration.everywhere(d::TRY_FILES);
    let pages = configuration.everywhere(d::ERROR_PAGE);
    let pages = pages.filter(|(_, page)| overridden_target(*page).is_none());
    files.chain(pages).filter_map(|(_, line)| last(line)).collect()
}

fn codes(page: Setting<'_>) -> impl Iterator<Item = Word<'_>> {
    page.directive.arguments().take(page.directive.argument_count().saturating_sub(1))
}

/// Where a page leads, when the status of the error stays, or becomes another one than `101`
/// (`ngx_http_core_error_page`, `ngx_http_send_error_page`).
fn overridden_target(page: Setting<'_>) -> Option<Vec<u8>> {
    let leaves_status = codes(page).any(|word| {
        let word = word.value();
        matches!(word.as_ref(), b"=" | b"=101")
    });
    if leaves_status || page.directive.argument_count() < 2 {
        return None;
    }
    let target = page.directive.arguments().last()?.value().into_owned();
    (matches!(target.first(), Some(b'@' | b'/')) && !target.contains(&b'$')).then_some(target)
}

/// Writes `=` before the location, or in the place of another status.
fn let_status_pass(page: Setting<'_>) -> Option<Edit> {
    let status = codes(page).find(|word| word.value().starts_with(b"="));
    match status {
        Some(status) => Some(Edit::replace(status.span(), "=")),
        None => Some(Edit::insert(page.directive.arguments().last()?.span().start, "= ")),
    }
}

fn finding(page: Setting<'_>, cause: Option<Place>, target: &Forwarded<'_>) -> Finding {
    let mut finding = Finding::new(
        &RULE,
        page.place(),
        "without `=`, `error_page` keeps the status of the error: the client gets it in the place \
         of the backend's `101`, and gives up",
    )
    .at_place("handshakes go on from here with the status of an error")
    .help("write ` = ` before the location: the backend's own status is sent then")
    .label(target.pass.place(), "this backend answers `101`");
    if let Some(edit) = let_status_pass(page) {
        finding = finding.fix(Fix::not_safe("let the backend's own status pass", vec![edit]));
    }
    if let Some(cause) = cause {
        finding = finding.label(cause, "handshakes get this status");
    }
    finding
}
