//! Which variables there are, and what they become.

use std::sync::{Arc, OnceLock, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::Word;
use wslint_grammar::catalogue::{directive as d, variable};

use super::facts::{Facts, Unplaced};
use super::geo::Geo;
use super::map::is_map;
use super::split_clients::SplitClients;
use super::{Evaluated, LARGEST, Map, Matched, Part, Request, Value, parts};
use crate::resolve::{Configuration, LevelId, LevelKind, Setting};
use crate::source::{DirectiveRef, Place};

/// What defines a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// A `map` of `http`: its number among [`Variables::maps`].
    Map(usize),
    /// A `geo` of `http`.
    Geo(usize),
    /// A `split_clients` of `http`.
    SplitClients(usize),
    /// `set`, somewhere.
    Set(DirectiveRef),
    /// Another directive, whose value depends on more than the configuration.
    Other(DirectiveRef),
}

/// What texts become for one request.
type Evaluations = FxHashMap<Vec<u8>, Arc<Evaluated>>;

/// The variables of a configuration's `http` part, or of its `stream` part.
#[derive(Debug)]
pub struct Variables<'c> {
    configuration: &'c Configuration,
    protocol: variable::Protocol,
    maps: Vec<Map>,
    geos: Vec<Geo>,
    splits: Vec<SplitClients>,
    definitions: FxHashMap<String, Vec<Definition>>,
    captures: OnceLock<FxHashSet<String>>,
    /// What texts become where nothing is `set`: most locations use the same few.
    memo: RwLock<FxHashMap<&'static str, Evaluations>>,
}

/// How deep maps may lead to each other (`ngx_http_variable_depth`): nginx stops with "cycle while
/// evaluating variable".
const DEEPEST: usize = 100;

impl<'c> Variables<'c> {
    /// Looks for all definitions in the part of that protocol.
    pub fn new(configuration: &'c Configuration, protocol: variable::Protocol) -> Self {
        let mut variables = Self {
            configuration,
            protocol,
            maps: Vec::new(),
            geos: Vec::new(),
            splits: Vec::new(),
            definitions: FxHashMap::default(),
            captures: OnceLock::new(),
            memo: RwLock::default(),
        };
        let in_stream = levels_in_stream(configuration);
        let is_elsewhere =
            |level: LevelId| in_stream[level.index()] != (protocol == variable::Protocol::Stream);
        for (level, block) in configuration.data_blocks() {
            if is_elsewhere(level) {
                continue;
            }
            if variables.define_by_block(block).is_none() {
                variables.define_by_arguments(block);
            }
        }
        for (level, setting) in configuration.variable_definers() {
            if is_elsewhere(level) {
                continue;
            }
            if setting.directive.id() == Some(d::SET) {
                if let Some(name) = setting.directive.argument(0).and_then(defined_name) {
                    variables.define(name, Definition::Set(setting.reference));
                }
            } else {
                variables.define_by_arguments(setting);
            }
        }
        variables
    }

    /// A block that is understood; `None` for others, and for what nginx refuses.
    fn define_by_block(&mut self, block: Setting<'c>) -> Option<()> {
        let loaded = &self.configuration.loaded;
        if is_map(block.directive) {
            let map = Map::read(loaded, block.reference)?;
            self.define(map.variable.clone(), Definition::Map(self.maps.len()));
            self.maps.push(map);
            return Some(());
        }
        match block.directive.id()? {
            d::GEO => {
                let geo = Geo::read(loaded, block.reference)?;
                self.define(geo.variable.clone(), Definition::Geo(self.geos.len()));
                self.geos.push(geo);
            }
            d::SPLIT_CLIENTS => {
                let split = SplitClients::read(loaded, block.reference)?;
                self.define(split.variable.clone(), Definition::SplitClients(self.splits.len()));
                self.splits.push(split);
            }
            _ => return None,
        }
        Some(())
    }

    fn define(&mut self, name: String, definition: Definition) {
        self.definitions.entry(name).or_default().push(definition);
    }

    /// Of nginx's own directives the one that is defined is known. Of another module's directive
    /// each argument, and each name inside its block, that is just `$name` may be the variable that
    /// it defines.
    fn define_by_arguments(&mut self, setting: Setting<'c>) {
        let directive = setting.directive;
        let mut define = |word: Word<'c>| {
            if let Some(name) = defined_name(word) {
                self.define(name, Definition::Other(setting.reference));
            }
        };
        match directive.id() {
            Some(d::GEO) => directive.arguments().next_back().into_iter().for_each(define),
            Some(d::SPLIT_CLIENTS) => directive.argument(1).into_iter().for_each(define),
            Some(d::AUTH_REQUEST_SET | d::PERL_SET) => {
                directive.argument(0).into_iter().for_each(define);
            }
            _ => {
                directive.arguments().for_each(&mut define);
                directive.children().for_each(|line| define(line.name_word()));
            }
        }
    }

    /// The `map` blocks, in the order in which nginx reads them.
    pub fn maps(&self) -> &[Map] {
        &self.maps
    }

    /// What defines the variable, in the order in which nginx reads it; empty for built-in ones.
    pub fn definitions(&self, name: &str) -> &[Definition] {
        let found = match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => self.definitions.get(&name.to_ascii_lowercase()),
            false => self.definitions.get(name),
        };
        found.map_or(&[], Vec::as_slice)
    }

    /// Whether anything defines the variable: nginx itself, the configuration, or a regular
    /// expression's named group.
    pub fn is_defined(&self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        !self.definitions(name).is_empty()
            || variable::is_builtin(lower.as_bytes(), self.protocol).is_some()
            || self.is_capture(name)
    }

    /// The variables that the configuration defines by directives, in lower case and without `$`, in
    /// no order.
    pub fn defined_names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.definitions.keys().map(String::as_str)
    }

    fn is_capture(&self, name: &str) -> bool {
        let captures = self.captures.get_or_init(|| named_groups(self.configuration, &self.maps));
        captures.contains(&name.to_ascii_lowercase())
    }

    /// The map that decides the variable, when it is a map that does: the last one counts
    /// (`ngx_http_add_variable` hands out the existing one).
    pub fn map_of(&self, name: &str) -> Option<&Map> {
        let definition =
            self.definitions(name).iter().rev().find_map(|definition| match definition {
                Definition::Map(number) => Some(*number),
                _ => None,
            });
        definition.map(|number| &self.maps[number])
    }

    /// The numbers of all maps that define the variable, in the order in which nginx reads them.
    pub fn maps_of(&self, name: &str) -> impl Iterator<Item = usize> {
        self.definitions(name).iter().filter_map(|definition| match definition {
            Definition::Map(number) => Some(*number),
            _ => None,
        })
    }

    /// What `text` becomes with what `facts` say of the request.
    pub(crate) fn evaluate_with(&self, text: &[u8], facts: &dyn Facts) -> Evaluated {
        Evaluation { variables: self, facts }.text(text, 0)
    }

    /// What `text` becomes where nothing is `set`, computed once.
    pub(crate) fn evaluate_unset(&self, text: &[u8], request: &Request) -> Arc<Evaluated> {
        // A poisoned memo is as good as an empty one.
        if let Ok(memo) = self.memo.read()
            && let Some(known) = memo.get(request.name).and_then(|known| known.get(text))
        {
            return Arc::clone(known);
        }
        let evaluated = Arc::new(self.evaluate_with(text, &Unplaced::new(request)));
        if let Ok(mut memo) = self.memo.write() {
            memo.entry(request.name).or_default().insert(text.to_vec(), Arc::clone(&evaluated));
        }
        evaluated
    }
}

/// One evaluation, with what is known of the request.
struct Evaluation<'e, 'c> {
    variables: &'e Variables<'c>,
    facts: &'e dyn Facts,
}

impl Evaluation<'_, '_> {
    fn text(&self, text: &[u8], depth: usize) -> Evaluated {
        if !text.contains(&b'$') {
            return Evaluated::plain(Value::known(text));
        }
        let mut bytes = Vec::new();
        let mut maps = Vec::new();
        for part in parts(text) {
            match part {
                Part::Text(text) => bytes.extend_from_slice(text),
                Part::Capture(number) => match self.facts.capture(number) {
                    Value::Known(known) => bytes.extend_from_slice(&known),
                    value @ Value::Unknown(_) => return Evaluated { value, maps },
                },
                Part::Variable { name, .. } => {
                    let evaluated = self.variable(name, depth);
                    Evaluated::add_maps(&mut maps, evaluated.maps);
                    match evaluated.value {
                        Value::Known(known) => bytes.extend_from_slice(&known),
                        value @ Value::Unknown(_) => return Evaluated { value, maps },
                    }
                }
            }
            if bytes.len() > LARGEST {
                return Evaluated { value: Value::Known(bytes).bounded(), maps };
            }
        }
        Evaluated { value: Value::Known(bytes), maps }
    }

    fn variable(&self, name: &str, depth: usize) -> Evaluated {
        let lower = name.to_ascii_lowercase();
        if let Some(value) = self.facts.assigned(&lower) {
            return Evaluated::plain(value);
        }
        let definitions = self.variables.definitions(&lower);
        // The last one counts: `ngx_http_add_variable` hands out the one that is there already.
        let decisive = definitions.iter().rev().find(|known| !matches!(known, Definition::Set(_)));
        let (evaluate, volatile): (&dyn Fn() -> Evaluated, bool) = match decisive {
            Some(&Definition::Map(number)) => {
                let map = &self.variables.maps[number];
                (&|| self.map(map, depth), map.volatile)
            }
            Some(&Definition::Geo(number)) => {
                let geo = &self.variables.geos[number];
                (&|| self.geo(geo, depth), geo.volatile)
            }
            Some(&Definition::SplitClients(number)) => {
                let split = &self.variables.splits[number];
                (&|| self.split_clients(split, depth), false)
            }
            Some(&Definition::Other(reference)) => {
                return Evaluated::plain(self.depends_on_directive(reference));
            }
            // A name of nginx's own is that until it is set (`NGX_HTTP_VAR_WEAK`). Others are not
            // initialised here, which is empty.
            Some(Definition::Set(_)) | None if !definitions.is_empty() && !is_builtin(&lower) => {
                return Evaluated::plain(Value::known(""));
            }
            Some(Definition::Set(_)) | None => {
                if depth < DEEPEST
                    && let Some((text, rest)) = self.facts.written(&lower)
                {
                    let mut evaluated = self.text(&text, depth + 1);
                    if let Value::Known(bytes) = &mut evaluated.value {
                        bytes.extend(rest);
                    }
                    return evaluated;
                }
                return Evaluated::plain(match self.variables.is_capture(&lower) {
                    true if !is_builtin(&lower) => self.facts.uncaptured(&lower),
                    _ => self.facts.builtin(&lower),
                });
            }
        };
        if let Some(evaluated) = self.facts.remembered(&lower) {
            return evaluated;
        }
        let evaluated = evaluate();
        if !volatile {
            self.facts.remember(&lower, &evaluated);
        }
        evaluated
    }

    /// `ngx_http_geo_cidr_variable`, `ngx_http_geo_range_variable`
    fn geo(&self, geo: &Geo, depth: usize) -> Evaluated {
        if let Some(reference) = geo.unseen {
            let place = self.variables.configuration.setting(reference).place();
            return Evaluated::plain(Value::unknown("this line of `geo`", Some(place)));
        }
        if depth >= DEEPEST {
            return Evaluated::plain(self.depends_on_directive(geo.reference));
        }
        let source = match &geo.source {
            Some(source) => self.text(source, depth + 1).value,
            None => self.facts.builtin("remote_addr"),
        };
        let text = match &source {
            Value::Known(text) => String::from_utf8_lossy(text),
            Value::Unknown(_) => return Evaluated::plain(source),
        };
        let mut address = text.parse().ok();
        if let (Some(proxy), false) = (address, geo.proxies.is_empty()) {
            match self.facts.builtin("http_x_forwarded_for") {
                Value::Known(fields) => {
                    address = Some(geo.forwarded(proxy, &String::from_utf8_lossy(&fields)));
                }
                unknown @ Value::Unknown(_) => return Evaluated::plain(unknown),
            }
        }
        Evaluated::plain(Value::known(geo.find(address)))
    }

    /// `ngx_http_split_clients_variable`
    fn split_clients(&self, split: &SplitClients, depth: usize) -> Evaluated {
        if depth >= DEEPEST {
            return Evaluated::plain(self.depends_on_directive(split.reference));
        }
        Evaluated::plain(match self.text(&split.source, depth + 1).value {
            Value::Known(source) => Value::known(split.find(&source)),
            unknown @ Value::Unknown(_) => unknown,
        })
    }

    fn depends_on_directive(&self, reference: DirectiveRef) -> Value {
        let setting = self.variables.configuration.setting(reference);
        let name = String::from_utf8_lossy(&setting.directive.name()).into_owned();
        Value::unknown(format!("`{name}`"), Some(setting.place()))
    }

    fn map(&self, map: &Map, depth: usize) -> Evaluated {
        if depth >= DEEPEST {
            let place = map.place(&self.variables.configuration.loaded);
            return Evaluated::plain(Value::unknown("itself", Some(place)));
        }
        let source = self.text(&map.source, depth + 1);
        let mut maps = Vec::new();
        let Value::Known(bytes) = &source.value else {
            if let Some(value) = map.only_value() {
                maps.push(Matched { map: map.reference, entry: None });
                return Evaluated { value: Value::known(value), maps };
            }
            maps.push(Matched { map: map.reference, entry: None });
            Evaluated::add_maps(&mut maps, source.maps);
            return Evaluated { value: source.value, maps };
        };
        match map.find(bytes) {
            Err(reference) => {
                let place = self.variables.configuration.setting(reference).place();
                Evaluated::plain(Value::unknown("this line of the map", Some(place)))
            }
            Ok(found) => {
                if let Some((_, Some(captures))) = &found {
                    self.facts.matched(captures);
                }
                let result = found.as_ref().map(|(entry, _)| self.text(&entry.value, depth + 1));
                let entry = found.map(|(entry, _)| entry.reference);
                maps.push(Matched { map: map.reference, entry });
                Evaluated::add_maps(&mut maps, source.maps);
                let value = result.map_or(Value::known(""), |result| {
                    Evaluated::add_maps(&mut maps, result.maps);
                    result.value
                });
                Evaluated { value, maps }
            }
        }
    }
}

/// Whether nginx or one of its modules has the variable.
pub fn is_builtin(name: &str) -> bool {
    variable::is_builtin(name.to_ascii_lowercase().as_bytes(), variable::Protocol::Http).is_some()
}

/// Of each level, whether it is in `stream`. To ask level by level would take a walk outwards each
/// time, which deep blocks make long.
pub fn levels_in_stream(configuration: &Configuration) -> Vec<bool> {
    let mut inside: Vec<bool> = Vec::new();
    for (_, level) in configuration.levels() {
        let around = level.parent.is_some_and(|parent| inside[parent.index()]);
        inside.push(around || level.kind == LevelKind::Stream);
    }
    inside
}

/// The name in a word that is just `$name`, in lower case.
fn defined_name(word: Word<'_>) -> Option<String> {
    let value = word.value();
    let name = std::str::from_utf8(value.strip_prefix(b"$")?).ok()?;
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| name.to_ascii_lowercase())
}

/// The names of the named groups in a regular expression, as written.
pub fn group_names(regex: &[u8]) -> impl Iterator<Item = &str> {
    memchr::memmem::find_iter(regex, b"(?").filter_map(|start| {
        let rest = &regex[start + 2..];
        let rest = rest.strip_prefix(b"P").unwrap_or(rest);
        let (Some(b'<' | b'\''), Some(rest)) = (rest.first(), rest.get(1..)) else { return None };
        let length =
            rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        std::str::from_utf8(&rest[..length]).ok().filter(|name| !name.is_empty())
    })
}

/// The names of all named groups in regular expressions: each is a variable.
fn named_groups(configuration: &Configuration, maps: &[Map]) -> FxHashSet<String> {
    let mut names = FxHashSet::default();
    let mut look = |text: &[u8]| names.extend(group_names(text).map(str::to_ascii_lowercase));
    for (_, source) in configuration.loaded.sources.iter() {
        // Texts without any group of that kind are not walked.
        if memchr::memmem::find(source.tree.text(), b"(?").is_none() {
            continue;
        }
        for directive in source.tree.directives() {
            if matches!(directive.id(), Some(d::SERVER_NAME | d::LOCATION | d::IF | d::REWRITE)) {
                directive.arguments().for_each(|word| look(&word.value()));
            }
        }
    }
    for entry in maps.iter().flat_map(|map| &map.entries) {
        if let Some(super::MapKey::Regex(regex)) = &entry.key {
            look(regex.text.as_bytes());
        }
    }
    names
}

/// The place of a variable's name in a word, or the whole word where that cannot be told.
pub fn place_in_word(
    file: crate::source::FileId,
    word: Word<'_>,
    range: &std::ops::Range<usize>,
) -> Place {
    let content = word.content_span();
    let span = if word.is_escaped() {
        word.span()
    } else {
        wslint_grammar::Span::new(
            content.start + range.start as u32,
            content.start + range.end as u32,
        )
    };
    Place { file, span }
}
