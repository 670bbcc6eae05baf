//! Maps that give a wrong `Connection` or `Upgrade`: reported at the map, once, however many
//! locations use it.
//!
//! Whether a map is at fault is computed: for a handshake of Chrome and one of Firefox, for one that
//! says `WebSocket`, and for a plain request. Only what to call the fault is read from its lines.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_model::declarations::kept_connections::keeps_connections;
use wslint_model::evaluate::{
    Evaluated, Map, MapEntry, MapKey, Matched, Part, Pattern, Request, Value, mistyped, parts,
};
use wslint_model::handshake::proxied_request::{
    Field, FieldLine, Forwarded, Verdict, has_token, has_upgrade_token,
};
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::resolve::LevelId;
use wslint_model::source::{DirectiveRef, Place};
use wslint_model::validate::data_block::map::refused_lines;

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Places;

/// What is wrong with a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// It looks at a word instead of a variable.
    SourceLiteral,
    /// It looks at a mistyped variable.
    SourceTypo,
    /// A line was meant to be `default`.
    DefaultMisspelt,
    /// It compares the whole of `$http_connection`, which is a list.
    KeyedOnConnection,
    /// A regular expression has regard to case.
    CaseSensitiveRegex,
    /// An earlier map of the same variable would give what is wanted.
    Redefined,
    /// It gives the name of the protocol.
    ValueWrong,
    /// No line is selected by a handshake.
    MissingDefault,
    /// The line that a handshake selects gives something else.
    DefaultNotUpgrade,
    /// A regular expression was meant for requests without `Upgrade`.
    RegexForEmpty,
    /// Plain requests get `upgrade` too.
    EmptyKeyMissing,
}

impl Kind {
    /// The rule that is about it.
    fn rule(self) -> &'static str {
        match self {
            Kind::SourceLiteral => "map-source-literal",
            Kind::SourceTypo => "map-source-typo",
            Kind::DefaultMisspelt => "map-default-misspelt",
            Kind::KeyedOnConnection => "map-keyed-on-connection-exact",
            Kind::CaseSensitiveRegex => "map-case-sensitive-regex",
            Kind::Redefined => "map-redefined",
            Kind::ValueWrong => "map-value-wrong",
            Kind::MissingDefault => "map-missing-default",
            Kind::DefaultNotUpgrade => "map-default-not-upgrade",
            Kind::RegexForEmpty => "map-regex-for-empty",
            Kind::EmptyKeyMissing => "map-empty-key-missing",
        }
    }
}

/// A map at fault, with what it gives and where that is used.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// What is wrong.
    pub(crate) kind: Kind,
    /// The map: its number among [`wslint_model::evaluate::Variables::maps`].
    pub(crate) map: usize,
    /// The line that gives the value; `None` when no line does.
    pub(crate) entry: Option<DirectiveRef>,
    /// The line that the fault is in, when it is another one.
    pub(crate) line: Option<DirectiveRef>,
    /// What it gives.
    pub(crate) value: Value,
    /// For whom.
    pub(crate) client: &'static str,
    /// Whether handshakes of browsers fail because of it.
    pub(crate) fails: bool,
    /// The map gives the right value of `Upgrade` to other lines.
    pub(crate) is_right_for_upgrade: bool,
    /// What the map looks at is empty for a handshake, so that it cannot see one.
    pub(crate) source_is_empty: bool,
    /// What plain requests should get.
    pub(crate) empty_value: &'static str,
    /// The header lines that use it.
    pub(crate) uses: Places,
    /// What hands requests with these lines to a backend from elsewhere.
    passes: Places,
}

impl Fault {
    /// The map itself.
    pub(crate) fn the_map<'x>(&self, context: &'x Context<'_>) -> &'x Map {
        &context.variables.maps()[self.map]
    }

    /// Its line, or that which gives the value, or its head.
    pub(crate) fn place(&self, context: &Context<'_>) -> Place {
        match self.line.or(self.entry) {
            Some(line) => context.configuration.setting(line).place(),
            None => self.the_map(context).place(&context.configuration.loaded),
        }
    }

    /// What to write. A map that is to tell handshakes from plain requests must not give `upgrade`
    /// by default, unless it has a line for requests without `Upgrade`.
    pub(crate) fn cure(&self, context: &Context<'_>) -> String {
        if self.source_is_empty {
            return "the map looks at something that is empty for a handshake: write \
                    `$http_upgrade` in its place"
                .to_owned();
        }
        let map = self.the_map(context);
        let by_connection = map.source.eq_ignore_ascii_case(b"$http_connection");
        match (by_connection, has_empty_key(map)) {
            (true, _) => "add `~*upgrade upgrade;`: the field is a list".to_owned(),
            (_, true) => "let `default` give `upgrade`".to_owned(),
            _ => format!(
                "add `websocket upgrade;`, or `default upgrade;` and `'' {};`",
                self.empty_value
            ),
        }
    }

    /// The line for plain requests that the map should have.
    pub(crate) fn empty_line(&self) -> String {
        format!("'' {};", self.empty_value)
    }

    /// Points at the uses.
    pub(crate) fn label_uses(&self, finding: Finding) -> Finding {
        let finding = self.uses.label(finding, "used here");
        self.passes.label(finding, "and for this backend")
    }
}

/// Whether a map has a line for an empty source.
pub(crate) fn has_empty_key(map: &Map) -> bool {
    map.entries.iter().any(|entry| matches!(&entry.key, Some(MapKey::Text(key)) if key.is_empty()))
}

/// One of the two fields that make a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum FieldName {
    Upgrade,
    Connection,
}

impl FieldName {
    fn of<'f, 'c>(self, forwarded: &'f Forwarded<'c>) -> (&'f Field<'c>, Verdict) {
        match self {
            FieldName::Upgrade => (&forwarded.upgrade, forwarded.upgrade_verdict()),
            FieldName::Connection => (&forwarded.connection, forwarded.connection_verdict()),
        }
    }

    /// Whether a strict backend takes a value of it.
    fn takes(self, value: &[u8]) -> bool {
        match self {
            FieldName::Upgrade => has_token(value, b"websocket"),
            FieldName::Connection => has_upgrade_token(value),
        }
    }
}

/// The maps at fault, and whose failure they explain.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// In the order of their first use.
    all: Vec<Fault>,
    /// The levels whose `Upgrade` or `Connection` fails because of one of them.
    felt: FxHashSet<(LevelId, FieldName)>,
}

impl Faults {
    /// Those of a kind.
    pub(crate) fn of(&self, kind: Kind) -> impl Iterator<Item = &Fault> {
        self.all.iter().filter(move |fault| fault.kind == kind)
    }

    /// Whether a map's fault explains that a level's `Connection` fails, and is reported as that.
    pub(crate) fn explain_connection(&self, level: LevelId) -> bool {
        self.felt.contains(&(level, FieldName::Connection))
    }

    /// Whether a map's fault explains that a level's `Upgrade` fails, and is reported as that.
    pub(crate) fn explain_upgrade(&self, level: LevelId) -> bool {
        self.felt.contains(&(level, FieldName::Upgrade))
    }

    /// Looks at every map that a location for WebSockets uses.
    pub(crate) fn find(context: &Context<'_>) -> Self {
        let maps = context.variables.maps();
        if maps.is_empty() {
            return Self::default();
        }
        let mut search = Search {
            context,
            numbers: maps.iter().enumerate().map(|(number, map)| (map.reference, number)).collect(),
            known: FxHashMap::default(),
            refused: FxHashMap::default(),
            faults: Self::default(),
        };
        let mut for_upgrade = FxHashSet::default();
        for (forwarded, _) in context.websocket_locations() {
            search.handshake(forwarded, FieldName::Upgrade);
            search.handshake(forwarded, FieldName::Connection);
            if forwarded.upgrade_verdict() == Verdict::Passes {
                let maps = forwarded.upgrade.sent().flat_map(|line| &line.chrome.maps);
                for_upgrade.extend(maps.filter_map(|it| search.numbers.get(&it.map).copied()));
            }
        }
        // What is wrong for handshakes is mended first.
        let broken: FxHashSet<usize> = search.faults.all.iter().map(|fault| fault.map).collect();
        for (forwarded, _) in context.websocket_locations() {
            search.other_requests(forwarded, &broken);
        }
        let mut faults = search.faults;
        for fault in &mut faults.all {
            fault.is_right_for_upgrade = for_upgrade.contains(&fault.map);
        }
        faults
    }
}

/// What is known while looking.
struct Search<'x, 'c> {
    context: &'x Context<'c>,
    /// The numbers of the maps.
    numbers: FxHashMap<DirectiveRef, usize>,
    /// The numbers of the faults.
    known: FxHashMap<(usize, Kind, Option<DirectiveRef>), usize>,
    /// Whether nginx refuses a map: what it would give is not the first thing to mend.
    refused: FxHashMap<usize, bool>,
    faults: Faults,
}

/// A fault with the line that it is in.
type Named = (Kind, Option<DirectiveRef>);

impl Search<'_, '_> {
    /// A field that fails for a handshake, because of one map alone.
    fn handshake(&mut self, forwarded: &Forwarded<'_>, field: FieldName) {
        let (lines, verdict) = field.of(forwarded);
        if verdict != Verdict::Fails {
            return;
        }
        let [line] = lines.lines.as_slice() else { return };
        // The map is right, and the line spoils what it gives.
        if self.context.reports_damage_of(line) {
            return;
        }
        let fails = |evaluated: &Evaluated| {
            evaluated.value.bytes().is_some_and(|value| !field.takes(value))
        };
        let (evaluated, request) = match fails(&line.chrome) {
            true => (&line.chrome, Request::CHROME),
            false => (&line.firefox, Request::FIREFOX),
        };
        let other = if fails(&line.chrome) { &line.firefox } else { &line.chrome };
        let [matched] = evaluated.maps.as_slice() else { return };
        let Some(&number) = self.numbers.get(&matched.map) else { return };
        if self.is_refused(number) {
            self.faults.felt.insert((forwarded.level, field));
            return;
        }
        let passing = (!fails(other)).then(|| other.maps.first()).flatten();
        let named = self.name(number, matched, passing, field, &request, forwarded.level);
        let Some(named) = named else { return };
        if self.context.reports(named.0.rule()) {
            self.faults.felt.insert((forwarded.level, field));
        }
        self.add(named, number, matched, line, evaluated, request.name, forwarded).fails = true;
    }

    /// What a fault that a handshake feels is called.
    fn name(
        &self,
        number: usize,
        matched: &Matched,
        passing: Option<&Matched>,
        field: FieldName,
        request: &Request,
        level: LevelId,
    ) -> Option<Named> {
        let context = self.context;
        let map = &context.variables.maps()[number];
        let is_reported = |kind: Kind| context.reports(kind.rule());
        if is_reported(Kind::SourceTypo) && is_mistyped(context, &map.source) {
            return Some((Kind::SourceTypo, None));
        }
        if is_reported(Kind::SourceLiteral) && is_literal(context, map) {
            return Some((Kind::SourceLiteral, None));
        }
        if let Some(passing) = passing
            && is_reported(Kind::KeyedOnConnection)
        {
            return Some((Kind::KeyedOnConnection, passing.entry));
        }
        let source = context.evaluate(&map.source, request, level);
        let source = source.value.bytes().unwrap_or_default();
        let is_right = |entry: &&MapEntry| {
            let value = context.evaluate(&entry.value, request, level);
            value.value.bytes().is_some_and(|value| field.takes(value))
        };
        if matched.entry.is_none() && is_reported(Kind::DefaultMisspelt) {
            let mut misspelt = map.entries.iter().filter(|entry| is_misspelt_default(entry));
            if let Some(entry) = misspelt.find(is_right) {
                return Some((Kind::DefaultMisspelt, Some(entry.reference)));
            }
        }
        if is_reported(Kind::CaseSensitiveRegex) {
            let mut missed = map.entries.iter().filter(|entry| misses_by_case(entry, source));
            if let Some(entry) = missed.find(is_right) {
                return Some((Kind::CaseSensitiveRegex, Some(entry.reference)));
            }
        }
        if is_reported(Kind::Redefined)
            && let Some(earlier) = self.earlier_right_map(number, request, field, level)
        {
            return Some((Kind::Redefined, Some(earlier)));
        }
        let value = matched.entry.map(|entry| {
            let entry = map.entries.iter().find(|known| known.reference == entry);
            let value = entry.map(|entry| context.evaluate(&entry.value, request, level));
            value.is_some_and(|value| {
                value.value.bytes().is_some_and(|value| has_token(value, b"websocket"))
            })
        });
        match value {
            _ if field == FieldName::Upgrade => None,
            None => Some((Kind::MissingDefault, None)),
            Some(true) if is_reported(Kind::ValueWrong) => Some((Kind::ValueWrong, None)),
            Some(_) => Some((Kind::DefaultNotUpgrade, None)),
        }
    }

    /// An earlier map of the same variable that is right for handshakes: it has no effect.
    fn earlier_right_map(
        &self,
        number: usize,
        request: &Request,
        field: FieldName,
        level: LevelId,
    ) -> Option<DirectiveRef> {
        let variables = &self.context.variables;
        let earlier = variables.maps_of(&variables.maps()[number].variable);
        let is_right = |map: &&Map| {
            let source = self.context.evaluate(&map.source, request, level);
            let found = source.value.bytes().and_then(|source| map.find(source).ok()).flatten();
            found.is_some_and(|(entry, _)| {
                let value = self.context.evaluate(&entry.value, request, level);
                value.value.bytes().is_some_and(|value| field.takes(value))
            })
        };
        earlier
            .take_while(|&it| it != number)
            .map(|it| &variables.maps()[it])
            .find(is_right)
            .map(|map| map.reference)
    }

    /// What a map gives to other requests, where those of browsers become WebSockets.
    fn other_requests(&mut self, forwarded: &Forwarded<'_>, broken: &FxHashSet<usize>) {
        for field in [FieldName::Upgrade, FieldName::Connection] {
            let (lines, verdict) = field.of(forwarded);
            if verdict == Verdict::Passes
                && let [line] = lines.lines.as_slice()
            {
                self.capitals(forwarded, line, field, broken);
            }
        }
        if forwarded.connection_verdict() != Verdict::Passes {
            return;
        }
        for line in
            forwarded.connection.lines.iter().filter(|line| !self.context.reports_damage_of(line))
        {
            self.plain(forwarded, line, broken);
        }
    }

    /// A client may write `WebSocket`, which only regular expressions can miss.
    fn capitals(
        &mut self,
        forwarded: &Forwarded<'_>,
        line: &FieldLine<'_>,
        field: FieldName,
        broken: &FxHashSet<usize>,
    ) {
        let [for_chrome] = line.chrome.maps.as_slice() else { return };
        let Some(&number) = self.numbers.get(&for_chrome.map) else { return };
        let is_regex = |entry: &MapEntry| matches!(&entry.key, Some(MapKey::Regex(regex)) if !regex.ignores_case);
        let map = &self.context.variables.maps()[number];
        if broken.contains(&number) || !map.entries.iter().any(is_regex) {
            return;
        }
        let evaluated = self.evaluate(line, &Request::CAPITALS, forwarded.level);
        let fails = evaluated.value.bytes().is_some_and(|value| !field.takes(value));
        if let ([matched], true, Some(entry)) = (evaluated.maps.as_slice(), fails, for_chrome.entry)
        {
            let kind = (Kind::CaseSensitiveRegex, Some(entry));
            let client = Request::CAPITALS.name;
            self.add(kind, number, matched, line, &evaluated, client, forwarded);
        }
    }

    /// Plain requests should not ask for an upgrade.
    fn plain(
        &mut self,
        forwarded: &Forwarded<'_>,
        line: &FieldLine<'_>,
        broken: &FxHashSet<usize>,
    ) {
        if line.chrome.maps.is_empty() {
            return;
        }
        let evaluated = self.evaluate(line, &Request::PLAIN, forwarded.level);
        let Some(matched) = evaluated.maps.first() else { return };
        let Some(&number) = self.numbers.get(&matched.map) else { return };
        if !evaluated.value.bytes().is_some_and(has_upgrade_token)
            || broken.contains(&number)
            || self.is_refused(number)
        {
            return;
        }
        let context = self.context;
        let map = &context.variables.maps()[number];
        let is_reported = |kind: Kind| context.reports(kind.rule());
        let named = if is_reported(Kind::SourceTypo) && is_mistyped(context, &map.source) {
            (Kind::SourceTypo, None)
        } else if is_reported(Kind::SourceLiteral) && is_literal(context, map) {
            (Kind::SourceLiteral, None)
        } else if is_reported(Kind::RegexForEmpty)
            && let Some(dead) = map.entries.iter().find(|entry| is_for_empty(entry))
        {
            (Kind::RegexForEmpty, Some(dead.reference))
        } else if traffic(context, forwarded.level) == Traffic::PagesToo {
            (Kind::EmptyKeyMissing, None)
        } else {
            return;
        };
        let client = Request::PLAIN.name;
        self.add(named, number, matched, line, &evaluated, client, forwarded);
    }

    fn evaluate(
        &self,
        line: &FieldLine<'_>,
        request: &Request,
        level: LevelId,
    ) -> std::sync::Arc<Evaluated> {
        let text = line.setting.directive.argument(1).map(wslint_grammar::Word::value);
        self.context.evaluate(&text.unwrap_or_default(), request, level)
    }

    fn is_refused(&mut self, number: usize) -> bool {
        let context = self.context;
        *self.refused.entry(number).or_insert_with(|| {
            let map = &context.variables.maps()[number];
            let block = context.configuration.setting(map.reference);
            !map.malformed.is_empty() || !refused_lines(context, block).is_empty()
        })
    }

    /// Adds a use to the fault, which is made when it is new.
    #[allow(clippy::too_many_arguments, reason = "what makes a fault is found in many places")]
    fn add(
        &mut self,
        (kind, named): Named,
        map: usize,
        matched: &Matched,
        line: &FieldLine<'_>,
        evaluated: &Evaluated,
        client: &'static str,
        forwarded: &Forwarded<'_>,
    ) -> &mut Fault {
        let context = self.context;
        let key = (map, kind, named.or(matched.entry));
        let number = *self.known.entry(key).or_insert_with(|| {
            let the_map = &context.variables.maps()[map];
            let source = context.evaluate(&the_map.source, &Request::CHROME, forwarded.level);
            self.faults.all.push(Fault {
                kind,
                map,
                entry: matched.entry,
                line: named,
                value: evaluated.value.clone(),
                client,
                fails: false,
                is_right_for_upgrade: false,
                source_is_empty: source.value == Value::Known(Vec::new()),
                empty_value: "close",
                uses: Places::default(),
                passes: Places::default(),
            });
            self.faults.all.len() - 1
        });
        let fault = &mut self.faults.all[number];
        fault.uses.add(line.setting.place());
        let own = context
            .configuration
            .own(forwarded.level, wslint_grammar::catalogue::directive::PROXY_SET_HEADER);
        let is_inside = line.setting.reference.file == forwarded.pass.reference.file
            && own.iter().next().is_some();
        if !is_inside {
            fault.passes.add(forwarded.pass.place());
        }
        if keeps_connections(context, forwarded.level).is_some() {
            fault.empty_value = "''";
        }
        fault
    }
}

/// Whether a line was meant to be `default`: `default:`, `Default`, `\default`. Only `default` is.
pub(crate) fn is_misspelt_default(entry: &MapEntry) -> bool {
    match &entry.key {
        Some(MapKey::Text(key)) => {
            key.strip_suffix(b":").unwrap_or(key).eq_ignore_ascii_case(b"default")
        }
        _ => false,
    }
}

/// Whether a regular expression would match, if it had no regard to case.
fn misses_by_case(entry: &MapEntry, source: &[u8]) -> bool {
    match &entry.key {
        Some(MapKey::Regex(regex)) if !regex.ignores_case => {
            regex.is_match(source) == Some(false)
                && Pattern::new(regex.text.clone(), true).is_match(source) == Some(true)
        }
        _ => false,
    }
}

/// Whether a line was meant for an empty source: its regular expression matches that, but is not
/// asked (`ngx_http_map_find`), and no protocol.
fn is_for_empty(entry: &MapEntry) -> bool {
    match &entry.key {
        Some(MapKey::Regex(regex)) => {
            regex.is_match(b"") == Some(true)
                && !has_upgrade_token(&entry.value)
                && !entry.value.contains(&b'$')
        }
        _ => false,
    }
}

/// Whether a map looks at a mistyped variable that nothing defines.
pub(crate) fn is_mistyped(context: &Context<'_>, source: &[u8]) -> bool {
    parts(source).any(|part| match part {
        Part::Variable { name, .. } => {
            mistyped(name).is_some() && context.variables.definitions(name).is_empty()
        }
        _ => false,
    })
}

/// Whether a map looks at the name of a variable whose `$` is missing.
pub(crate) fn is_literal(context: &Context<'_>, map: &Map) -> bool {
    std::str::from_utf8(&map.source).is_ok_and(|name| {
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name && context.variables.is_defined(name)
    })
}
