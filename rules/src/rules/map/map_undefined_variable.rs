//! A variable that nothing defines.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::{Availability, directive};
use wslint_grammar::{Edit, Word};
use wslint_model::declarations::variable_uses;
use wslint_model::evaluate::{Variables, parts, place_in_word};
use wslint_model::resolve::Setting;
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::{Effect, Finding, FindingFix, Severity};
use crate::fix_writing::Edits;
use crate::groups::Places;
use crate::rules::MAP_UNDEFINED_VARIABLE as RULE;
use crate::suggest::nearest;

/// How many pairs of names are compared to find out what an undefined one was meant to be.
const MOST_COMPARISONS: usize = 100_000;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // A map that lost its brace defines nothing, and that is not another mistake.
    if context.definitions_may_be_lost() {
        return;
    }
    let whole = context.configuration.is_whole();
    let mut uses = Uses::default();
    variable_uses::each(context, |used| {
        let is_defined = uses.is_defined(context, used.in_stream, used.name);
        if !is_defined
            && (whole || is_about_upgrade(used.name))
            && !context
                .is_placeholder(used.setting.reference.file, format!("${}", used.name).as_bytes())
        {
            let place = place_in_word(used.setting.reference.file, used.word, &used.range);
            uses.add(used.in_stream, used.name, place, is_connection(used.setting, used.word));
        }
        is_defined
    });
    if uses.undefined.is_empty() {
        return;
    }
    let modules = has_foreign_modules(context);
    let seen = !context.configuration.loaded.some_folder_is_absent()
        && context.configuration.levels().all(|(_, level)| level.unseen.is_none());
    let mut comparisons = 0;
    for undefined in uses.undefined {
        let Undefined { in_stream, name, first, few, places, only_connection } = undefined;
        let is_capture = name.starts_with(|first: char| first.is_ascii_digit());
        // A module that is not nginx's own may bring variables of its own.
        if (modules || !seen) && !is_about_upgrade(&name) && !is_capture {
            continue;
        }
        let finding = if is_capture && whole {
            capture(first, &name)
        } else if whole && seen {
            let names = variables(context, in_stream).defined_names();
            comparisons += names.len();
            let meant = (comparisons <= MOST_COMPARISONS).then(|| nearest_of(&name, names));
            let meant = meant.flatten();
            let fix = match meant {
                Some(meant) => rename(context, &places, meant),
                None if only_connection && !in_stream => define(context, &name),
                None => None,
            };
            undefined_here(first, &name, meant).mended_by(fix)
        } else {
            let is_for_map = only_connection && !in_stream && is_about_upgrade(&name);
            let fix = if is_for_map { define(context, &name) } else { None };
            elsewhere(first, &name).mended_by(fix)
        };
        findings.push(few.label(finding, "and here"));
    }
}

/// The undefined variables in the order of their first use.
#[derive(Default)]
struct Uses {
    /// By name, for `http` and for `stream`.
    known: [FxHashMap<String, bool>; 2],
    numbers: FxHashMap<(bool, String), usize>,
    undefined: Vec<Undefined>,
}

/// A variable that nothing defines.
struct Undefined {
    in_stream: bool,
    name: String,
    first: Place,
    /// Where else it is used.
    few: Places,
    /// All these places.
    places: Vec<Place>,
    /// It is nowhere anything but the value of `Connection`.
    only_connection: bool,
}

impl Uses {
    fn is_defined(&mut self, context: &Context<'_>, in_stream: bool, name: &str) -> bool {
        let known = &mut self.known[usize::from(in_stream)];
        if let Some(&defined) = known.get(name) {
            return defined;
        }
        let defined = variables(context, in_stream).is_defined(name);
        known.insert(name.to_owned(), defined);
        defined
    }

    fn add(&mut self, in_stream: bool, name: &str, place: Place, is_connection: bool) {
        let key = (in_stream, name.to_ascii_lowercase());
        let number = *self.numbers.entry(key).or_insert_with(|| {
            let (name, few) = (name.to_owned(), Places::default());
            self.undefined.push(Undefined {
                in_stream,
                name,
                first: place,
                few,
                places: Vec::new(),
                only_connection: true,
            });
            self.undefined.len() - 1
        });
        let known = &mut self.undefined[number];
        known.places.push(place);
        known.only_connection &= is_connection;
        if known.first != place {
            known.few.add(place);
        }
    }
}

/// Whether a word is the value of `Connection`, and a variable alone.
fn is_connection(setting: Setting<'_>, word: Word<'_>) -> bool {
    let header = setting.value(0).unwrap_or_default();
    setting.directive.id() == Some(directive::PROXY_SET_HEADER)
        && header.eq_ignore_ascii_case(b"connection")
        && parts(&word.value()).count() == 1
}

/// Writes the map that computes `Connection`.
fn define(context: &Context<'_>, name: &str) -> Option<FindingFix> {
    let (edit, is_sure) = context.upgrade_map().write_as(name)?;
    let mut edits = Edits::default();
    edits.add(edit);
    edits.ask_unless(is_sure).into_fix(format!("define `${name}`"))
}

/// Writes the name that was meant, which is a guess.
fn rename(context: &Context<'_>, places: &[Place], meant: &str) -> Option<FindingFix> {
    let mut edits = Edits::default();
    for place in places {
        let tree = &context.configuration.loaded.sources.get(place.file).tree;
        let text = match tree.slice(place.span) {
            [b'$', b'{', ..] => format!("${{{meant}}}"),
            [b'$', ..] => format!("${meant}"),
            _ => return None,
        };
        edits.add_in(place.file, Edit::replace(place.span, text));
    }
    edits.ask_unless(false).into_fix(format!("write `${meant}`"))
}

fn variables<'x, 'c>(context: &'x Context<'c>, in_stream: bool) -> &'x Variables<'c> {
    if in_stream { context.stream_variables() } else { &context.variables }
}

/// Variables of modules that are not part of nginx are in no table.
fn has_foreign_modules(context: &Context<'_>) -> bool {
    let configuration = context.configuration;
    configuration.unknown_directives().next().is_some()
        || configuration.levels().any(|(level, _)| {
            configuration.own_settings(level).any(|setting| {
                setting.directive.id().is_some_and(|id| {
                    (id == directive::LOAD_MODULE && !loads_nginxs_own(setting))
                        || id.definitions().iter().all(|definition| {
                            matches!(
                                definition.availability,
                                Availability::ThirdParty | Availability::Commercial
                            )
                        })
                })
            })
        })
}

/// Whether a `load_module` loads a module that nginx's own sources have: its variables are known.
fn loads_nginxs_own(setting: Setting<'_>) -> bool {
    const OWN: [&str; 7] = [
        "ngx_http_geoip_module.so",
        "ngx_http_image_filter_module.so",
        "ngx_http_perl_module.so",
        "ngx_http_xslt_filter_module.so",
        "ngx_mail_module.so",
        "ngx_stream_geoip_module.so",
        "ngx_stream_module.so",
    ];
    setting.directive.argument(0).is_some_and(|path| {
        let path = path.value();
        let file = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        OWN.iter().any(|own| own.as_bytes() == file)
    })
}

fn is_about_upgrade(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("upgrade") || name.contains("connection")
}

/// The name that is nearest to a mistyped one, the first in the alphabet of several.
fn nearest_of<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut near: Vec<&str> =
        names.filter(|known| nearest(name, [*known].into_iter()).is_some()).collect();
    near.sort_unstable();
    nearest(name, near.into_iter())
}

fn undefined_here(place: Place, name: &str, meant: Option<&str>) -> Finding {
    let finding = Finding::new(
        &RULE,
        place,
        format!("unknown \"{name}\" variable: nothing defines it, and nginx does not start"),
    )
    .at_place("defined nowhere");
    if let Some(meant) = meant {
        finding.help(format!("perhaps `${meant}` is meant"))
    } else if is_about_upgrade(name) {
        finding.help(format!(
            "define it in the `http` block: `map $http_upgrade ${name} {{ default upgrade; '' close; }}`"
        ))
    } else {
        finding
    }
}

/// `$1` where nginx takes it for a name.
fn capture(place: Place, name: &str) -> Finding {
    Finding::new(
        &RULE,
        place,
        format!(
            "unknown \"{name}\" variable: captures have no value here, and nginx does not start"
        ),
    )
    .at_place("not known here")
    .help(
        "give the group of the regular expression a name, as in `(?<id>...)`, and write `$id`; or \
         `set` a variable to the capture first",
    )
}

/// A fragment: the map may be in the file that includes it.
fn elsewhere(place: Place, name: &str) -> Finding {
    Finding::new(
        &RULE,
        place,
        format!("nothing in this file defines `${name}`: the `http` block that includes it must"),
    )
    .at_place("not defined in this file")
    .help(format!("look for `map $http_upgrade ${name}` in nginx.conf"))
    .severity(Severity::Info)
    .effect(Effect::Advice)
}
