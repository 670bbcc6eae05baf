//! Lines that were put into an `if` for handshakes, and that nginx takes in the location only.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{DirectiveId, Edit, Word};
use wslint_model::evaluate::{Condition, Request, Truth};
use wslint_model::handshake::proxied_request::has_upgrade_token;
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::resolve::{LevelId, LevelKind, Setting};

use super::block::Block;
use super::columns::NewLine;
use super::connection::connection_value;
use super::edits::Edits;
use super::list::carried;
use super::removal::{has_comment, remove};
use super::spot::Spot;
use super::style::own_indentation;
use crate::context::Context;

/// Settings that change nothing for a request that is answered at once.
const HARMLESS: [DirectiveId; 4] = [
    d::PROXY_HTTP_VERSION,
    d::PROXY_READ_TIMEOUT,
    d::PROXY_SEND_TIMEOUT,
    d::PROXY_SOCKET_KEEPALIVE,
];

/// Moves lines out of the `if` of that level into the location around it, before the `if`, or in the
/// place of one that has no others. For requests that are no handshakes they must do no harm: their
/// `Upgrade` and `Connection` are computed. `None` where the `if` does not tell handshakes from
/// other requests, or a line would stand beside another one for the same thing.
pub(crate) fn move_out_of_if(
    context: &Context<'_>,
    level: LevelId,
    lines: &[Setting<'_>],
) -> Option<Edits> {
    let configuration = context.configuration;
    let head = configuration.head(level)?;
    let location = configuration.level(level).parent?;
    if configuration.level(location).kind != LevelKind::Location
        || context.copies().of(head.reference) != 1
        || !is_for_handshakes(context, level, location)
    {
        return None;
    }
    let block = Block::of(context, location)?;
    let inner = Block::of(context, level)?;
    if !block.holds(head) || !lines.iter().all(|line| inner.holds(*line)) {
        return None;
    }
    let mut edits = Edits::default();
    edits.ask();
    let alone = traffic(context, location) == Traffic::WebSocketsAlone;
    let mut written = Vec::new();
    let mut names = FxHashSet::default();
    for &line in lines {
        let id = line.directive.id()?;
        let mut copy = NewLine::copy(line.directive);
        if id == d::PROXY_SET_HEADER {
            let name = line.directive.argument(0)?.value().to_ascii_lowercase();
            make_conditional(context, location, line, &name, alone, &mut copy, &mut edits)?;
            if own_headers(context, location).any(|own| own == name) {
                return None;
            }
            names.insert(name);
        } else if configuration.own(location, id).iter().next().is_some()
            || !(alone || HARMLESS.contains(&id))
        {
            return None;
        }
        written.push(copy);
    }
    let mut texts = Vec::new();
    if !names.is_empty() {
        // A line for the same header comes in the place of the inherited one.
        let is_kept = |line: &NewLine| {
            let name = line.arguments.first().map(|name| name.trim_matches(['"', '\'']));
            line.name != d::PROXY_SET_HEADER.name()
                || !name.is_some_and(|name| names.contains(name.to_ascii_lowercase().as_bytes()))
        };
        let carried = carried(context, location, d::PROXY_SET_HEADER)?;
        texts.extend(carried.iter().filter(|line| is_kept(line)).map(|line| line.beside(block)));
    }
    texts.extend(written.iter().map(|line| line.beside(block)));
    let style = context.style(block.file);
    let is_emptied = inner.children().count() == lines.len();
    if is_emptied && has_comment(head.directive) {
        return None;
    }
    if is_emptied {
        let between = match own_indentation(head.directive) {
            Some(own) => format!("{}{own}", style.line_end),
            None => " ".to_owned(),
        };
        let span = head.directive.words_span().to(head.directive.close()?);
        edits.add_in(block.file, Edit::replace(span, texts.join(&between)));
    } else {
        edits.add(Spot::before(block, style, head.directive).write(style, &texts));
        for line in lines {
            edits.add_in(inner.file, remove(line.directive)?);
        }
    }
    Some(edits)
}

/// Whether the condition of an `if` holds for handshakes and for nothing else.
fn is_for_handshakes(context: &Context<'_>, level: LevelId, location: LevelId) -> bool {
    let Some(head) = context.configuration.head(level) else { return false };
    let condition = Condition::read(head.directive);
    let holds = |request: &Request| {
        let truth = condition.holds(|text| context.evaluate(text, request, location).value.clone());
        match truth {
            Truth::Known(holds) | Truth::Tried(holds, _) => Some(holds),
            Truth::Unknown(_) => None,
        }
    };
    [Request::CHROME, Request::FIREFOX].iter().all(|request| holds(request) == Some(true))
        && holds(&Request::PLAIN) == Some(false)
}

/// Computes what was the same for all requests in the `if`. `None` for another header than
/// `Upgrade` and `Connection`, where other requests come too.
fn make_conditional(
    context: &Context<'_>,
    location: LevelId,
    line: Setting<'_>,
    name: &[u8],
    alone: bool,
    copy: &mut NewLine,
    edits: &mut Edits,
) -> Option<()> {
    let text = line.directive.argument(1)?.value();
    if alone {
        return Some(());
    }
    let plain = context.evaluate(&text, &Request::PLAIN, location);
    let value = plain.value.bytes()?;
    match name {
        b"upgrade" if value.is_empty() => {}
        b"upgrade" => "$http_upgrade".clone_into(copy.arguments.get_mut(1)?),
        b"connection" if !has_upgrade_token(value) => {}
        b"connection" => {
            let value = connection_value(context, &[location], line.reference.file);
            *copy.arguments.get_mut(1)? = value.word;
            edits.extend(value.edits);
        }
        _ => return None,
    }
    Some(())
}

/// The names of the headers that a location sets itself, in lower case.
fn own_headers<'c>(
    context: &Context<'c>,
    location: LevelId,
) -> impl Iterator<Item = Vec<u8>> + use<'c> {
    let lines = context.configuration.own(location, d::PROXY_SET_HEADER).iter();
    lines
        .filter_map(|line| line.directive.argument(0).map(Word::value))
        .map(|name| name.to_ascii_lowercase())
}
