//! `map-undefined-variable`

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::{self, Availability, directive};
use wslint_grammar::{DirectiveId, Word};

use crate::context::Context;
use crate::evaluate::{Part, parts, place_in_word};
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Few;
use crate::resolve::{LevelKind, Setting};
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "map-undefined-variable",
    category: Category::Map,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a variable that nothing defines",
    page: include_str!("../../../docs/rules/map-undefined-variable.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // A map that lost its brace defines nothing, and that is not another mistake.
    if context.structure_is_damaged() {
        return;
    }
    let whole = context.configuration.is_whole();
    let mut uses = Uses::default();
    each_text(context, |setting, word| {
        let value = word.value();
        for part in parts(&value) {
            let Part::Variable { name, range } = part else { continue };
            if !uses.is_defined(context, name) && (whole || is_about_upgrade(name)) {
                uses.add(name, place_in_word(setting.reference.file, word, &range));
            }
        }
    });
    let modules = has_foreign_modules(context);
    for (name, first, few) in uses.undefined {
        // A module that is not nginx's own may bring variables of its own.
        if modules && !is_about_upgrade(&name) {
            continue;
        }
        let finding = if whole { undefined(first, &name) } else { elsewhere(first, &name) };
        findings.push(few.label(finding, "and here"));
    }
}

/// The undefined variables in the order of their first use.
#[derive(Default)]
struct Uses {
    known: FxHashMap<String, bool>,
    numbers: FxHashMap<String, usize>,
    undefined: Vec<(String, Place, Few)>,
}

impl Uses {
    fn is_defined(&mut self, context: &Context<'_>, name: &str) -> bool {
        if let Some(&defined) = self.known.get(name) {
            return defined;
        }
        let defined = context.variables.is_defined(name);
        self.known.insert(name.to_owned(), defined);
        defined
    }

    fn add(&mut self, name: &str, place: Place) {
        let number = *self.numbers.entry(name.to_ascii_lowercase()).or_insert_with(|| {
            self.undefined.push((name.to_owned(), place, Few::default()));
            self.undefined.len() - 1
        });
        let (_, first, few) = &mut self.undefined[number];
        if *first != place {
            few.add(place);
        }
    }
}

/// Every text of the http part in which nginx replaces variables.
fn each_text(context: &Context<'_>, mut text: impl FnMut(Setting<'_>, Word<'_>)) {
    let configuration = context.configuration;
    let mut replaces = vec![false; catalogue::names().count()];
    for id in catalogue::names() {
        replaces[id.index()] = replaces_variables(id);
    }
    for (level, own) in configuration.levels() {
        if !is_http(own.kind) {
            continue;
        }
        for setting in configuration.own_settings(level).chain(configuration.head(level)) {
            if setting.directive.id().is_some_and(|id| replaces[id.index()]) {
                let arguments = setting.directive.arguments().enumerate();
                for (number, word) in arguments {
                    let has_variable = memchr::memchr(b'$', word.raw()).is_some();
                    if has_variable && !is_taken_as_it_is(setting, number, word) {
                        text(setting, word);
                    }
                }
            }
        }
    }
    for map in context.variables.maps() {
        let head = configuration.setting(map.reference);
        head.directive.argument(0).into_iter().for_each(|word| text(head, word));
        for entry in &map.entries {
            let line = configuration.setting(entry.reference);
            line.directive.argument(0).into_iter().for_each(|word| text(line, word));
        }
    }
}

fn is_http(kind: LevelKind) -> bool {
    matches!(
        kind,
        LevelKind::Http
            | LevelKind::Server
            | LevelKind::Location
            | LevelKind::If
            | LevelKind::IfInServer
            | LevelKind::LimitExcept
    )
}

/// Whether nginx looks for variables in a directive's arguments, and would refuse one that nothing
/// defines.
fn replaces_variables(id: DirectiveId) -> bool {
    // The dollar signs in Perl's code are Perl's.
    !matches!(id, directive::PERL_SET | directive::JS_SET)
        && id.definitions().iter().all(|definition| definition.variables)
}

/// Whether a dollar sign in this argument is plain text, though the directive replaces variables
/// in others: names of headers and parameters, the variable that is set, regular expressions.
fn is_taken_as_it_is(setting: Setting<'_>, number: usize, word: Word<'_>) -> bool {
    const FIRST: [DirectiveId; 15] = [
        directive::ADD_HEADER,
        directive::ADD_TRAILER,
        directive::AUTH_REQUEST_SET,
        directive::FASTCGI_PARAM,
        directive::GRPC_SET_HEADER,
        directive::GRPC_SSL_CONF_COMMAND,
        directive::PROXY_SET_HEADER,
        directive::PROXY_SSL_CONF_COMMAND,
        directive::REWRITE,
        directive::SCGI_PARAM,
        directive::SET,
        directive::SSL_CONF_COMMAND,
        directive::UWSGI_PARAM,
        directive::XSLT_PARAM,
        directive::XSLT_STRING_PARAM,
    ];
    const FIRST_IF_PATTERN: [DirectiveId; 4] = [
        directive::PROXY_COOKIE_DOMAIN,
        directive::PROXY_COOKIE_FLAGS,
        directive::PROXY_COOKIE_PATH,
        directive::PROXY_REDIRECT,
    ];
    const AFTER_FIRST: [DirectiveId; 2] = [directive::LIMIT_CONN_ZONE, directive::LIMIT_REQ_ZONE];
    let Some(id) = setting.directive.id() else { return false };
    match number {
        0 => FIRST.contains(&id) || (FIRST_IF_PATTERN.contains(&id) && word.raw().contains(&b'~')),
        _ if id == directive::IF => {
            let operator = setting.directive.argument(number - 1).map(Word::value);
            matches!(operator.as_deref(), Some(b"~" | b"~*" | b"!~" | b"!~*"))
        }
        _ => AFTER_FIRST.contains(&id),
    }
}

/// Variables of modules that are not part of nginx are in no table.
fn has_foreign_modules(context: &Context<'_>) -> bool {
    let configuration = context.configuration;
    configuration.unknown_directives().next().is_some()
        || configuration
            .levels()
            .any(|(_, own)| own.unseen.is_some() && !own.implied && level_is_outer(own.kind))
        || configuration.levels().any(|(level, _)| {
            configuration.own_settings(level).any(|setting| {
                setting.directive.id().is_some_and(|id| {
                    id == directive::LOAD_MODULE
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

/// Whether variables may be defined at such a level, in an include that is not seen.
fn level_is_outer(kind: LevelKind) -> bool {
    matches!(kind, LevelKind::Main | LevelKind::Http | LevelKind::Server)
}

fn is_about_upgrade(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("upgrade") || name.contains("connection")
}

fn undefined(place: Place, name: &str) -> Finding {
    let finding = Finding::new(
        &RULE,
        place,
        format!("unknown \"{name}\" variable: nothing defines it, and nginx does not start"),
    )
    .at_place("defined nowhere");
    if is_about_upgrade(name) {
        finding.help(format!(
            "define it in the `http` block: `map $http_upgrade ${name} {{ default upgrade; '' close; }}`"
        ))
    } else {
        finding
    }
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
