//! `h2c-upgrade-smuggling`

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::declared::backend::Backend;
use crate::declared::guards::Guards;
use crate::evaluate::{Arrival, Condition, Request, Truth};
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::handshake::intent::uses_upgrade;
use crate::handshake::{FieldLine, Forwarded, has_token};
use crate::nginx_text::location::LocationPattern;
use crate::resolve::{LevelId, LevelKind};
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "h2c-upgrade-smuggling",
    category: Category::Security,
    severity: Severity::Info,
    effect: Effect::Insecure,
    summary: "`Upgrade: h2c` is passed on, which opens a tunnel that nginx does not look into",
    page: include_str!("../../../docs/rules/h2c-upgrade-smuggling.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut tests = None;
    let open: Vec<(&Forwarded<'_>, &FieldLine<'_>)> = context
        .websocket_locations()
        .filter(|(forwarded, diagnosis)| forwarded.is_complete(diagnosis))
        .filter_map(|(forwarded, _)| {
            let line =
                forwarded.upgrade.lines.iter().find(|line| passes_h2c(context, forwarded, line))?;
            let comes = comes_there(context, forwarded.level, &mut tests);
            comes.then_some((forwarded, line))
        })
        .collect();
    if open.is_empty() {
        return;
    }
    let configuration = context.configuration;
    let servers =
        open.iter().filter_map(|(forwarded, _)| configuration.level(forwarded.level).server);
    let guards = Guards::new(context, &servers.collect());
    let guard_of = |forwarded: &Forwarded<'_>| {
        guards.past(context, &Backend::of(context, forwarded)?, forwarded.level)
    };
    let mut groups = Groups::default();
    let (mut guarded, mut others) = (Vec::new(), Vec::new());
    for (forwarded, line) in open {
        match guard_of(forwarded) {
            Some(guard) => guarded.push((forwarded, line, guard)),
            None => others.push((forwarded, line)),
        }
    }
    // One line may be in effect in many locations: what matters most is said of it.
    for (forwarded, line, guard) in guarded {
        let place = line.setting.place();
        groups.add(place, || past_guard(place, guard), forwarded.pass.place());
    }
    for (forwarded, line) in others {
        let place = line.setting.place();
        groups.add(place, || finding(place), forwarded.pass.place());
    }
    findings.extend(groups.into_findings("this backend gets it"));
}

/// Whether the backend reads `Upgrade: h2c` when a client sends that.
fn passes_h2c(context: &Context<'_>, forwarded: &Forwarded<'_>, line: &FieldLine<'_>) -> bool {
    let Some(text) = line.setting.directive.argument(1) else { return false };
    let text = text.value();
    text.contains(&b'$') && {
        let evaluated = context.variables.evaluate(&text, &Request::H2C, forwarded.level);
        evaluated.value.bytes().is_some_and(|value| has_token(value, b"h2c"))
    }
}

/// The servers that have an `if` about `Upgrade` which does not hold for h2c.
type Tests = Option<FxHashSet<LevelId>>;

/// Whether a request for h2c comes to a level as a handshake does: no `if` about `Upgrade` keeps
/// it out.
fn comes_there(context: &Context<'_>, level: LevelId, tests: &mut Tests) -> bool {
    match context.variables.arrival(&Request::H2C, level) {
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
    let tests = tests.get_or_insert_with(|| servers_with_tests(context));
    server.is_none_or(|server| !tests.contains(&server))
}

/// Whether only nginx itself leads requests to a level.
fn is_led_to(context: &Context<'_>, level: LevelId) -> bool {
    let configuration = context.configuration;
    let Some(location) = configuration.enclosing(level, LevelKind::Location) else { return false };
    let pattern =
        configuration.head(location).and_then(|head| LocationPattern::read(head.directive));
    matches!(pattern, Some(LocationPattern::Named(_)))
        || configuration.own(location, d::INTERNAL).iter().next().is_some()
}

fn servers_with_tests(context: &Context<'_>) -> FxHashSet<LevelId> {
    let levels = context.configuration.levels();
    levels
        .filter(|(level, own)| {
            matches!(own.kind, LevelKind::If | LevelKind::IfInServer)
                && asks_for_upgrade(context, *level)
                && !holds_for_h2c(context, *level)
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

fn holds_for_h2c(context: &Context<'_>, block: LevelId) -> bool {
    let Some(head) = context.configuration.head(block) else { return false };
    let around = context.configuration.level(block).parent.unwrap_or(block);
    let truth = Condition::read(head.directive)
        .holds(|text| context.variables.evaluate(text, &Request::H2C, around).value.clone());
    matches!(truth, Truth::Known(true) | Truth::Tried(true, _))
}

const HELP: &str = "pass on `websocket` alone: `map $http_upgrade $upgrade_websocket { default \"\"; \
                    websocket websocket; }`, and that variable here in the place of the client's \
                    value";

fn finding(place: Place) -> Finding {
    Finding::new(
        &RULE,
        place,
        "`Upgrade: h2c` of a client is passed on like `websocket`: a backend that takes it gets \
         requests in the tunnel that nginx neither checks nor logs",
    )
    .at_place("any protocol that a client names is passed on")
    .help(HELP)
}

fn past_guard(place: Place, guard: Place) -> Finding {
    Finding::new(
        &RULE,
        place,
        "`Upgrade: h2c` of a client is passed on like `websocket`: a backend that takes it gets \
         requests in the tunnel for any path, also for those that nginx guards",
    )
    .at_place("any protocol that a client names is passed on")
    .help(HELP)
    .label(guard, "not asked for what comes through the tunnel")
    .severity(Severity::Warning)
}
