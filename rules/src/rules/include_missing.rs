//! `include-missing`

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::load::packaged;
use crate::load::{Include, Unreachable};
use crate::rule::Rule;
use crate::source::DirectiveRef;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "include-missing",
    category: Category::Syntax,
    severity: Severity::Warning,
    effect: Effect::NotLoaded,
    summary: "an included file cannot be opened",
    page: include_str!("../../../docs/rules/include-missing.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
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
    for (reference, unreachable) in unreachable {
        findings.push(finding(context, reference, unreachable));
    }
}

fn finding(context: &Context<'_>, reference: DirectiveRef, include: &Unreachable) -> Finding {
    let setting = context.configuration.setting(reference);
    let written =
        setting.directive.argument(0).map(wslint_grammar::Word::value).unwrap_or_default();
    let written = String::from_utf8_lossy(&written);
    let finding = Finding::new(
        &RULE,
        setting.argument_place(0),
        format!("open() \"{}\" failed: {}", include.path.display(), include.reason),
    )
    .at_place("not here; what it sets is unknown");
    if context.configuration.loaded.is_dump {
        return finding.severity(Severity::Info).effect(Effect::Advice);
    }
    if include.elsewhere
        || packaged::comes_with_nginx(&written)
        || !context.configuration.is_whole()
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
