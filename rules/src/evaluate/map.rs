//! `map` blocks (`ngx_http_map_block`, `ngx_http_map`, `ngx_http_map_find`).

use std::sync::OnceLock;

use fancy_regex::Regex;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, Word};

use crate::load::{Include, Loaded};
use crate::source::{DirectiveRef, Place};

/// How a key of a map is compared.
#[derive(Clone, Debug)]
pub enum MapKey {
    /// Without regard to case, before all regular expressions.
    Text(Vec<u8>),
    /// `~` or `~*`, in the order of the text, never for an empty source.
    Regex(MapRegex),
}

/// A key that is a regular expression, compiled when it is first asked.
#[derive(Clone, Debug)]
pub struct MapRegex {
    /// The pattern, without `~` or `~*`.
    pub pattern: String,
    /// Whether `~*` was written.
    pub ignores_case: bool,
    compiled: OnceLock<Option<Regex>>,
}

impl MapRegex {
    /// Whether it matches; `None` when the pattern or the text is beyond the regex engine.
    fn matches(&self, text: &[u8]) -> Option<bool> {
        let regex = self.compiled.get_or_init(|| {
            let flags = if self.ignores_case { "(?i)" } else { "" };
            Regex::new(&format!("{flags}{}", self.pattern)).ok()
        });
        regex.as_ref()?.is_match(std::str::from_utf8(text).ok()?).ok()
    }
}

/// One line of a map: a key and what it gives.
#[derive(Clone, Debug)]
pub struct MapEntry {
    /// The line.
    pub reference: DirectiveRef,
    /// The key; `None` for `default`.
    pub key: Option<MapKey>,
    /// What it gives: a text that may have variables in it.
    pub value: Vec<u8>,
}

/// A `map` block, with the files that it includes.
#[derive(Debug)]
pub struct Map {
    /// The block.
    pub reference: DirectiveRef,
    /// The text whose value is looked up.
    pub source: Vec<u8>,
    /// The variable that it defines, in lower case, without `$`.
    pub variable: String,
    /// Its lines in order, `default` among them.
    pub entries: Vec<MapEntry>,
    /// `hostnames` stands in it, so that keys may have wildcards.
    pub hostnames: bool,
    /// An include in it could not be opened.
    pub unseen: Option<DirectiveRef>,
    /// Lines that nginx refuses: neither two words nor `hostnames` or `volatile`.
    pub malformed: Vec<DirectiveRef>,
}

/// What a map gave.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Matched {
    /// The map.
    pub map: DirectiveRef,
    /// The line that gave the value; `None` when no line matched and there is no `default`, which
    /// gives the empty string.
    pub entry: Option<DirectiveRef>,
}

impl Map {
    /// Reads the block at `reference`; `None` when its two arguments are not there.
    pub fn read(loaded: &Loaded, reference: DirectiveRef) -> Option<Map> {
        let directive = loaded.sources.directive(reference);
        let source = directive.argument(0)?.value().into_owned();
        let variable = directive.argument(1)?.value();
        let variable = variable.strip_prefix(b"$").unwrap_or(&variable);
        let mut map = Map {
            reference,
            source,
            variable: String::from_utf8_lossy(variable).to_ascii_lowercase(),
            entries: Vec::new(),
            hostnames: false,
            unseen: None,
            malformed: Vec::new(),
        };
        map.read_lines(loaded, reference, directive.children(), 0);
        Some(map)
    }

    fn read_lines<'t>(
        &mut self,
        loaded: &'t Loaded,
        within: DirectiveRef,
        lines: impl Iterator<Item = Directive<'t>>,
        depth: usize,
    ) {
        /// Deeper includes are a cycle, which is reported where files are put together.
        const DEEPEST: usize = 16;
        for line in lines {
            let reference = DirectiveRef { file: within.file, index: line.index() };
            match (line.name().as_ref(), line.argument_count()) {
                (b"hostnames", 0) => self.hostnames = true,
                (b"volatile", 0) => {}
                (b"include", 1) => match loaded.include(reference) {
                    Some(Include::Files(files)) if depth < DEEPEST => {
                        for &file in files {
                            let top = loaded.sources.get(file).tree.top_level();
                            let within = DirectiveRef { file, index: 0 };
                            self.read_lines(loaded, within, top, depth + 1);
                        }
                    }
                    _ => self.unseen = self.unseen.or(Some(reference)),
                },
                (_, 1) => self.entries.push(entry(reference, line)),
                _ => self.malformed.push(reference),
            }
        }
    }

    /// The `default` line.
    pub fn default(&self) -> Option<&MapEntry> {
        self.entries.iter().find(|entry| entry.key.is_none())
    }

    /// The line that `source` selects. `Ok(None)` when no line does, `Err` when that cannot be
    /// told, with the line or include in the way.
    ///
    /// # Errors
    /// When an include cannot be opened, a regular expression cannot be used, or host names are
    /// compared.
    pub fn find(&self, source: &[u8]) -> Result<Option<&MapEntry>, DirectiveRef> {
        let text = |entry: &&MapEntry| match &entry.key {
            Some(MapKey::Text(key)) => key.eq_ignore_ascii_case(source),
            _ => false,
        };
        if let Some(entry) = self.entries.iter().find(text) {
            return Ok(Some(entry));
        }
        if let Some(unseen) = self.unseen {
            return Err(unseen);
        }
        if self.hostnames && !source.is_empty() {
            return Err(self.reference);
        }
        if !source.is_empty() {
            for entry in &self.entries {
                let Some(MapKey::Regex(regex)) = &entry.key else { continue };
                match regex.matches(source) {
                    Some(true) => return Ok(Some(entry)),
                    Some(false) => {}
                    None => return Err(entry.reference),
                }
            }
        }
        Ok(self.default())
    }

    /// The place of the block's head, `map … {`.
    pub fn place(&self, loaded: &Loaded) -> Place {
        let directive = loaded.sources.directive(self.reference);
        Place { file: self.reference.file, span: directive.words_span() }
    }
}

fn entry(reference: DirectiveRef, line: Directive<'_>) -> MapEntry {
    let value = line.argument(0).map(Word::value).unwrap_or_default().into_owned();
    let name = line.name();
    let key = match name.as_ref() {
        b"default" => None,
        [b'~', b'*', pattern @ ..] => Some(regex(pattern, true)),
        [b'~', pattern @ ..] => Some(regex(pattern, false)),
        [b'\\', key @ ..] | key => Some(MapKey::Text(key.to_vec())),
    };
    MapEntry { reference, key, value }
}

fn regex(pattern: &[u8], ignores_case: bool) -> MapKey {
    let pattern = String::from_utf8_lossy(pattern).into_owned();
    MapKey::Regex(MapRegex { pattern, ignores_case, compiled: OnceLock::new() })
}

/// Whether a data block is a `map`.
pub(super) fn is_map(directive: Directive<'_>) -> bool {
    directive.id() == Some(d::MAP)
}
