//! Blocks whose lines are no directives: `geo`, `split_clients`, `types`, `charset_map`. Maps have a
//! rule of their own, which asks [`map`] about their lines.

mod charset_map;
mod geo;
pub mod map;
mod split_clients;

use wslint_grammar::Word;
use wslint_grammar::catalogue::{Availability, Context as Block, Version, directive as d};

use crate::declarations::Declarations;
use crate::load::DataLine;
use crate::resolve::Setting;
use crate::source::DirectiveRef;
use crate::text::placeholder;
use crate::text::value::Refused;
use crate::validate::with_words;

/// Reads the lines of a block, one after the other.
trait Reader {
    /// A line with its words. `None` when nothing is wrong with it.
    fn line(&mut self, words: &[&[u8]]) -> Option<Refused>;

    /// Lines that are not seen: an include that cannot be opened, or a template's.
    fn skip(&mut self) {}
}

/// Checks the lines of a data block. `add` gets each line that is refused.
pub fn check(
    model: &Declarations<'_>,
    block: Setting<'_>,
    around: Block,
    mut add: impl FnMut(DirectiveRef, Refused),
) {
    let Some(id) = block.directive.id() else { return };
    let fits = id.definitions().iter().any(|definition| {
        definition.contexts.contains(around) && definition.availability < Availability::Commercial
    });
    if !fits {
        return;
    }
    let mut run = |reader: &mut dyn Reader| read(model, block, reader, &mut add);
    match id {
        d::GEO => run(&mut geo::Geo::new(model.nginx_version)),
        d::SPLIT_CLIENTS => run(&mut split_clients::SplitClients::default()),
        d::CHARSET_MAP => run(&mut charset_map::CharsetMap::new(block.directive)),
        d::TYPES => run(&mut Types),
        _ => {}
    }
}

fn read(
    model: &Declarations<'_>,
    block: Setting<'_>,
    reader: &mut dyn Reader,
    add: &mut dyn FnMut(DirectiveRef, Refused),
) {
    model.configuration.loaded.each_data_line(block.reference, |line| {
        let DataLine::Read(reference, line) = line else { return reader.skip() };
        let words = std::iter::once(line.name_word()).chain(line.arguments());
        let words: Vec<Word<'_>> = words.collect();
        let refused = with_words(&[], words.into_iter(), |words| {
            if placeholder::in_words(words.iter().copied()) {
                reader.skip();
                return None;
            }
            reader.line(words)
        });
        if let Some(refused) = refused {
            add(reference, refused);
        }
    });
}

/// `ngx_http_core_type` takes everything but a strange `include`.
struct Types;

impl Reader for Types {
    fn line(&mut self, words: &[&[u8]]) -> Option<Refused> {
        if words.first() != Some(&&b"include"[..]) {
            return None;
        }
        let message = "invalid number of arguments in \"include\" directive".to_owned();
        Some(Refused::new(0, message, "one file"))
    }
}

/// Whether the nginx that was asked for, or some nginx, is not older than this.
fn may_be_since(version: Option<Version>, since: Version) -> bool {
    version.is_none_or(|version| version >= since)
}
