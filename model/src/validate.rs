//! Does nginx know the directive, may it stand here, and with these arguments?
//!
//! The order is nginx's own (`ngx_conf_handler`): the name, the context, the number of arguments,
//! and then what the directive's handler looks at. The first that is wrong is reported.

mod damaged;
pub mod data_block;
pub mod parameter;
mod right_lines;

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::{
    ArgumentCount, Availability, Body, Context as Block, ContextSet, Definition, Repeat, Value,
    directive,
};
use wslint_grammar::{BodyKind, DirectiveId, Word};

use crate::added_directive::Misuse;
use crate::damage::text_damage::Damage;
use crate::declarations::Declarations;
use crate::load::Loaded;
use crate::parallel::{self, SIDE_BY_SIDE};
use crate::resolve::{LevelId, LevelKind, Setting};
use crate::source::DirectiveRef;
use crate::text::placeholder;
use crate::text::value::{self, Refused};
use crate::validate::parameter::Line;
use crate::validate::right_lines::RightLines;

/// What is wrong with a directive.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The directive.
    pub reference: DirectiveRef,
    /// The block that it stands in.
    pub context: Block,
    /// What it is.
    pub kind: ProblemKind,
}

/// The kinds of problems, in the order in which nginx looks for them.
#[derive(Clone, Debug)]
pub enum ProblemKind {
    /// No module has it.
    Unknown,
    /// A module has it that is not part of nginx.
    Foreign(&'static Definition),
    /// The version of nginx that was asked for does not have it, or has it no more.
    OtherVersion(&'static Definition),
    /// It may not stand in this block.
    Misplaced(DirectiveId),
    /// It was said to belong into these blocks only.
    MisplacedAdded(ContextSet),
    /// It takes another number of arguments.
    Arguments(&'static Definition),
    /// It was said to take another number of arguments.
    ArgumentsAdded(ArgumentCount),
    /// It stands there a second time; this is the first.
    Duplicate(DirectiveRef),
    /// One of its arguments is refused.
    Value(Refused),
    /// Its text is damaged in a way that has a rule of its own.
    Damaged(Damage, Box<ProblemKind>),
}

/// Checks every directive of a configuration.
pub fn problems<'c>(model: &Declarations<'c>) -> Vec<Problem> {
    let configuration = model.configuration;
    let levels: Vec<LevelId> = configuration.levels().map(|(level, _)| level).collect();
    let look = |right: &mut RightLines<'c>, level| in_level(model, level, right);
    let in_levels = parallel::filter_map_init(levels, SIDE_BY_SIDE, RightLines::default, look);
    let mut right = RightLines::default();
    let mut in_levels = in_levels.into_iter().peekable();
    let mut problems = Vec::new();
    let mut seen = FxHashSet::default();
    let mut blocks = FxHashMap::default();
    let mut add = |reference, around, kind| {
        if seen.insert(reference) {
            let directive = configuration.setting(reference).directive;
            let kind = match damaged::behind(directive, &kind) {
                Some(damage) => ProblemKind::Damaged(damage, Box::new(kind)),
                None => kind,
            };
            problems.push(Problem { reference, context: around, kind });
        }
    };
    for (level, own) in configuration.levels() {
        let mut in_level = in_levels.next_if(|found| found.level == level);
        if let (Some(head), Some(parent)) = (configuration.head(level), own.parent)
            && let Some(around) = configuration.level(parent).context
        {
            if let Some(kind) = in_level.as_mut().and_then(|found| found.head.take()) {
                add(head.reference, around, kind);
            } else if is_once(model, head, around)
                && let Some(first) =
                    blocks.insert((own.parent, head.directive.id()), head.reference)
                && first != head.reference
            {
                add(head.reference, around, ProblemKind::Duplicate(first));
            }
        }
        if let Some(around) = own.context {
            for (reference, kind) in in_level.into_iter().flat_map(|found| found.own) {
                add(reference, around, kind);
            }
        }
    }
    let others = configuration.unknown_directives().chain(configuration.data_blocks());
    for (level, setting) in others {
        if let Some(around) = configuration.level(level).context
            && let Some(kind) = check(model, setting, level, around, &mut right)
        {
            add(setting.reference, around, kind);
        }
    }
    for (level, block) in configuration.data_blocks() {
        if let Some(around) = configuration.level(level).context {
            data_block::check(model, block, around, |line, refused| {
                add(line, around, ProblemKind::Value(refused));
            });
        }
    }
    for include in configuration.includes() {
        let definition = &directive::INCLUDE.definitions()[0];
        let is_data = include.directive.parent().and_then(wslint_grammar::Directive::id);
        let is_data = is_data.is_some_and(crate::resolve::is_data);
        if !is_data && !definition.arguments.accepts(include.directive.argument_count()) {
            add(include.reference, Block::Main, ProblemKind::Arguments(definition));
        }
    }
    problems
}

/// What is wrong in one level, as far as it can be said without a look at the other levels.
struct InLevel {
    level: LevelId,
    head: Option<ProblemKind>,
    own: Vec<(DirectiveRef, ProblemKind)>,
}

fn in_level<'c>(
    model: &Declarations<'c>,
    level: LevelId,
    right: &mut RightLines<'c>,
) -> Option<InLevel> {
    let configuration = model.configuration;
    let this = configuration.level(level);
    let mut head = None;
    if let (Some(block), Some(parent)) = (configuration.head(level), this.parent)
        && let Some(around) = configuration.level(parent).context
    {
        head = check(model, block, parent, around, right);
    }
    let mut own = Vec::new();
    if let Some(around) = this.context {
        let mut previous: Option<Setting<'_>> = None;
        for setting in configuration.own_settings(level) {
            let twice = previous
                .filter(|previous| previous.directive.id() == setting.directive.id())
                .filter(|previous| previous.reference != setting.reference);
            previous = Some(setting);
            if let Some(kind) = check(model, setting, level, around, right) {
                own.push((setting.reference, kind));
            } else if let Some(first) = twice
                && is_once(model, setting, around)
            {
                own.push((setting.reference, ProblemKind::Duplicate(first.reference)));
            }
        }
    }
    (head.is_some() || !own.is_empty()).then_some(InLevel { level, head, own })
}

fn exists(model: &Declarations<'_>, definition: &Definition) -> bool {
    model.nginx_version.is_none_or(|version| definition.exists_in(version))
}

fn is_once(model: &Declarations<'_>, setting: Setting<'_>, around: Block) -> bool {
    setting.directive.id().is_some_and(|id| {
        let mut here = id
            .definitions()
            .iter()
            .filter(|definition| definition.contexts.contains(around))
            .filter(|definition| exists(model, definition))
            .peekable();
        here.peek().is_some() && here.all(|definition| definition.repeat == Repeat::Once)
    })
}

fn check<'c>(
    model: &Declarations<'c>,
    setting: Setting<'c>,
    level: LevelId,
    around: Block,
    right: &mut RightLines<'c>,
) -> Option<ProblemKind> {
    let added = || model.assumptions.directives.get(&setting.directive.name());
    let Some(id) = setting.directive.id() else {
        let Some(added) = added() else { return Some(ProblemKind::Unknown) };
        return match added.misuse(setting.directive, around)? {
            // Of a fragment it is guessed where it stands, and such directives have no say in it.
            Misuse::Place(_) if is_at_guessed_level(model, setting) => None,
            Misuse::Place(contexts) => Some(ProblemKind::MisplacedAdded(contexts)),
            Misuse::Arguments(arguments) => Some(ProblemKind::ArgumentsAdded(arguments)),
        };
    };
    if id == directive::INCLUDE {
        return None;
    }
    // What the catalogue knows otherwise may be of another module, or another version of it.
    let is_added =
        || added().is_some_and(|added| added.misuse(setting.directive, around).is_none());
    let all = id.definitions();
    // It is enough that one definition takes all of it, and of most directives the first does.
    let takes = |definition: &Definition| {
        fits(model, setting, definition, around)
            && refused(model, id, definition, setting, level, around).is_none()
    };
    let line = right_lines::Line::of(model, setting, around);
    if right.is_right(line, || all.iter().any(takes)) {
        return None;
    }
    if is_added() {
        return None;
    }
    let existing = || all.iter().filter(|definition| exists(model, definition));
    let Some(any) = existing().next() else {
        return Some(ProblemKind::OtherVersion(&all[0]));
    };
    let here = || existing().filter(|definition| definition.contexts.contains(around));
    let Some(first) = here().next() else {
        let is_foreign =
            existing().all(|definition| definition.availability >= Availability::Commercial);
        return Some(if is_foreign {
            ProblemKind::Foreign(any)
        } else {
            ProblemKind::Misplaced(id)
        });
    };
    if here().all(|definition| definition.availability >= Availability::Commercial) {
        return Some(ProblemKind::Foreign(first));
    }
    let is_block = setting.directive.body() != BodyKind::None;
    let takes_block =
        |definition: &&&'static Definition| (definition.body != Body::None) == is_block;
    // A block where none may be, or the other way round, is a syntax error and reported as one.
    let fitting = || here().filter(|definition| takes_block(&definition));
    let count = setting.directive.argument_count();
    let fit = fitting().next()?;
    let accepts = |definition: &Definition| definition.arguments.accepts(count);
    if !fitting().any(accepts) {
        let file = setting.reference.file;
        let mut words = setting.directive.arguments();
        // What stands in its place may be any number of words.
        if words.any(|word| model.is_placeholder(file, word.raw())) {
            return None;
        }
        return Some(ProblemKind::Arguments(fit));
    }
    let mut first = None;
    for definition in fitting().filter(|definition| definition.arguments.accepts(count)) {
        first = first.or(Some(refused(model, id, definition, setting, level, around)?));
    }
    first.map(ProblemKind::Value)
}

/// Whether a directive stands outside all blocks of a main file that may be a fragment.
fn is_at_guessed_level(model: &Declarations<'_>, setting: Setting<'_>) -> bool {
    let has_outermost_block = || {
        model.configuration.loaded.main().tree.top_level().any(|directive| {
            let id = directive.id();
            id == Some(directive::HTTP)
                || id == Some(directive::EVENTS)
                || id == Some(directive::STREAM)
        })
    };
    setting.reference.file == Loaded::MAIN
        && setting.directive.parent().is_none()
        && !has_outermost_block()
}

/// Whether a definition leaves nothing to ask but what the arguments say.
fn fits(
    model: &Declarations<'_>,
    setting: Setting<'_>,
    definition: &Definition,
    around: Block,
) -> bool {
    let is_block = setting.directive.body() != BodyKind::None;
    definition.contexts.contains(around)
        && (definition.body != Body::None) == is_block
        && definition.arguments.accepts(setting.directive.argument_count())
        && definition.availability < Availability::Commercial
        && exists(model, definition)
}

/// What is wrong with the arguments of a directive, if anything is.
fn refused(
    model: &Declarations<'_>,
    id: DirectiveId,
    definition: &Definition,
    setting: Setting<'_>,
    level: LevelId,
    block: Block,
) -> Option<Refused> {
    if !is_checked(id, definition) {
        return None;
    }
    let name = [id.name().as_bytes()];
    with_words(&name, setting.directive.arguments(), |words| {
        let check = |is_open| {
            let refused = match is_open {
                true => None,
                // A variable is read later, and says nothing about the other arguments.
                false => {
                    value::check(id.name(), &definition.value, &words[1..]).filter(|refused| {
                        !(definition.variables && words[refused.word].contains(&b'$'))
                    })
                }
            };
            let version = model.nginx_version;
            let line = Line { id, definition, block, words, is_open, version };
            refused.or_else(|| parameter::check(&line))
        };
        // A placeholder of a template is replaced before nginx reads it, perhaps by several words.
        // Less is asked of such a line, and hardly any line is refused: only there it is looked for.
        let refused = check(false)?;
        let file = setting.reference.file;
        let is_open = placeholder::in_words(words[1..].iter().copied())
            || model.is_for_envsubst(file)
                && words[1..].iter().any(|word| model.is_placeholder(file, word));
        if is_open { check(true) } else { Some(refused) }
    })
    .filter(|_| !is_compiled_later(id) || block != Block::Http || is_used(model, level, id))
}

/// Calls `check` with the words in front and the values of others behind them. Most directives
/// have few, for which nothing is allocated.
pub(crate) fn with_words<'w, T>(
    front: &[&[u8]],
    words: impl ExactSizeIterator<Item = Word<'w>>,
    check: impl FnOnce(&[&[u8]]) -> T,
) -> T {
    match front.len() + words.len() {
        ..=3 => with_few_words::<3, T>(front, words, check),
        4..=8 => with_few_words::<8, T>(front, words, check),
        _ => {
            let values: Vec<Cow<'_, [u8]>> = words.map(Word::value).collect();
            let values = values.iter().map(AsRef::as_ref);
            check(&front.iter().copied().chain(values).collect::<Vec<_>>())
        }
    }
}

fn with_few_words<'w, const FEW: usize, T>(
    front: &[&[u8]],
    words: impl ExactSizeIterator<Item = Word<'w>>,
    check: impl FnOnce(&[&[u8]]) -> T,
) -> T {
    const EMPTY: &[u8] = &[];
    let count = front.len() + words.len();
    let mut values = [const { Cow::Borrowed(EMPTY) }; FEW];
    for (slot, word) in values.iter_mut().zip(words) {
        *slot = word.value();
    }
    let mut all = [&[][..]; FEW];
    all[..front.len()].copy_from_slice(front);
    for (slot, value) in all[front.len()..].iter_mut().zip(&values) {
        *slot = value;
    }
    check(&all[..count])
}

/// Directives whose texts nginx compiles where it merges levels, and not where it reads them.
fn is_compiled_later(id: DirectiveId) -> bool {
    [
        directive::PROXY_SET_HEADER,
        directive::PROXY_SET_BODY,
        directive::GRPC_SET_HEADER,
        directive::FASTCGI_PARAM,
        directive::UWSGI_PARAM,
        directive::SCGI_PARAM,
    ]
    .contains(&id)
}

/// Whether a server inherits the lines of `level`.
fn is_used(model: &Declarations<'_>, level: LevelId, id: DirectiveId) -> bool {
    let configuration = model.configuration;
    configuration.children(level).any(|child| {
        let inside = configuration.level(child);
        inside.kind == LevelKind::Server
            && inside.unseen.is_none()
            && configuration.own(child, id).iter().next().is_none()
    })
}

/// Whether anything is known about the arguments. Most directives take text, or are checked by
/// their modules.
fn is_checked(id: DirectiveId, definition: &Definition) -> bool {
    !matches!(definition.value, Value::Custom | Value::Text)
        || parameter::is_checked(id) && definition.availability < Availability::Commercial
}

/// Where a directive may stand, in nginx's words.
pub fn shown_contexts(id: DirectiveId, model: &Declarations<'_>) -> String {
    let definitions = id.definitions().iter().filter(|definition| exists(model, definition));
    shown_places(definitions.flat_map(|definition| definition.contexts.iter()))
}

/// Blocks in nginx's words.
pub fn shown_places(places: impl Iterator<Item = Block>) -> String {
    let mut names: Vec<String> = Vec::new();
    for place in places {
        let name = format!("`{place}`");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    crate::prose::listed(&names)
}
