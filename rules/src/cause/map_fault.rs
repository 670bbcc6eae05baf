//! Maps that give a wrong `Connection` for a handshake: reported at the map, once, however many
//! locations use it.

use rustc_hash::FxHashMap;

use crate::context::Context;
use crate::directive_check::data_block::map::refused_lines;
use crate::evaluate::{Evaluated, Map, MapKey, Matched, Part, Request, Value, mistyped, parts};
use crate::finding::Finding;
use crate::groups::Few;
use crate::handshake::{FieldLine, Forwarded, Verdict, has_upgrade_token};
use crate::source::DirectiveRef;

/// A map at fault, with what it gives and where that is used.
#[derive(Debug)]
pub(crate) struct Fault<'c> {
    /// The map.
    pub(crate) map: &'c Map,
    /// The line that gives the value; `None` when no line does.
    pub(crate) entry: Option<DirectiveRef>,
    /// What it gives.
    pub(crate) value: Value,
    /// For whom.
    pub(crate) client: &'static str,
    /// What the map looks at is empty for a handshake, so that it cannot see one.
    source_is_empty: bool,
    /// The `Connection` lines that use it.
    uses: Few,
}

impl Fault<'_> {
    /// What to write. A map that is to tell handshakes from plain requests must not give `upgrade`
    /// by default, unless it has a line for requests without `Upgrade`.
    pub(crate) fn cure(&self) -> String {
        if self.source_is_empty {
            return "the map looks at something that is empty for a handshake: write \
                    `$http_upgrade` in its place"
                .to_owned();
        }
        let misspelt = self.map.entries.iter().any(|entry| match &entry.key {
            Some(MapKey::Text(key)) => is_misspelt_default(key),
            _ => false,
        });
        let has_empty_key = self.map.entries.iter().any(|entry| match &entry.key {
            Some(MapKey::Text(key)) => key.is_empty(),
            _ => false,
        });
        let by_connection = self.map.source.eq_ignore_ascii_case(b"$http_connection");
        match (misspelt, by_connection, has_empty_key) {
            (true, ..) => "write `default`".to_owned(),
            (_, true, _) => "add `~*upgrade upgrade;`: the field is a list".to_owned(),
            (.., true) => "let `default` give `upgrade`".to_owned(),
            _ => "add `websocket upgrade;`, or `default upgrade;` and `'' close;`".to_owned(),
        }
    }

    /// Points at the uses.
    pub(crate) fn label_uses(self, finding: Finding) -> Finding {
        self.uses.label(finding, "used here")
    }
}

/// The maps at fault, in the order of their first use.
pub(crate) fn faults<'x>(context: &'x Context<'_>) -> Vec<Fault<'x>> {
    let maps = context.variables.maps();
    let by_reference: FxHashMap<DirectiveRef, &Map> =
        maps.iter().map(|map| (map.reference, map)).collect();
    let mut numbers: FxHashMap<&Matched, usize> = FxHashMap::default();
    let mut faults: Vec<Fault<'x>> = Vec::new();
    for (forwarded, _) in context.websocket_locations() {
        let Some((line, evaluated, matched, client)) = at_fault(forwarded) else { continue };
        let setting = line.setting;
        if let Some(&number) = numbers.get(matched) {
            faults[number].uses.add(setting.place());
            continue;
        }
        let Some(&map) = by_reference.get(&matched.map) else { continue };
        // nginx refuses the map: what it would give is not the first thing to mend.
        let block = context.configuration.setting(map.reference);
        if !map.malformed.is_empty()
            || is_mistyped(&map.source)
            || !refused_lines(context, block).is_empty()
        {
            continue;
        }
        let value = evaluated.value.clone();
        let source = context.variables.evaluate(&map.source, &Request::CHROME, forwarded.level);
        let source_is_empty = source.value == Value::Known(Vec::new());
        let mut uses = Few::default();
        uses.add(setting.place());
        numbers.insert(matched, faults.len());
        faults.push(Fault { map, entry: matched.entry, value, client, source_is_empty, uses });
    }
    faults
}

/// The map that spoils a location's `Connection`, when one map alone decides its value.
pub(crate) fn at_fault<'f, 'c>(
    forwarded: &'f Forwarded<'c>,
) -> Option<(&'f FieldLine<'c>, &'f Evaluated, &'f Matched, &'static str)> {
    if forwarded.connection_verdict() != Verdict::Fails {
        return None;
    }
    let [line] = forwarded.connection.lines.as_slice() else { return None };
    // The map is right, and the line spoils what it gives.
    if line.is_damaged {
        return None;
    }
    let fails = |evaluated: &Evaluated| {
        evaluated.value.bytes().is_some_and(|value| !has_upgrade_token(value))
    };
    let (evaluated, client) = if fails(&line.chrome) {
        (&line.chrome, Request::CHROME.name)
    } else {
        (&line.firefox, Request::FIREFOX.name)
    };
    match evaluated.maps.as_slice() {
        [matched] => Some((line, evaluated, matched, client)),
        _ => None,
    }
}

/// Whether a map is at fault, and reported as that.
pub(crate) fn is_reported(context: &Context<'_>, forwarded: &Forwarded<'_>) -> bool {
    at_fault(forwarded).is_some_and(|(_, _, matched, _)| {
        context.reports(match matched.entry {
            Some(_) => "map-default-not-upgrade",
            None => "map-missing-default",
        })
    })
}

/// Whether a key was meant to be `default`: `default:`, `Default`. Only `default` is one.
pub(crate) fn is_misspelt_default(key: &[u8]) -> bool {
    key.strip_suffix(b":").unwrap_or(key).eq_ignore_ascii_case(b"default")
}

/// Whether a map looks at a mistyped variable, which has a rule of its own.
fn is_mistyped(source: &[u8]) -> bool {
    parts(source).any(|part| match part {
        Part::Variable { name, .. } => mistyped(name).is_some(),
        _ => false,
    })
}
