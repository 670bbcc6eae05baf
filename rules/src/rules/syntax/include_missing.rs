//! An included file cannot be opened.

use rustc_hash::FxHashMap;
use wslint_grammar::Word;
use wslint_model::damage::text_damage::typographic;
use wslint_model::load::{Include, Unreachable, packaged};
use wslint_model::source::DirectiveRef;

use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::groups::Groups;
use crate::rules::INCLUDE_MISSING as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let loaded = &context.configuration.loaded;
    let mut unreachable: Vec<_> = loaded
        .includes()
        .filter_map(|(reference, include)| match include {
            // With another number of arguments it is not a path that is wrong.
            Include::Unreachable(unreachable)
                if context.configuration.setting(reference).directive.argument_count() == 1 =>
            {
                Some((reference, unreachable))
            }
            _ => None,
        })
        .collect();
    unreachable.sort_by_key(|&(reference, _)| reference);
    // One file that is not there is one cause, however often it is included.
    let mut groups = Groups::default();
    let mut first_of = FxHashMap::default();
    for (reference, unreachable) in unreachable {
        let setting = context.configuration.setting(reference);
        let word = setting.directive.argument(0);
        // Typographic quotes have a rule of their own.
        if word.and_then(typographic).is_some() {
            continue;
        }
        let written = word.map(Word::value).unwrap_or_default();
        let written = String::from_utf8_lossy(&written);
        // What such a file holds is known, and nothing of it matters here.
        if packaged::is_apart_from_proxying(&written) {
            continue;
        }
        let finding = finding(context, reference, &written, unreachable);
        let place = finding.place;
        let first = *first_of.entry((&unreachable.path, finding.severity)).or_insert(place);
        groups.add(first, || finding, place);
    }
    findings.extend(groups.into_findings("nor here"));
}

fn finding(
    context: &Context<'_>,
    reference: DirectiveRef,
    written: &str,
    include: &Unreachable,
) -> Finding {
    let setting = context.configuration.setting(reference);
    let finding = Finding::new(
        &RULE,
        setting.argument_place(0),
        format!("open() \"{}\" failed: {}", include.path.display(), include.reason),
    )
    .at_place("not here; what it sets is unknown");
    if context.configuration.loaded.is_dump {
        return finding.severity(Severity::Info).effect(Effect::Advice);
    }
    if include.elsewhere || packaged::comes_with_nginx(written) || !context.configuration.is_whole()
    {
        return finding
            .help("to have it checked too, say where it is: `--prefix FROM=TO`")
            .severity(Severity::Info)
            .effect(Effect::Advice);
    }
    if include.folder_exists && written.contains('/') {
        return finding
            .help("nginx looks for it relative to the folder of the main file")
            .severity(Severity::Error);
    }
    finding.help("nginx looks for it relative to the folder of the main file")
}
