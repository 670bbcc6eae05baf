//! Variables of `Connection` and `Upgrade` that `set` decides, or should: a `set` that comes before
//! a map of the same name, and one that no request of this server ever takes.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::{Definition, Part, Request, Value, is_builtin, parts, place_in_word};
use wslint_model::handshake::proxied_request::{FieldLine, Forwarded, Verdict};
use wslint_model::resolve::{LevelId, LevelKind, RewriteStep};
use wslint_model::source::{DirectiveRef, Place};

use crate::context::Context;
use crate::groups::Places;

/// A `set` of a variable that a map defines, on the way to a location that uses it.
#[derive(Debug)]
pub(crate) struct Shadowed {
    /// The `set`.
    pub(crate) set: DirectiveRef,
    /// The map that counts where nothing is set: its number.
    pub(crate) map: usize,
    /// The variable, in lower case.
    pub(crate) name: String,
    /// What it is for a handshake.
    pub(crate) value: Value,
    /// Whether handshakes fail because of it.
    pub(crate) fails: bool,
    /// The header lines that use it.
    pub(crate) uses: Places,
}

/// A variable that only another server sets.
#[derive(Debug)]
pub(crate) struct Uninitialised {
    /// The variable, as it is written where it is used first.
    pub(crate) name: String,
    /// Its name in the header lines of this server.
    pub(crate) uses: Places,
    /// Where other servers set it.
    pub(crate) sets: Vec<DirectiveRef>,
}

/// What is wrong with variables that are `set`.
#[derive(Debug, Default)]
pub(crate) struct SetFaults {
    /// In the order of their first use.
    pub(crate) shadowed: Vec<Shadowed>,
    /// In the order of their first use.
    pub(crate) uninitialised: Vec<Uninitialised>,
    felt_by_connection: FxHashSet<LevelId>,
    felt_by_upgrade: FxHashSet<LevelId>,
}

impl SetFaults {
    /// Whether one of them explains that a level's `Connection` fails, and is reported as that.
    pub(crate) fn explain_connection(&self, level: LevelId) -> bool {
        self.felt_by_connection.contains(&level)
    }

    /// Whether one of them explains that a level's `Upgrade` fails, and is reported as that.
    pub(crate) fn explain_upgrade(&self, level: LevelId) -> bool {
        self.felt_by_upgrade.contains(&level)
    }

    /// Looks at every location for WebSockets.
    pub(crate) fn find(context: &Context<'_>) -> Self {
        let configuration = context.configuration;
        let mut faults = Self::default();
        if configuration.variable_definers().next().is_none() {
            return faults;
        }
        let mut search = Search {
            context,
            setting_servers: FxHashMap::default(),
            shadowed: FxHashMap::default(),
            uninitialised: FxHashMap::default(),
        };
        for (level, setting) in configuration.variable_definers() {
            if setting.directive.id() == Some(d::SET)
                && let Some(name) = setting.directive.argument(0).map(Word::value)
                && let Some(name) = name.strip_prefix(b"$")
            {
                let name = String::from_utf8_lossy(name).to_ascii_lowercase();
                let servers = search.setting_servers.entry(name).or_default();
                servers.insert(configuration.level(level).server);
            }
        }
        for (forwarded, _) in context.websocket_locations() {
            let fails = forwarded.upgrade_verdict() == Verdict::Fails;
            for line in &forwarded.upgrade.lines {
                if search.line(&mut faults, forwarded, line, fails) {
                    faults.felt_by_upgrade.insert(forwarded.level);
                }
            }
            let fails = forwarded.connection_verdict() == Verdict::Fails;
            for line in &forwarded.connection.lines {
                if search.line(&mut faults, forwarded, line, fails) {
                    faults.felt_by_connection.insert(forwarded.level);
                }
            }
        }
        faults
    }
}

struct Search<'x, 'c> {
    context: &'x Context<'c>,
    /// The servers that set a variable, by its name in lower case.
    setting_servers: FxHashMap<String, FxHashSet<Option<LevelId>>>,
    /// The numbers of the faults.
    shadowed: FxHashMap<DirectiveRef, usize>,
    uninitialised: FxHashMap<(Option<LevelId>, String), usize>,
}

impl Search<'_, '_> {
    /// Looks at the variables of a line. Whether one of them explains that it fails.
    fn line(
        &mut self,
        faults: &mut SetFaults,
        forwarded: &Forwarded<'_>,
        line: &FieldLine<'_>,
        fails: bool,
    ) -> bool {
        let Some(word) = line.setting.directive.argument(1) else { return false };
        let text = word.value();
        let mut explained = false;
        for part in parts(&text) {
            let Part::Variable { name, range } = part else { continue };
            let lower = name.to_ascii_lowercase();
            if !self.setting_servers.contains_key(&lower) {
                continue;
            }
            let definitions = self.context.variables.definitions(&lower);
            let are_sets = definitions.iter().all(|it| matches!(it, Definition::Set(_)));
            if are_sets {
                if fails && !is_builtin(&lower) && self.is_set_elsewhere(&lower, forwarded.level) {
                    let place = place_in_word(line.setting.reference.file, word, &range);
                    explained |= self.add_uninitialised(faults, name, place, forwarded.level);
                }
            } else if let Some(map) = self.context.variables.maps_of(&lower).last() {
                let place = line.setting.place();
                explained |= self.add_shadowed(faults, &lower, map, place, forwarded.level, fails);
            }
        }
        explained
    }

    /// Whether only other servers set a variable.
    fn is_set_elsewhere(&self, name: &str, level: LevelId) -> bool {
        let configuration = self.context.configuration;
        let server = configuration.level(level).server;
        let is_seen = |level: LevelId| {
            let level = configuration.level(level);
            level.unseen.is_none() && !level.implied
        };
        // A location of this server may lead here, after it has set it.
        !self.setting_servers[name].contains(&server)
            && configuration
                .ancestors(level)
                .take_while(|&level| configuration.level(level).kind != LevelKind::Http)
                .all(is_seen)
    }

    fn add_uninitialised(
        &mut self,
        faults: &mut SetFaults,
        name: &str,
        place: Place,
        level: LevelId,
    ) -> bool {
        let lower = name.to_ascii_lowercase();
        let server = self.context.configuration.level(level).server;
        let number = *self.uninitialised.entry((server, lower.clone())).or_insert_with(|| {
            let definitions = self.context.variables.definitions(&lower).iter();
            let sets = definitions.filter_map(|definition| match definition {
                Definition::Set(reference) => Some(*reference),
                _ => None,
            });
            faults.uninitialised.push(Uninitialised {
                name: name.to_owned(),
                uses: Places::default(),
                // There may be thousands, and they are all alike.
                sets: sets.take(1).collect(),
            });
            faults.uninitialised.len() - 1
        });
        faults.uninitialised[number].uses.add(place);
        self.context.reports("set-variable-uninitialised")
    }

    fn add_shadowed(
        &mut self,
        faults: &mut SetFaults,
        name: &str,
        map: usize,
        place: Place,
        level: LevelId,
        fails: bool,
    ) -> bool {
        let text = format!("${name}");
        let is_assigned = |request: &Request| {
            let found = self.context.evaluate(text.as_bytes(), request, level);
            // The value of a map comes with the map.
            (found.maps.is_empty() && found.value.bytes().is_some()).then(|| found.value.clone())
        };
        let Some(value) = is_assigned(&Request::CHROME).or_else(|| is_assigned(&Request::PLAIN))
        else {
            return false;
        };
        let Some(set) = self.last_set(name, level) else { return false };
        let number = *self.shadowed.entry(set).or_insert_with(|| {
            faults.shadowed.push(Shadowed {
                set,
                map,
                name: name.to_owned(),
                value,
                fails: false,
                uses: Places::default(),
            });
            faults.shadowed.len() - 1
        });
        let shadowed = &mut faults.shadowed[number];
        shadowed.fails |= fails;
        shadowed.uses.add(place);
        self.context.reports("map-shadowed-by-set")
    }

    /// The last `set` of a variable on the way to a level: those of the location come after those
    /// of the server, and those in an `if` only when it holds.
    fn last_set(&self, name: &str, level: LevelId) -> Option<DirectiveRef> {
        let configuration = self.context.configuration;
        let location = configuration.enclosing(level, LevelKind::Location);
        let server = configuration.level(level).server;
        let is_it = |reference: DirectiveRef| {
            let directive = configuration.setting(reference).directive;
            directive.id() == Some(d::SET)
                && directive.argument(0).is_some_and(|word| {
                    word.value()
                        .strip_prefix(b"$")
                        .is_some_and(|set| set.eq_ignore_ascii_case(name.as_bytes()))
                })
        };
        let of_level = |level: LevelId| {
            let steps = configuration.rewrite_steps(level).iter();
            steps.rev().find_map(|step| match step {
                RewriteStep::Directive(reference) => is_it(*reference).then_some(*reference),
                RewriteStep::If(_) => None,
            })
        };
        let inside = |level: LevelId| {
            let steps = configuration.rewrite_steps(level).iter();
            steps.rev().find_map(|step| match step {
                RewriteStep::If(block) => of_level(*block),
                RewriteStep::Directive(_) => None,
            })
        };
        let levels = [location, server].into_iter().flatten();
        levels.clone().find_map(of_level).or_else(|| levels.clone().find_map(inside))
    }
}
