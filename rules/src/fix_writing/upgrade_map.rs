//! The map that computes `Connection` from `Upgrade`: one that is there, or the one to write.
//!
//! It is worked out once, so that all findings that need it ask for the same text at the same place.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, Word};
use wslint_model::declarations::kept_connections::keeps_connections;
use wslint_model::evaluate::{Part, Request, Value, parts};
use wslint_model::handshake::proxied_request::{FieldLine, Forwarded, has_upgrade_token};
use wslint_model::load::Include;
use wslint_model::resolve::{LevelId, LevelKind};
use wslint_model::source::DirectiveRef;

use super::block::Block;
use super::spot::Spot;
use super::style::FileStyle;
use crate::context::Context;
use crate::finding::FileEdit;

/// What there is to compute `Connection` with.
#[derive(Debug)]
pub(crate) struct UpgradeMap {
    /// The variables of maps that are there, with their dollar signs.
    existing: Vec<String>,
    /// A variable that other lines of a fragment compute `Connection` with; the map is in another
    /// file.
    outer: Option<String>,
    /// What the map gives to requests without `Upgrade`.
    plain: &'static str,
    name: String,
    place: Option<MapPlace>,
}

#[derive(Debug)]
struct MapPlace {
    spot: Spot,
    style: FileStyle,
    kind: PlaceKind,
    /// Nothing of the `http` block is out of sight, which may have such a map.
    is_sure: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PlaceKind {
    BehindMap,
    BeforeServer,
    AtEnd,
}

impl UpgradeMap {
    /// Looks at the maps, and for a place for one.
    pub(crate) fn new(context: &Context<'_>) -> Self {
        Self {
            existing: existing(context),
            outer: outer(context),
            plain: if wants_keepalive(context) { "" } else { "close" },
            name: free_name(context, "connection_upgrade"),
            place: place(context),
        }
    }

    /// A map's variable that upgrades handshakes at all those levels, and whether it leaves plain
    /// requests alone: one that does comes first.
    pub(super) fn usable(&self, context: &Context<'_>, levels: &[LevelId]) -> Option<(&str, bool)> {
        let gives = |variable: &str, request: &Request, level: LevelId| {
            let evaluated = context.evaluate(variable.as_bytes(), request, level);
            match &evaluated.value {
                Value::Known(value) => Some(has_upgrade_token(value)),
                Value::Unknown(_) => None,
            }
        };
        let upgrades = |variable: &&String| {
            levels.iter().all(|&level| {
                [Request::CHROME, Request::FIREFOX]
                    .iter()
                    .all(|request| gives(variable, request, level) == Some(true))
            })
        };
        let is_quiet = |variable: &str| {
            let plain = |&level: &LevelId| gives(variable, &Request::PLAIN, level) == Some(false);
            levels.iter().all(plain)
        };
        let mut loud = None;
        for variable in self.existing.iter().filter(upgrades) {
            if is_quiet(variable) {
                return Some((variable, true));
            }
            loud = loud.or(Some((variable.as_str(), false)));
        }
        loud
    }

    /// A variable that the file around a fragment defines.
    pub(super) fn outer(&self) -> Option<&str> {
        self.outer.as_deref()
    }

    /// Whether the map to write gives nothing to plain requests, so that they end no connection to a
    /// backend.
    pub(crate) fn leaves_connections_open(&self) -> bool {
        self.plain.is_empty()
    }

    /// The variable of the map to write, with its dollar sign.
    pub(super) fn variable(&self) -> String {
        format!("${}", self.name)
    }

    /// The map to write, on one line.
    pub(super) fn shown(&self) -> String {
        let plain = if self.plain.is_empty() { "''" } else { self.plain };
        format!("map $http_upgrade ${} {{ default upgrade; '' {plain}; }}", self.name)
    }

    /// Writes the map, and says whether that may be done without asking; `None` where there is no
    /// place for it.
    pub(super) fn write(&self) -> Option<(FileEdit, bool)> {
        self.write_as(&self.name)
    }

    /// As [`UpgradeMap::write`], for a variable of that name.
    pub(crate) fn write_as(&self, name: &str) -> Option<(FileEdit, bool)> {
        self.write_lines(|style| lines(name, self.plain, style))
    }

    /// Writes another map at the same place.
    pub(super) fn write_lines(
        &self,
        lines: impl FnOnce(&FileStyle) -> Vec<String>,
    ) -> Option<(FileEdit, bool)> {
        let place = self.place.as_ref()?;
        let mut lines = lines(&place.style);
        match place.kind {
            PlaceKind::BehindMap | PlaceKind::AtEnd => lines.insert(0, String::new()),
            PlaceKind::BeforeServer => lines.push(String::new()),
        }
        Some((place.spot.write(&place.style, &lines), place.is_sure))
    }
}

/// The text of the map. Its keys are strings: a regular expression would wipe out the captures of
/// the location.
fn lines(name: &str, plain: &str, style: &FileStyle) -> Vec<String> {
    let value = if plain.is_empty() { style.empty } else { plain };
    let empty = style.empty;
    vec![
        format!("map $http_upgrade ${name} {{"),
        format!("{}default upgrade;", style.step),
        format!("{}{empty}      {value};", style.step),
        "}".to_owned(),
    ]
}

/// The variables of maps that tell handshakes from something else. There may be thousands of maps
/// for other things.
fn existing(context: &Context<'_>) -> Vec<String> {
    const ENOUGH: usize = 20;
    let level = LevelId::new(0);
    let upgrades = |variable: &str| {
        let evaluated = context.evaluate(variable.as_bytes(), &Request::CHROME, level);
        evaluated.value.bytes().is_some_and(has_upgrade_token)
    };
    let maps = context.variables.maps().iter().filter(|map| {
        context.variables.map_of(&map.variable).map(|it| it.reference) == Some(map.reference)
            && map.malformed.is_empty()
    });
    maps.filter_map(|map| {
        let written = context.configuration.setting(map.reference).directive.argument(1)?;
        let variable = String::from_utf8_lossy(&written.value()).into_owned();
        (variable.starts_with('$') && upgrades(&variable)).then_some(variable)
    })
    .take(ENOUGH)
    .collect()
}

/// The undefined variable that `Connection` lines of a fragment use.
fn outer(context: &Context<'_>) -> Option<String> {
    if context.configuration.is_whole() {
        return None;
    }
    context.header_lines().iter().find_map(|line| {
        let name = line.directive.argument(0)?.value();
        let value = line.directive.argument(1)?.value();
        let mut parts = parts(&value);
        match (parts.next(), parts.next()) {
            (Some(Part::Variable { name: variable, .. }), None)
                if name.eq_ignore_ascii_case(b"connection")
                    && !context.variables.is_defined(variable)
                    && !context.is_placeholder(line.reference.file, &value) =>
            {
                Some(format!("${variable}"))
            }
            _ => None,
        }
    })
}

/// Whether `Connection: close` to the backend would cost more than it used to: it ends connections
/// that are to be kept.
fn wants_keepalive(context: &Context<'_>) -> bool {
    let is_kept = |forwarded: &Forwarded<'_>| {
        let is_empty = |line: &FieldLine<'_>| {
            line.setting.directive.argument(1).is_some_and(|word| word.value().is_empty())
        };
        forwarded.connection.lines.iter().any(is_empty)
            || keeps_connections(context, forwarded.level).is_some()
    };
    let mut websockets = context.websocket_locations().map(|(forwarded, _)| forwarded).peekable();
    match websockets.peek() {
        Some(_) => websockets.any(is_kept),
        // What is meant for them stands where it has no effect.
        None => context.forwarded().iter().any(is_kept),
    }
}

/// The usual name of a variable, or with a number behind it where something else has that name.
pub(super) fn free_name(context: &Context<'_>, usual: &str) -> String {
    let numbered = (1..).map(|number| format!("{usual}_{number}"));
    let mut names = std::iter::once(usual.to_owned()).chain(numbered);
    let is_free = |name: &String| !context.variables.is_defined(name);
    names.find(is_free).unwrap_or_else(|| usual.to_owned())
}

/// In the `http` block, or in a fragment that stands in one.
fn place(context: &Context<'_>) -> Option<MapPlace> {
    let configuration = context.configuration;
    let (http, level) = configuration.levels().find(|(_, level)| level.kind == LevelKind::Http)?;
    let block = Block::of(context, http)?;
    let style = context.style(block.file).clone();
    let is_sure = level.head.is_some()
        && level.unseen.is_none()
        && !configuration.loaded.some_folder_is_absent();
    let is = |id| move |child: &Directive<'_>| child.id() == Some(id);
    // Behind a map for the same thing rather than behind one that stands far below.
    let map = block.children().filter(is(d::MAP)).last();
    let (spot, kind) = if let Some(map) = map {
        (Spot::after(block, &style, map)?, PlaceKind::BehindMap)
    } else if let Some(server) =
        block.children().find(|child| is(d::SERVER)(child) || brings_server(context, block, *child))
    {
        (Spot::before(block, &style, server), PlaceKind::BeforeServer)
    } else {
        (Spot::at_end(block, &style)?, PlaceKind::AtEnd)
    };
    Some(MapPlace { spot, style, kind, is_sure })
}

/// Whether a directive includes files that have servers.
fn brings_server(context: &Context<'_>, block: Block<'_>, child: Directive<'_>) -> bool {
    if child.id() != Some(d::INCLUDE) {
        return false;
    }
    let reference = DirectiveRef { file: block.file, index: child.index() };
    let loaded = &context.configuration.loaded;
    let files = loaded.include(reference).map(Include::files).unwrap_or_default();
    files
        .iter()
        .any(|&file| loaded.sources.get(file).tree.top_level().any(|it| it.id() == Some(d::SERVER)))
}

/// Whether a map's variable is used for anything but the value of `Connection`.
pub(crate) fn is_used_otherwise(context: &Context<'_>, variable: &str) -> bool {
    let mut otherwise = false;
    wslint_model::declarations::variable_uses::each(context, |used| {
        if !used.in_stream && used.name.eq_ignore_ascii_case(variable) {
            let header = used.setting.directive.argument(0).map(Word::value).unwrap_or_default();
            let is_connection = used.setting.directive.id() == Some(d::PROXY_SET_HEADER)
                && header.eq_ignore_ascii_case(b"connection");
            otherwise |= !is_connection;
        }
        // What is called right is not shown again, and the same word may stand in another line.
        !used.name.eq_ignore_ascii_case(variable)
    });
    otherwise
}
