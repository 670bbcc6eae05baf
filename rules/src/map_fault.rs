//! Maps that give a wrong `Connection` for a handshake: reported at the map, once, however many
//! locations use it.

use crate::context::Context;
use crate::evaluate::{Evaluated, Map, Matched, Request, Value};
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
    /// The `Connection` lines that use it.
    uses: Few,
}

impl Fault<'_> {
    /// Points at the uses.
    pub(crate) fn label_uses(self, finding: Finding) -> Finding {
        self.uses.label(finding, "used here")
    }
}

/// The maps at fault, in the order of their first use.
pub(crate) fn faults<'x>(context: &'x Context<'_>) -> Vec<Fault<'x>> {
    let mut faults: Vec<Fault<'x>> = Vec::new();
    for (forwarded, _) in context.websocket_locations() {
        let Some((line, evaluated, matched, client)) = at_fault(forwarded) else { continue };
        let setting = line.setting;
        if let Some(known) = faults
            .iter_mut()
            .find(|fault| fault.map.reference == matched.map && fault.entry == matched.entry)
        {
            known.uses.add(setting.place());
            continue;
        }
        let Some(map) = context.variables.maps().iter().find(|map| map.reference == matched.map)
        else {
            continue;
        };
        let value = evaluated.value.clone();
        let mut uses = Few::default();
        uses.add(setting.place());
        faults.push(Fault { map, entry: matched.entry, value, client, uses });
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
