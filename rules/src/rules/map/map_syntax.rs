//! A line of a map that nginx refuses.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::{Context as Block, directive};
use wslint_grammar::{Edit, Fix};
use wslint_model::damage::text_damage::{invisible, typographic};
use wslint_model::evaluate::{Map, MapEntry, MapKey};
use wslint_model::resolve::Setting;
use wslint_model::source::DirectiveRef;
use wslint_model::text::placeholder;
use wslint_model::text::value::Refused;
use wslint_model::validate::data_block::map::refused_lines;

use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::{Edits, remove};
use crate::rules::MAP_SYNTAX as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut seen = FxHashSet::default();
    let mut add = |reference: DirectiveRef, finding: Finding| {
        if seen.insert(reference) && !context.has_syntax_error_in(finding.place) {
            findings.push(finding);
        }
    };
    let configuration = context.configuration;
    let in_stream: Vec<Map> = configuration
        .data_blocks()
        .filter(|&(level, block)| {
            let is_map = block.directive.id() == Some(directive::MAP);
            is_map && configuration.level(level).context == Some(Block::Stream)
        })
        .filter_map(|(_, block)| Map::read(&configuration.loaded, block.reference))
        .collect();
    for map in context.variables.maps().iter().chain(&in_stream) {
        if let Some(finding) = target(context, map) {
            add(map.reference, finding);
        }
        for &line in &map.malformed {
            // A character that looks like a blank has a rule of its own.
            let entry = context.configuration.setting(line).directive;
            let mut words = std::iter::once(entry.name_word()).chain(entry.arguments());
            if words.any(|word| invisible(word).is_some()) {
                continue;
            }
            add(line, finding(context, map, line));
        }
        for (line, refused) in refused_lines(context, configuration.setting(map.reference)) {
            add(line, refused_line(configuration.setting(line), &refused));
        }
        for (line, finding) in conflicts(context, map) {
            add(line, finding);
        }
    }
}

/// A key or a value that is refused for itself.
fn refused_line(line: Setting<'_>, refused: &Refused) -> Finding {
    Finding::new(&RULE, refused.place(line), refused.message.clone())
        .at_place("refused")
        .help(refused.help.clone())
}

/// Keys that stand in a map twice: text is compared without regard to case.
fn conflicts(context: &Context<'_>, map: &Map) -> Vec<(DirectiveRef, Finding)> {
    let mut keys: FxHashMap<Option<Vec<u8>>, DirectiveRef> = FxHashMap::default();
    let mut conflicts = Vec::new();
    for entry in &map.entries {
        let key = match &entry.key {
            None => None,
            Some(MapKey::Text(key)) => Some(key.to_ascii_lowercase()),
            Some(MapKey::Regex(_)) => continue,
        };
        let Some(first) = keys.insert(key.clone(), entry.reference) else { continue };
        let message = match &key {
            None => "duplicate default map parameter".to_owned(),
            Some(key) => {
                format!("conflicting parameter \"{}\"", String::from_utf8_lossy(key))
            }
        };
        let place = context.configuration.setting(entry.reference).place();
        let finding = Finding::new(&RULE, place, message)
            .at_place("the same key again")
            .label(context.configuration.setting(first).place(), "stands here already")
            .help("keep one of them; text keys are compared without regard to case");
        conflicts.push((entry.reference, finding.mended_by(without(context, map, first, entry))));
    }
    conflicts
}

/// Takes the second of two lines that give the same away.
fn without(
    context: &Context<'_>,
    map: &Map,
    first: DirectiveRef,
    second: &MapEntry,
) -> Option<FindingFix> {
    let same = map.entries.iter().any(|it| it.reference == first && it.value == second.value);
    // A line of another file may stand in other maps too.
    if !same || second.reference.file != map.reference.file {
        return None;
    }
    let mut edits = Edits::default();
    let line = context.configuration.setting(second.reference).directive;
    edits.add_in(second.reference.file, remove(line)?);
    edits.into_fix("take the second line away")
}

/// The variable that a map defines must be written with its dollar sign.
fn target(context: &Context<'_>, map: &Map) -> Option<Finding> {
    let head = context.configuration.setting(map.reference);
    let word = head.directive.argument(1)?;
    let value = word.value();
    let name = String::from_utf8_lossy(&value);
    if name == "$" {
        let message = "invalid variable name \"$\": the name is missing";
        return Some(Finding::new(&RULE, head.argument_place(1), message).at_place("no name"));
    }
    let is_quoted = typographic(word).is_some();
    if name.starts_with('$') || is_quoted || placeholder::stands_in(&value) {
        return None;
    }
    let fix = Fix::safe("put `$` before it", vec![Edit::insert(word.content_span().start, "$")]);
    Some(
        Finding::new(
            &RULE,
            head.argument_place(1),
            format!("invalid variable name \"{name}\": a variable begins with `$`"),
        )
        .at_place("should be a variable")
        .help(format!("write `${name}`"))
        .fix(fix),
    )
}

fn finding(context: &Context<'_>, map: &Map, line: DirectiveRef) -> Finding {
    let setting = context.configuration.setting(line);
    let (at_place, help) = match setting.directive.argument_count() {
        0 => ("a key without a value", "give it a value, or take the line away".to_owned()),
        _ => ("more than a key and a value", "put a `;` behind each pair".to_owned()),
    };
    Finding::new(
        &RULE,
        setting.place(),
        "invalid number of the map parameters: each line of a map is a key and a value",
    )
    .at_place(at_place)
    .label(map.place(&context.configuration.loaded), "in this map")
    .help(help)
}
