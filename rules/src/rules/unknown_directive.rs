//! `unknown-directive`

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::{Availability, Context as Block, Definition};

use super::upstream_missing_server_keyword::looks_like_address;
use crate::cause::mistyped_directive::{Nearest, correction};
use crate::context::Context;
use crate::directive_check::{Problem, ProblemKind};
use crate::finding::{Category, Effect, Finding, Severity};
use crate::resolve::Setting;
use crate::rule::Rule;
use crate::source::Place;
use crate::suggest::nearest;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "unknown-directive",
    category: Category::Text,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a directive that nginx does not know",
    page: include_str!("../../../docs/rules/unknown-directive.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut nearest = Nearest::default();
    for problem in context.problems() {
        let setting = context.configuration.setting(problem.reference);
        let place = name_place(setting);
        if context.has_syntax_error_in(place) || is_address_in_upstream(problem, setting) {
            continue;
        }
        findings.extend(match &problem.kind {
            // A placeholder of a template is replaced before nginx reads it.
            ProblemKind::Unknown
                if is_placeholder(&setting.directive.name())
                    || context.is_placeholder(place.file, &setting.directive.name()) =>
            {
                None
            }
            ProblemKind::Unknown => Some(unknown(context, problem, setting, place, &mut nearest)),
            ProblemKind::Foreign(definition) => Some(foreign(setting, place, definition)),
            ProblemKind::OtherVersion(definition) => {
                Some(other_version(context, setting, place, definition))
            }
            _ => None,
        });
    }
}

fn name_place(setting: Setting<'_>) -> Place {
    Place { file: setting.reference.file, span: setting.directive.name_word().span() }
}

/// An address without `server` has a rule of its own.
fn is_address_in_upstream(problem: &Problem, setting: Setting<'_>) -> bool {
    matches!(problem.context, Block::Upstream | Block::StreamUpstream)
        && looks_like_address(&setting.directive.name())
}

/// `${NAME}`, `@NAME@`, `%NAME%`, `<NAME>`.
fn is_placeholder(name: &[u8]) -> bool {
    match name {
        [b'$', b'{', .., b'}'] => true,
        [first, .., last] if name.len() > 2 => {
            matches!((first, last), (b'@', b'@') | (b'%', b'%') | (b'<', b'>'))
        }
        _ => false,
    }
}

fn unknown(
    context: &Context<'_>,
    problem: &Problem,
    setting: Setting<'_>,
    place: Place,
    nearest: &mut Nearest,
) -> Finding {
    let name = setting.directive.name();
    let name = String::from_utf8_lossy(&name);
    let finding =
        Finding::new(&RULE, place, format!("unknown directive \"{name}\"")).at_place("unknown");
    let lower = name.to_ascii_lowercase();
    let alike =
        DirectiveId::lookup(lower.as_bytes()).or_else(|| nearest.to(&name, problem.context));
    let catalogued = alike.map(DirectiveId::name);
    if let Some(added) = nearest_added(context, &name, catalogued) {
        return finding.help(format!("did you mean `{added}`?"));
    }
    let word = setting.directive.name_word();
    let Some(correction) = correction(word, problem.context, nearest) else { return finding };
    let finding = finding.help(correction.help);
    match correction.fix {
        Some(fix) => finding.fix(fix),
        None => finding,
    }
}

/// The name of a directive that was added to the catalogue, if it is no less alike than the one that
/// the catalogue has.
fn nearest_added<'c>(
    context: &Context<'c>,
    written: &str,
    catalogued: Option<&str>,
) -> Option<&'c str> {
    let added = nearest(written, context.assumptions.directives.names())?;
    let distance = |name: &str| strsim::damerau_levenshtein(written, name);
    catalogued.is_none_or(|other| distance(added) <= distance(other)).then_some(added)
}

/// A module of somebody else may well be built in.
fn foreign(setting: Setting<'_>, place: Place, definition: &Definition) -> Finding {
    let name = setting.directive.name();
    let name = String::from_utf8_lossy(&name);
    let whose = match definition.availability {
        Availability::Commercial => "NGINX Plus has it, nginx does not".to_owned(),
        _ => format!("it belongs to the module {}, which is not part of nginx", definition.module),
    };
    Finding::new(&RULE, place, format!("directive \"{name}\": {whose}"))
        .at_place("needs that module")
        .severity(Severity::Info)
        .effect(Effect::Advice)
}

fn other_version(
    context: &Context<'_>,
    setting: Setting<'_>,
    place: Place,
    definition: &Definition,
) -> Finding {
    let name = setting.directive.name();
    let name = String::from_utf8_lossy(&name);
    let target = context.nginx_version.map(|version| version.to_string()).unwrap_or_default();
    let when = match (definition.since, definition.until) {
        (Some(since), _) if context.nginx_version.is_some_and(|version| version < since) => {
            format!("it came with {since}")
        }
        (_, Some(until)) => format!("it went with {until}"),
        _ => "another version has it".to_owned(),
    };
    Finding::new(&RULE, place, format!("unknown directive \"{name}\" in nginx {target}: {when}"))
        .at_place("not in this version")
}
