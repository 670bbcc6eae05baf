//! A handshake without the slash at the end of a location is redirected.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::By;
use wslint_model::intent;
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::text::location::LocationPattern;

use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::{Edits, copy_before, is_plain};
use crate::rules::TRAILING_SLASH_REDIRECT as RULE;

/// Paths whose clients always write the slash.
const WITH_SLASH: [&[u8]; 6] =
    [b"socket.io", b"engine.io", b"signalr", b"sockjs", b"sockjs-node", b"hubs"];

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    // By the level around: names without their slash, with the locations.
    let mut wanted: FxHashMap<LevelId, FxHashMap<Vec<u8>, (LevelId, Setting<'_>)>> =
        FxHashMap::default();
    // Of others there is something to be mended first.
    let mut complete = FxHashSet::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let level = forwarded.level;
        let own = configuration.level(level);
        if own.kind == LevelKind::Location
            && let Some(around) = own.parent
            && let Some((head, LocationPattern::Prefix { name, .. })) = context.location_of(level)
            && let Some(path) = name.strip_suffix(b"/")
            && let Some(last) = path.rsplit(|&byte| byte == b'/').next()
            && is_asked_for(last)
        {
            wanted.entry(around).or_default().entry(path.to_vec()).or_insert((level, head));
            if diagnosis.is_complete(forwarded) {
                complete.insert(level);
            }
        }
    }
    let mut found: Vec<(LevelId, Setting<'_>, Vec<u8>)> = Vec::new();
    for (around, mut wanted) in wanted {
        if configuration.level(around).unseen.is_some() {
            continue;
        }
        // Others that take the path themselves.
        for level in configuration.children(around) {
            if let Some(LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. }) =
                configuration.head(level).and_then(|head| LocationPattern::read(head.directive))
            {
                wanted.remove(&name);
            }
        }
        found.extend(wanted.into_iter().map(|(path, (level, head))| (level, head, path)));
    }
    found.sort_by_key(|&(level, ..)| level);
    let mut seen = FxHashSet::default();
    for (level, head, path) in found {
        if seen.insert(head.reference) && is_redirected(context, level, &path) {
            let path = String::from_utf8_lossy(&path);
            let fix = fix(context, level, head, &path).filter(|_| complete.contains(&level));
            findings.push(finding(head, &path).mended_by(fix));
        }
    }
}

/// Writes the location once more, for the path alone. What it does to paths would have to be written
/// otherwise for one of them.
fn fix(context: &Context<'_>, level: LevelId, head: Setting<'_>, path: &str) -> Option<FindingFix> {
    const ABOUT_PATHS: [DirectiveId; 6] =
        [d::ALIAS, d::ERROR_PAGE, d::INTERNAL, d::RETURN, d::REWRITE, d::TRY_FILES];
    let configuration = context.configuration;
    let has_own = |id| configuration.has_own(level, id);
    if configuration.children(level).next().is_some()
        || configuration.level(level).unseen.is_some()
        || ABOUT_PATHS.into_iter().any(has_own)
        || context.copies().of(head.reference) != 1
        || !head.directive.arguments().all(is_plain)
    {
        return None;
    }
    let mut edits = Edits::default().ask_unless(false);
    edits.add(copy_before(context, head, &format!("location = {path}"))?);
    edits.into_fix(format!("add `location = {path}` with the same lines"))
}

/// Whether clients may ask for a path that ends in this segment: it is a word for WebSockets, and
/// not one of a library whose clients write the slash.
fn is_asked_for(last: &[u8]) -> bool {
    let path = [b"/", last].concat();
    !WITH_SLASH.iter().any(|known| last.eq_ignore_ascii_case(known))
        && intent::has_path_word(&LocationPattern::Exact(path))
}

/// Whether nginx redirects a handshake for the path to the location.
fn is_redirected(context: &Context<'_>, level: LevelId, path: &[u8]) -> bool {
    let configuration = context.configuration;
    let Some(server) = configuration.level(level).server else { return false };
    // Nothing comes before the choice of the location.
    if configuration.level(level).parent == Some(server)
        && configuration.rewrite_steps(server).is_empty()
        && configuration.own(level, d::INTERNAL).iter().next().is_none()
        && !configuration.level(server).implied
    {
        return true;
    }
    let target = String::from_utf8_lossy(path);
    context.tracer().through(server, &target).is_some_and(|trace| {
        trace.location == Some(level)
            && trace.outcome.by == Some(By::Nginx)
            && trace.outcome.status == Some(301)
    })
}

fn finding(head: Setting<'_>, path: &str) -> Finding {
    Finding::new(
        &RULE,
        head.place(),
        format!(
            "a handshake for `{path}` is redirected to `{path}/`, and browsers follow no redirect \
             of a handshake"
        ),
    )
    .at_place("only with the slash")
    .help(format!(
        "let clients ask for `{path}/`, or give `location = {path}` the same `proxy_pass` and \
         headers"
    ))
}
