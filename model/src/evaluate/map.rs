//! `map` blocks (`ngx_http_map_block`, `ngx_http_map`, `ngx_http_map_find`).

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, Word};

use crate::load::{DataLine, Loaded};
use crate::source::{DirectiveRef, Place};
use crate::text::host_name::HostName;
use crate::text::pattern::{Captures, Pattern};

/// How a key of a map is compared.
#[derive(Clone, Debug)]
pub enum MapKey {
    /// Without regard to case, before all regular expressions.
    Text(Vec<u8>),
    /// `~` or `~*`, in the order of the text, never for an empty source.
    Regex(Pattern),
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
    /// `volatile` stands in it: its variable is computed anew each time.
    pub volatile: bool,
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
            volatile: false,
            unseen: None,
            malformed: Vec::new(),
        };
        loaded.each_data_line(reference, |line| match line {
            DataLine::Read(reference, line) => map.read_line(reference, line),
            DataLine::Unseen(include) => map.unseen = map.unseen.or(Some(include)),
        });
        Some(map)
    }

    fn read_line(&mut self, reference: DirectiveRef, line: Directive<'_>) {
        match (line.name().as_ref(), line.argument_count()) {
            (b"hostnames", 0) => self.hostnames = true,
            (b"volatile", 0) => self.volatile = true,
            (_, 1) => self.entries.push(entry(reference, line)),
            _ => self.malformed.push(reference),
        }
    }

    /// The `default` line.
    pub fn default(&self) -> Option<&MapEntry> {
        self.entries.iter().find(|entry| entry.key.is_none())
    }

    /// The value of all lines, where there is no other: whatever the source is, this comes out.
    pub(super) fn only_value(&self) -> Option<&[u8]> {
        let value = &self.default()?.value;
        let is_same = |entry: &MapEntry| entry.value == *value;
        (self.unseen.is_none() && !value.contains(&b'$') && self.entries.iter().all(is_same))
            .then_some(value)
    }

    /// The line that `source` selects, with what its regular expression captured. `Ok(None)` when
    /// no line does.
    ///
    /// # Errors
    /// With the line or include in the way when it cannot be told: an include that cannot be
    /// opened, or a regular expression that cannot be used.
    pub fn find(
        &self,
        source: &[u8],
    ) -> Result<Option<(&MapEntry, Option<Captures>)>, DirectiveRef> {
        // A host name may end with a dot (`ngx_http_map_variable`).
        let source = match self.hostnames {
            true => source.strip_suffix(b".").unwrap_or(source),
            false => source,
        };
        let text = |entry: &&MapEntry| match &entry.key {
            Some(MapKey::Text(key)) => key.eq_ignore_ascii_case(source),
            _ => false,
        };
        let plain = match self.hostnames {
            true => self.find_host_name(source),
            false => self.entries.iter().find(text),
        };
        if let Some(entry) = plain {
            return Ok(Some((entry, None)));
        }
        if let Some(unseen) = self.unseen {
            return Err(unseen);
        }
        if !source.is_empty() {
            for entry in &self.entries {
                let Some(MapKey::Regex(regex)) = &entry.key else { continue };
                match regex.captures(source) {
                    Some(Some(captures)) => return Ok(Some((entry, Some(captures)))),
                    Some(None) => {}
                    None => return Err(entry.reference),
                }
            }
        }
        Ok(self.default().map(|entry| (entry, None)))
    }

    /// With `hostnames`, keys may have wildcards.
    fn find_host_name(&self, source: &[u8]) -> Option<&MapEntry> {
        let host = source.to_ascii_lowercase();
        let rank = |entry: &MapEntry| match &entry.key {
            Some(MapKey::Text(key)) => {
                HostName::read(key).iter().filter_map(|name| name.rank(&host)).max()
            }
            _ => None,
        };
        let ranked = self.entries.iter().filter_map(|entry| Some((rank(entry)?, entry)));
        ranked.max_by_key(|(rank, _)| *rank).map(|(_, entry)| entry)
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
    MapKey::Regex(Pattern::new(String::from_utf8_lossy(pattern).into_owned(), ignores_case))
}

/// Whether a data block is a `map`.
pub(super) fn is_map(directive: Directive<'_>) -> bool {
    directive.id() == Some(d::MAP)
}
