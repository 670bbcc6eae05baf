//! A directive that may stand in a location, but not in an `if`.

use rustc_hash::FxHashMap;
use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::{Context as Block, directive as d};
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::source::{DirectiveRef, Place};
use wslint_model::validate::{Problem, ProblemKind};

use crate::cause::misplaced::is_in_if;
use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::move_out_of_if;
use crate::groups::Groups;
use crate::rules::IF_UNSUPPORTED_DIRECTIVE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // The lines of one `if` have one cause: that it is one.
    let mut groups: Groups<Setting<'_>> = Groups::default();
    let mut lines: Vec<(Place, &Problem, DirectiveId)> = Vec::new();
    for problem in context.problems() {
        if let ProblemKind::Misplaced(id) = problem.kind
            && is_in_if(id, problem.context)
            && !context.is_misplaced_by_braces(problem.reference)
        {
            let setting = context.configuration.setting(problem.reference);
            let span = setting.directive.name_word().span();
            lines.push((Place { file: setting.reference.file, span }, problem, id));
        }
    }
    lines.sort_by_key(|&(place, ..)| place);
    if lines.is_empty() {
        return;
    }
    for (place, problem, id) in lines {
        let parent = context.configuration.setting(problem.reference).directive.parent();
        let head = parent.map(|head| Place { file: place.file, span: head.words_span() });
        let cause = head.unwrap_or(place);
        let line = context.configuration.setting(problem.reference);
        groups.add_with(cause, || finding(problem, id, place, head), place, line);
    }
    let blocks = blocks(context);
    let mended = groups.into_mended("nor is this", |lines| {
        let parent = lines.first()?.directive.parent()?;
        let head = DirectiveRef { file: lines[0].reference.file, index: parent.index() };
        move_out_of_if(context, *blocks.get(&head)?, lines)?.into_fix(MOVE_OUT)
    });
    findings.extend(mended.map(|mut finding| {
        finding.labels.retain(|label| label.place != finding.place);
        match finding.fix {
            Some(_) => finding.help(format!(
                "{MOVE_OUT}: a header whose value is computed and empty is not sent"
            )),
            None => finding,
        }
    }));
}

/// What the fix does.
const MOVE_OUT: &str = "move the lines out of the `if`, into the location";

/// The levels of all `if` blocks of locations.
fn blocks(context: &Context<'_>) -> FxHashMap<DirectiveRef, LevelId> {
    let levels = context.configuration.levels();
    let blocks = levels.filter(|(_, own)| own.kind == LevelKind::If);
    blocks.filter_map(|(level, own)| Some((own.head?, level))).collect()
}

fn finding(problem: &Problem, id: DirectiveId, place: Place, head: Option<Place>) -> Finding {
    let in_location = problem.context == Block::IfLocation;
    let block = if in_location { "`if`" } else { "`if` of a server" };
    let help = match id {
        d::PROXY_SET_HEADER => {
            "set the header in the location, to a variable that a `map` in `http` computes: an empty \
             value is not sent"
        }
        d::PROXY_PASS => "an `if` in a location may have a `proxy_pass`, one in a server may not",
        _ if in_location => {
            "put it into the location; what depends on the request goes into a `map`, or into a \
             location of its own"
        }
        _ => "put it into a location, or into the server",
    };
    let finding = Finding::new(
        &RULE,
        place,
        format!("\"{}\" directive is not allowed here, in an {block}", id.name()),
    )
    .at_place("not allowed in an `if`")
    .help(help);
    match head {
        Some(head) => finding.label(head, "in this block"),
        None => finding,
    }
}
