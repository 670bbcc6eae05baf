//! A directive that nginx does not know.

use rustc_hash::FxHashMap;
use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::{self, Availability, Context as Block, Definition, directive as d};
use wslint_model::resolve::Setting;
use wslint_model::source::{DirectiveRef, Place};
use wslint_model::validate::{Problem, ProblemKind};

use crate::cause::mistyped_directive::{Nearest, correction};
use crate::cause::upstream_line::looks_like_address;
use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::groups::Groups;
use crate::rules::UNKNOWN_DIRECTIVE as RULE;
use crate::suggest::nearest;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut nearest = Nearest::default();
    let mut modules = LoadedModules::default();
    let mut foreigners = Vec::new();
    let mut of_modules = Vec::new();
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
            ProblemKind::Unknown => {
                let finding = unknown(context, problem, setting, place, &mut nearest);
                match modules.likely_owner(context, &setting.directive.name(), &finding) {
                    Some(module) => {
                        of_modules.push((problem.reference, module));
                        None
                    }
                    None => Some(finding),
                }
            }
            ProblemKind::Foreign(definition) => {
                foreigners.push((problem.reference, *definition));
                None
            }
            ProblemKind::OtherVersion(definition) => {
                Some(other_version(context, setting, place, definition))
            }
            _ => None,
        });
    }
    foreigners.sort_unstable_by_key(|&(reference, _)| reference);
    of_modules.sort_unstable();
    report_foreigners(context, &foreigners, findings);
    report_of_modules(context, &of_modules, findings);
}

/// Directives of modules of others: a module that is not there is one cause.
fn report_foreigners(
    context: &Context<'_>,
    foreigners: &[(DirectiveRef, &'static Definition)],
    findings: &mut Vec<Finding>,
) {
    let mut groups = Groups::default();
    let mut first_of = FxHashMap::default();
    for &(reference, definition) in foreigners {
        let setting = context.configuration.setting(reference);
        let place = name_place(setting);
        let whose = match definition.availability {
            Availability::Commercial => None,
            _ => Some(definition.module),
        };
        let first = *first_of.entry(whose).or_insert(place);
        groups.add(first, || foreign(setting, place, definition), place);
    }
    findings.extend(groups.into_findings("needs it, too"));
}

/// Directives that modules which are loaded may well have.
fn report_of_modules(
    context: &Context<'_>,
    directives: &[(DirectiveRef, String)],
    findings: &mut Vec<Finding>,
) {
    let mut groups = Groups::default();
    let mut first_of = FxHashMap::default();
    for (reference, module) in directives {
        let setting = context.configuration.setting(*reference);
        let place = name_place(setting);
        let first = *first_of.entry(module).or_insert(place);
        groups.add(first, || of_module(setting, place, module), place);
    }
    findings.extend(groups.into_findings("perhaps of it, too"));
}

/// The modules that `load_module` names and the catalogue knows nothing of.
#[derive(Default)]
struct LoadedModules {
    /// The part of each name that tells it from others; `None` before it was asked for.
    names: Option<Vec<String>>,
}

impl LoadedModules {
    /// The loaded module that may well have a directive which is unknown; `finding` says that it is.
    fn likely_owner(
        &mut self,
        context: &Context<'_>,
        directive: &[u8],
        finding: &Finding,
    ) -> Option<String> {
        let names = self.names.get_or_insert_with(|| {
            let lines = context.configuration.everywhere(d::LOAD_MODULE);
            lines
                .filter_map(|(_, line)| own_part(&line.value(0)?))
                .filter(|module| !is_catalogued(module))
                .collect()
        });
        let is_its = |module: &&String| directive.starts_with(module.as_bytes());
        // What is like a directive of nginx is more likely that one, mistyped.
        let any = || names.first().filter(|_| finding.help.is_none());
        names.iter().find(is_its).or_else(any).cloned()
    }
}

fn of_module(setting: Setting<'_>, place: Place, module: &str) -> Finding {
    let name = setting.name();
    Finding::new(
        &RULE,
        place,
        format!("directive \"{name}\": nginx has none, but the module {module} is loaded"),
    )
    .at_place("perhaps of that module")
    .help("`[directives]` in `wslint.toml` says what is known of a module's directives")
    .severity(Severity::Info)
    .effect(Effect::Advice)
}

/// What tells a module from others in the name of its file: `f5_metrics` of
/// `modules/ngx_http_f5_metrics_module.so`.
fn own_part(path: &[u8]) -> Option<String> {
    let path = std::str::from_utf8(path).ok()?;
    let name = path.rsplit('/').next()?.strip_suffix(".so")?;
    let name = name.strip_suffix("_module").unwrap_or(name);
    let name = name.strip_prefix("ngx_").unwrap_or(name);
    let name = ["http_", "stream_", "mail_"]
        .iter()
        .find_map(|protocol| name.strip_prefix(protocol))
        .unwrap_or(name);
    (!name.is_empty()).then(|| name.to_owned())
}

/// Whether the catalogue has the directives of a module: most begin with its name.
fn is_catalogued(module: &str) -> bool {
    /// Modules whose directives are called otherwise, or that have none.
    const CALLED_OTHERWISE: [&str; 4] = ["headers_more_filter", "ndk_http", "ndk", "mail"];
    let stem = ["_filter", "_static"]
        .iter()
        .find_map(|suffix| module.strip_suffix(suffix))
        .unwrap_or(module);
    CALLED_OTHERWISE.contains(&module)
        || catalogue::names().any(|directive| directive.name().starts_with(stem))
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
    let name = setting.name();
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
    let name = setting.name();
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
    let name = setting.name();
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
