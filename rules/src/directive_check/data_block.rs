//! Blocks whose lines are no directives: `geo`, `split_clients`, `types`, `charset_map`. Maps have a
//! rule of their own, which asks [`map`] about their lines.

mod charset_map;
mod geo;
pub(crate) mod map;
mod split_clients;

use wslint_grammar::catalogue::{Availability, Context as Block, Version, directive as d};
use wslint_grammar::{Directive, Word};

use crate::context::Context;
use crate::directive_check::with_words;
use crate::load::{Include, Loaded};
use crate::nginx_text::placeholder;
use crate::nginx_text::value::Refused;
use crate::resolve::Setting;
use crate::source::DirectiveRef;

/// Reads the lines of a block, one after the other.
trait Reader {
    /// A line with its words. `None` when nothing is wrong with it.
    fn line(&mut self, words: &[&[u8]]) -> Option<Refused>;

    /// Lines that are not seen: an include that cannot be opened, or a template's.
    fn skip(&mut self) {}
}

/// Checks the lines of a data block. `add` gets each line that is refused.
pub(crate) fn check(
    context: &Context<'_>,
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
    let mut run = |reader: &mut dyn Reader| read(context, block, reader, &mut add);
    match id {
        d::GEO => run(&mut geo::Geo::new(context.nginx_version)),
        d::SPLIT_CLIENTS => run(&mut split_clients::SplitClients::default()),
        d::CHARSET_MAP => run(&mut charset_map::CharsetMap::new(block.directive)),
        d::TYPES => run(&mut Types),
        _ => {}
    }
}

fn read(
    context: &Context<'_>,
    block: Setting<'_>,
    reader: &mut dyn Reader,
    add: &mut dyn FnMut(DirectiveRef, Refused),
) {
    let mut each = |line: Option<(DirectiveRef, Directive<'_>)>| {
        let Some((reference, line)) = line else { return reader.skip() };
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
    };
    let loaded = &context.configuration.loaded;
    lines(loaded, block.reference, block.directive.children(), 0, &mut each);
}

/// Calls `each` with every line, those of included files too, and with `None` for what an include
/// could not bring in.
pub(crate) fn lines<'t>(
    loaded: &'t Loaded,
    within: DirectiveRef,
    of: impl Iterator<Item = Directive<'t>>,
    depth: usize,
    each: &mut dyn FnMut(Option<(DirectiveRef, Directive<'t>)>),
) {
    /// Deeper includes are a cycle, which is reported where files are put together.
    const DEEPEST: usize = 16;
    for line in of {
        let reference = DirectiveRef { file: within.file, index: line.index() };
        if line.argument_count() != 1 || line.name().as_ref() != b"include" {
            each(Some((reference, line)));
            continue;
        }
        match loaded.include(reference) {
            Some(Include::Files(files)) if depth < DEEPEST => {
                for &file in files {
                    let top = loaded.sources.get(file).tree.top_level();
                    lines(loaded, DirectiveRef { file, index: 0 }, top, depth + 1, each);
                }
            }
            _ => each(None),
        }
    }
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
