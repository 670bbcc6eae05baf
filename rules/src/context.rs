//! What a rule may ask: the facts of the [`Model`], and what rules alone ask about them.

use std::ops::Deref;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use wslint_model::assumptions::Assumptions;
use wslint_model::handshake::proxied_request::{FieldLine, Forwarded, HeaderDamage, HttpVersion};
use wslint_model::intent::Proof;
use wslint_model::model::Model;
use wslint_model::parallel::{self, FEW};
use wslint_model::resolve::{Configuration, LevelId};
use wslint_model::source::{DirectiveRef, FileId};

use crate::cause::diagnosis::{Diagnosis, diagnose};
use crate::cause::map_fault::Faults;
use crate::cause::set_variable::SetFaults;
use crate::cause::swallowed::{Swallowed, add_mistyped, swallowed_parts};
use crate::comments::Comments;
use crate::fix_writing::{Copies, FileStyle, UpgradeMap};
use crate::rule::Rule;
use crate::rules;

/// A configuration with all that rules ask about it. The facts are those of its [`Model`].
#[derive(Debug)]
pub struct Context<'c> {
    model: Model<'c>,
    rules: &'c [&'static Rule],
    wants_advice: bool,
    comments: Comments,
    swallowing: OnceLock<FxHashMap<LevelId, Swallowed>>,
    copies: OnceLock<Copies>,
    /// How many locations follow a `proxy_http_version`.
    version_followers: OnceLock<FxHashMap<DirectiveRef, usize>>,
    /// How many locations follow an `Upgrade` or a `Connection`.
    header_followers: OnceLock<FxHashMap<DirectiveRef, usize>>,
    /// By the number of the file.
    styles: OnceLock<Vec<OnceLock<FileStyle>>>,
    upgrade_map: OnceLock<UpgradeMap>,
    /// Numbers of the forwarded ones that are meant for WebSockets, with what they lack.
    diagnosed: OnceLock<Vec<(usize, Diagnosis<'c>)>>,
    map_faults: OnceLock<Faults>,
    set_faults: OnceLock<SetFaults>,
}

impl<'c> Deref for Context<'c> {
    type Target = Model<'c>;

    fn deref(&self) -> &Model<'c> {
        &self.model
    }
}

impl<'c> Context<'c> {
    /// Prepares a configuration for the rules.
    pub fn new(configuration: &'c Configuration, assumptions: &'c Assumptions) -> Self {
        Self::for_rules(configuration, assumptions, rules::ALL)
    }

    /// As [`Context::new`], for these rules alone: what none of them reports explains nothing.
    pub fn for_rules(
        configuration: &'c Configuration,
        assumptions: &'c Assumptions,
        rules: &'c [&'static Rule],
    ) -> Self {
        let mut comments = Comments::read(&configuration.loaded.sources);
        let marks = std::mem::take(&mut comments.marks);
        Self {
            model: Model::new(configuration, assumptions, marks),
            rules,
            wants_advice: true,
            comments,
            swallowing: OnceLock::new(),
            copies: OnceLock::new(),
            version_followers: OnceLock::new(),
            header_followers: OnceLock::new(),
            styles: OnceLock::new(),
            upgrade_map: OnceLock::new(),
            diagnosed: OnceLock::new(),
            map_faults: OnceLock::new(),
            set_faults: OnceLock::new(),
        }
    }

    /// Whether anybody reads advice. Where nobody does, rules leave out what they would advise.
    pub(crate) fn wants_advice(&self) -> bool {
        self.wants_advice
    }

    /// Says that nobody reads advice.
    pub(crate) fn leave_advice_out(&mut self) {
        self.wants_advice = false;
    }

    /// What comments say to wslint.
    pub(crate) fn comments(&self) -> &Comments {
        &self.comments
    }

    /// Whether a rule is in use. Another one keeps quiet about what that one explains, but not when
    /// it was switched off.
    pub fn reports(&self, rule: &str) -> bool {
        self.rules.iter().any(|known| known.name == rule)
    }

    /// Whether a rule in use reports the damage of a header line, which explains what is missing
    /// because of it.
    pub(crate) fn reports_damage(&self, damage: HeaderDamage) -> bool {
        let rules: &[&str] = match damage {
            // All syntax errors are reported.
            HeaderDamage::SyntaxError => return true,
            HeaderDamage::ColonAfterName => &["header-name-with-colon"],
            HeaderDamage::TypographicQuotes => &["smart-quotes"],
            HeaderDamage::InvisibleCharacter => &["invisible-characters"],
            HeaderDamage::Hash => &["hash-not-a-comment", "expanded-by-shell"],
            HeaderDamage::QuotedSpace => &["smart-quotes", "expanded-by-shell"],
            HeaderDamage::EqualsSign => &["invalid-scalar-value", "expanded-by-shell"],
            HeaderDamage::ArgumentCount => &["directive-arity", "expanded-by-shell"],
            HeaderDamage::HashInValue => &["hash-not-a-comment"],
            HeaderDamage::EscapedDollar => &["escaped-dollar"],
            HeaderDamage::MistypedVariable => &["http-variable-typo"],
        };
        rules.iter().any(|rule| self.reports(rule))
    }

    /// Whether a rule in use reports damage in the value of a header line.
    pub(crate) fn reports_damage_of(&self, line: &FieldLine<'_>) -> bool {
        line.damage.is_some_and(|damage| self.reports_damage(damage))
    }

    /// The rules in use.
    pub(crate) fn rules(&self) -> &'c [&'static Rule] {
        self.rules
    }

    /// The parts of the handshake that were swallowed by the directive before them, or whose
    /// directive is mistyped, at a level or around it, and are reported as that.
    pub fn swallowed(&self, level: LevelId) -> Swallowed {
        let swallowing = self.swallowing.get_or_init(|| {
            let mut levels =
                swallowed_parts(self.configuration, self.reports("swallowed-directive"));
            if self.reports("unknown-directive") {
                add_mistyped(self.configuration, &mut levels);
            }
            levels
        });
        if swallowing.is_empty() {
            return Swallowed::default();
        }
        let levels = self.configuration.ancestors(level);
        levels.filter_map(|level| swallowing.get(&level)).fold(Swallowed::default(), |all, here| {
            Swallowed {
                http_version: all.http_version || here.http_version,
                upgrade: all.upgrade || here.upgrade,
                connection: all.connection || here.connection,
            }
        })
    }

    /// At how many levels the content of included files stands.
    pub(crate) fn copies(&self) -> &Copies {
        self.copies.get_or_init(|| Copies::count(self))
    }

    /// How many locations follow a line of `proxy_http_version`.
    pub(crate) fn followers_of_version(&self, line: DirectiveRef) -> usize {
        let followers = self.version_followers.get_or_init(|| {
            let mut followers: FxHashMap<DirectiveRef, usize> = FxHashMap::default();
            for forwarded in self.forwarded() {
                if let HttpVersion::Set(line) = forwarded.http_version {
                    *followers.entry(line.reference).or_default() += 1;
                }
            }
            followers
        });
        followers.get(&line).copied().unwrap_or_default()
    }

    /// How many locations follow a line that sets `Upgrade` or `Connection`.
    pub(crate) fn followers_of_header(&self, line: DirectiveRef) -> usize {
        let followers = self.header_followers.get_or_init(|| {
            let mut followers: FxHashMap<DirectiveRef, usize> = FxHashMap::default();
            for forwarded in self.forwarded() {
                for line in forwarded.upgrade.lines.iter().chain(&forwarded.connection.lines) {
                    *followers.entry(line.setting.reference).or_default() += 1;
                }
            }
            followers
        });
        followers.get(&line).copied().unwrap_or_default()
    }

    /// How a file is written.
    pub(crate) fn style(&self, file: FileId) -> &FileStyle {
        let sources = &self.configuration.loaded.sources;
        let styles = self.styles.get_or_init(|| sources.iter().map(|_| OnceLock::new()).collect());
        styles[file.index()].get_or_init(|| FileStyle::of(&sources.get(file).tree))
    }

    /// The map that a `Connection` can be computed with, or the one to write.
    pub(crate) fn upgrade_map(&self) -> &UpgradeMap {
        self.upgrade_map.get_or_init(|| UpgradeMap::new(self))
    }

    /// The levels whose settings show that they are WebSocket locations and that handshakes get to,
    /// with what they lack.
    pub fn websocket_locations(&self) -> impl Iterator<Item = (&Forwarded<'c>, &Diagnosis<'c>)> {
        self.marked_locations().filter(|(forwarded, _)| self.gets_handshakes(forwarded.level))
    }

    /// As [`Context::websocket_locations`], with those whose handshakes all go elsewhere, be it that
    /// they are answered before.
    pub fn marked_locations(&self) -> impl Iterator<Item = (&Forwarded<'c>, &Diagnosis<'c>)> {
        self.diagnosed().iter().map(|(index, diagnosis)| (&self.forwarded()[*index], diagnosis))
    }

    fn diagnosed(&self) -> &[(usize, Diagnosis<'c>)] {
        self.diagnosed.get_or_init(|| {
            let diagnosed = |&(index, proof): &(usize, Proof)| {
                (index, diagnose(self, &self.forwarded()[index], proof))
            };
            parallel::map(self.model.meant().iter().collect(), FEW, diagnosed)
        })
    }

    /// The maps that give a wrong value to a location for WebSockets.
    pub(crate) fn map_faults(&self) -> &Faults {
        self.map_faults.get_or_init(|| Faults::find(self))
    }

    /// The variables of a location for WebSockets that `set` decides, or should.
    pub(crate) fn set_faults(&self) -> &SetFaults {
        self.set_faults.get_or_init(|| SetFaults::find(self))
    }
}
