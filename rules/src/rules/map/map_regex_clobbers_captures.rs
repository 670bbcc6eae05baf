//! A regular expression in a map empties `$1` to `$9` of the location.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix, Word};
use wslint_model::evaluate::{MapEntry, MapKey, Part, parts};
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::resolve::{LevelId, LevelKind, RewriteStep, Setting};
use wslint_model::source::{DirectiveRef, Place};

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Places;
use crate::rules::MAP_REGEX_CLOBBERS_CAPTURES as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let patterns = patterns(context);
    if patterns.is_empty() {
        return;
    }
    let mut found: Vec<(DirectiveRef, &MapEntry, Places)> = Vec::new();
    let mut numbers: FxHashMap<DirectiveRef, usize> = FxHashMap::default();
    for (forwarded, _) in context.websocket_locations() {
        let lines = forwarded.upgrade.lines.iter().chain(&forwarded.connection.lines);
        let mut matched = lines
            .flat_map(|line| &line.chrome.maps)
            .filter_map(|matched| Some((matched.map, *patterns.get(&matched.entry?)?)));
        let Some((map, entry)) = matched.next() else { continue };
        let places = emptied(context, forwarded, map);
        if places.is_empty() {
            continue;
        }
        let number = *numbers.entry(entry.reference).or_insert_with(|| {
            found.push((map, entry, Places::default()));
            found.len() - 1
        });
        for place in places {
            found[number].2.add(place);
        }
    }
    for (map, entry, places) in found {
        findings
            .push(places.label(finding(context, map, entry), "no more what the location captured"));
    }
}

/// The lines of maps whose keys are regular expressions.
fn patterns<'x>(context: &'x Context<'_>) -> FxHashMap<DirectiveRef, &'x MapEntry> {
    let entries = context.variables.maps().iter().flat_map(|map| &map.entries);
    entries
        .filter(|entry| matches!(entry.key, Some(MapKey::Regex(_))))
        .map(|entry| (entry.reference, entry))
        .collect()
}

/// Where the location uses what was captured before the map was asked. nginx computes the lengths of
/// all headers before their values, so that the order of the lines does not matter; the address of
/// the backend comes before them, unless the map was asked earlier.
fn emptied(context: &Context<'_>, forwarded: &Forwarded<'_>, map: DirectiveRef) -> Vec<Place> {
    let is_capture = |part: Part<'_>| matches!(part, Part::Capture(_));
    let has_captures = |word: Word<'_>| parts(&word.value()).any(is_capture);
    let mut places = Vec::new();
    if let Some(lines) = forwarded.headers.set() {
        for line in lines.iter() {
            if line.directive.argument(1).is_some_and(has_captures) {
                places.push(line.argument_place(1));
            }
        }
    }
    if forwarded.pass.directive.argument(0).is_some_and(has_captures)
        && let Some(map) = context.variables.maps().iter().find(|known| known.reference == map)
        && is_asked_early(context, forwarded.level, &map.variable)
    {
        places.push(forwarded.pass.argument_place(0));
    }
    places
}

/// Whether `if` or `set` asks for a variable on the way to a level.
fn is_asked_early(context: &Context<'_>, level: LevelId, variable: &str) -> bool {
    let configuration = context.configuration;
    let asks = |setting: Setting<'_>| {
        let names = usize::from(setting.directive.id() == Some(d::SET));
        setting.directive.arguments().skip(names).any(|word| {
            parts(&word.value()).any(|part| match part {
                Part::Variable { name, .. } => name.eq_ignore_ascii_case(variable),
                _ => false,
            })
        })
    };
    let location = configuration.enclosing(level, LevelKind::Location);
    location.is_some_and(|location| {
        configuration.rewrite_steps(location).iter().any(|step| match *step {
            RewriteStep::Directive(reference) => asks(configuration.setting(reference)),
            RewriteStep::If(block) => configuration.head(block).is_some_and(asks),
        })
    })
}

fn finding(context: &Context<'_>, map: DirectiveRef, entry: &MapEntry) -> Finding {
    let key = context.configuration.setting(entry.reference).directive.name_word();
    let head = context.configuration.setting(map);
    let finding = Finding::new(
        &RULE,
        Place { file: entry.reference.file, span: key.span() },
        "this regular expression takes the place of what the location's captured: `$1` to `$9` are \
         its own groups from then on, and empty without any",
    )
    .at_place("matches handshakes")
    .label(Place { file: map.file, span: head.directive.words_span() }, "in this map")
    .help(
        "write the plain key `websocket`, which has no case, or give the location's groups names",
    );
    let is_whole_word = |text: &str| text.eq_ignore_ascii_case("^websocket$");
    match &entry.key {
        Some(MapKey::Regex(regex)) if regex.ignores_case && is_whole_word(&regex.text) => finding
            .fix(Fix::safe(
                "write the plain key `websocket`",
                vec![Edit::replace(key.span(), "websocket")],
            )),
        _ => finding,
    }
}
