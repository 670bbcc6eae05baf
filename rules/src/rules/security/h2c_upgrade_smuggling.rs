//! `Upgrade: h2c` is passed on, which opens a tunnel that nginx does not look into.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::Edit;
use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::{Condition, Request, Truth};
use wslint_model::handshake::arrivals::Arrival;
use wslint_model::handshake::backend::Backend;
use wslint_model::handshake::guards::Guards;
use wslint_model::handshake::proxied_request::{FieldLine, Forwarded, has_token};
use wslint_model::intent::uses_upgrade;
use wslint_model::resolve::{LevelId, LevelKind};
use wslint_model::source::{DirectiveRef, Place};
use wslint_model::text::location::LocationPattern;

use crate::context::Context;
use crate::finding::{Finding, Severity};
use crate::fix_writing::{Edits, WebSocketMap, websocket_map};
use crate::groups::Groups;
use crate::rules::H2C_UPGRADE_SMUGGLING as RULE;

/// A location that passes h2c on.
struct Open<'x, 'c> {
    forwarded: &'x Forwarded<'c>,
    line: &'x FieldLine<'c>,
    /// Only when `websocket` is named beside it.
    in_list: bool,
    /// What guards another path of the same backend.
    guard: Option<Place>,
    /// What looks at each request anew, and at none in the tunnel.
    check: Option<Place>,
}

impl Open<'_, '_> {
    /// What matters most comes first: one line may be in effect in many locations.
    fn rank(&self) -> u8 {
        match (self.in_list, self.guard) {
            (false, Some(_)) => 0,
            (false, None) => 1,
            (true, _) => 2,
        }
    }
}

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // Where nginx asks nothing of requests, a tunnel gets past nothing. Past what counts them it
    // gets, but that is no more than advice.
    let has_past =
        Guards::may_stand(context) || context.wants_advice() && Guards::may_count(context);
    if !has_past {
        return;
    }
    let mut tests = Tests::default();
    let mut open: Vec<Open<'_, '_>> = context
        .websocket_locations()
        .filter(|(forwarded, diagnosis)| diagnosis.is_complete(forwarded))
        .filter_map(|(forwarded, _)| open(context, forwarded, &mut tests))
        .collect();
    if open.is_empty() {
        return;
    }
    let configuration = context.configuration;
    let server = |open: &Open<'_, '_>| configuration.level(open.forwarded.level).server;
    let guards = Guards::new(context, &open.iter().filter_map(server).collect());
    for open in &mut open {
        let level = open.forwarded.level;
        let backend = Backend::of(context, open.forwarded);
        open.guard = backend.as_ref().and_then(|it| guards.past(context, it, level));
        open.check = guards.of_each_request(context, backend.as_ref(), level);
    }
    open.retain(|open| open.guard.or(open.check).is_some());
    if open.is_empty() {
        return;
    }
    open.sort_by_key(Open::rank);
    let map = match upgrade_variable(context, open[0].forwarded.level) {
        Some(variable) => MapAtHand::There(format!("${variable}")),
        None => MapAtHand::ToWrite(websocket_map(context)),
    };
    let needed = needed_as_they_are(context);
    let mut groups = Groups::default();
    for open in &open {
        let place = open.line.setting.place();
        let finding = || {
            let finding = finding(open, &map);
            let may_change = !needed.contains(&open.line.setting.reference);
            if may_change { finding } else { finding.mended_by(None) }
        };
        groups.add(place, finding, open.forwarded.pass.place());
    }
    findings.extend(groups.into_findings("this backend gets it"));
}

/// How a location passes h2c on, if it does.
fn open<'x, 'c>(
    context: &Context<'c>,
    forwarded: &'x Forwarded<'c>,
    tests: &mut Tests,
) -> Option<Open<'x, 'c>> {
    [(Request::H2C, false), (Request::H2C_IN_LIST, true)].into_iter().find_map(
        |(request, in_list)| {
            let mut lines = forwarded.upgrade.lines.iter();
            let line = lines.find(|line| passes_h2c(context, forwarded, line, &request))?;
            let comes = comes_there(context, forwarded.level, &request, tests);
            comes.then_some(Open { forwarded, line, in_list, guard: None, check: None })
        },
    )
}

/// The lines that a map which looks at `$http_upgrade` would not do for: where they are in effect,
/// that is not the client's `websocket`, because a `set` or another module has changed it.
fn needed_as_they_are(context: &Context<'_>) -> FxHashSet<DirectiveRef> {
    let is_plain = |level: LevelId| {
        [Request::CHROME, Request::FIREFOX].iter().all(|request| {
            let client = context.evaluate(b"$http_upgrade", request, level);
            client.value.bytes().is_some_and(|value| value.eq_ignore_ascii_case(b"websocket"))
        })
    };
    let changed = context.forwarded().iter().filter(|forwarded| !is_plain(forwarded.level));
    changed.flat_map(|it| &it.upgrade.lines).map(|line| line.setting.reference).collect()
}

/// Whether the backend reads h2c in `Upgrade` when a client sends that.
fn passes_h2c(
    context: &Context<'_>,
    forwarded: &Forwarded<'_>,
    line: &FieldLine<'_>,
    request: &Request,
) -> bool {
    let Some(text) = line.setting.directive.argument(1) else { return false };
    let text = text.value();
    text.contains(&b'$') && {
        let evaluated = context.evaluate(&text, request, forwarded.level);
        evaluated.value.bytes().is_some_and(|value| has_token(value, b"h2c"))
    }
}

/// By the name of the request, the servers that have an `if` about `Upgrade` which does not hold
/// for it.
type Tests = FxHashMap<&'static str, FxHashSet<LevelId>>;

/// Whether a request comes to a level as a handshake does: no `if` about `Upgrade` keeps it out.
fn comes_there(
    context: &Context<'_>,
    level: LevelId,
    request: &Request,
    tests: &mut Tests,
) -> bool {
    match context.arrival(request, level) {
        Arrival::TurnedAway => return false,
        // What asks for something else may let it in.
        Arrival::Depends(blocks)
            if blocks.iter().any(|&block| asks_for_upgrade(context, block)) =>
        {
            return false;
        }
        Arrival::Depends(_) | Arrival::Arrives => {}
    }
    if !is_led_to(context, level) {
        return true;
    }
    let server = context.configuration.level(level).server;
    let tests = tests.entry(request.name).or_insert_with(|| servers_with_tests(context, request));
    server.is_none_or(|server| !tests.contains(&server))
}

/// Whether only nginx itself leads requests to a level.
fn is_led_to(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    let Some(location) = configuration.enclosing(level, LevelKind::Location) else { return false };
    let pattern =
        configuration.head(location).and_then(|head| LocationPattern::read(head.directive));
    matches!(pattern, Some(LocationPattern::Named(_)))
        || configuration.has_own(location, d::INTERNAL)
}

fn servers_with_tests(context: &Context<'_>, request: &Request) -> FxHashSet<LevelId> {
    let levels = context.configuration.levels();
    levels
        .filter(|(level, own)| {
            matches!(own.kind, LevelKind::If | LevelKind::IfInServer)
                && asks_for_upgrade(context, *level)
                && !holds(context, *level, request)
        })
        .filter_map(|(_, own)| own.server)
        .collect()
}

/// Whether the condition of an `if` is about `$http_upgrade`, or what is made from it.
fn asks_for_upgrade(context: &Context<'_>, block: LevelId) -> bool {
    let head = context.configuration.head(block);
    head.is_some_and(|head| {
        head.directive.arguments().any(|word| uses_upgrade(context, &word.value(), 4))
    })
}

fn holds(context: &Context<'_>, block: LevelId, request: &Request) -> bool {
    let Some(head) = context.configuration.head(block) else { return false };
    let around = context.configuration.level(block).parent.unwrap_or(block);
    let truth = Condition::read(head.directive)
        .holds(|text| context.evaluate(text, request, around).value.clone());
    matches!(truth, Truth::Known(true) | Truth::Tried(true, _))
}

/// The variable of a map that is `websocket` for handshakes and never h2c.
fn upgrade_variable<'x>(context: &'x Context<'_>, level: LevelId) -> Option<&'x str> {
    let is = |name: &str, request: &Request, token: &[u8]| {
        let text = format!("${name}");
        let evaluated = context.evaluate(text.as_bytes(), request, level);
        evaluated.value.bytes().map(|value| has_token(value, token))
    };
    let names = context.variables.maps().iter().map(|map| map.variable.as_str());
    names.into_iter().find(|name| {
        is(name, &Request::CHROME, b"websocket") == Some(true)
            && is(name, &Request::H2C, b"h2c") == Some(false)
            && is(name, &Request::H2C_IN_LIST, b"h2c") == Some(false)
    })
}

/// The map that passes on `websocket` alone.
enum MapAtHand {
    /// Its variable, with the dollar sign.
    There(String),
    ToWrite(WebSocketMap),
}

fn finding(open: &Open<'_, '_>, map: &MapAtHand) -> Finding {
    let line = open.line.setting;
    let message = match (open.in_list, open.guard) {
        (false, Some(_)) => {
            "`Upgrade: h2c` of a client is passed on like `websocket`: a backend that takes it \
             gets requests in the tunnel for any path, also for those that nginx guards"
        }
        (false, None) => {
            "`Upgrade: h2c` of a client is passed on like `websocket`: a backend that takes it \
             gets requests in the tunnel that nginx neither checks nor logs"
        }
        (true, _) => {
            "`Upgrade: websocket, h2c` of a client is passed on whole: a backend that chooses h2c \
             gets requests in the tunnel that nginx neither checks nor logs"
        }
    };
    let finding = Finding::new(&RULE, line.place(), message).at_place(if open.in_list {
        "what a client names beside `websocket` is passed on"
    } else {
        "any protocol that a client names is passed on"
    });
    let word = open.line.setting.argument_place(1);
    let mut edits = Edits::default();
    // Clients of other protocols would have to do without.
    edits.ask();
    let finding = match map {
        MapAtHand::There(variable) => {
            edits.add_in(word.file, Edit::replace(word.span, variable.clone()));
            finding
                .help(format!("write `{variable}`, which is `websocket` or nothing"))
                .mended_by(edits.into_fix(format!("write `{variable}`")))
        }
        MapAtHand::ToWrite(WebSocketMap { variable, shown, edit }) => {
            let fix = edit.clone().and_then(|edit| {
                edits.add(edit);
                edits.add_in(word.file, Edit::replace(word.span, variable.clone()));
                edits.into_fix(format!("write `{variable}`, with its map"))
            });
            finding
                .help(format!(
                    "write `{variable}`, and in `http`, once for all locations, `{shown}`, which \
                     passes on `websocket` alone"
                ))
                .mended_by(fix)
        }
    };
    let passed = "not asked for what comes through the tunnel";
    match (open.in_list, open.guard, open.check) {
        (false, Some(guard), _) => finding.label(guard, passed).severity(Severity::Warning),
        (true, Some(guard), _) => finding.label(guard, passed),
        (_, None, Some(check)) => finding.label(check, passed),
        (_, None, None) => finding,
    }
}
