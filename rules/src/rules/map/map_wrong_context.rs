//! A map inside a server or a location.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_model::evaluate::Map;
use wslint_model::resolve::LevelId;
use wslint_model::source::{DirectiveRef, Place};
use wslint_model::validate::{Problem, ProblemKind};

use crate::cause::misplaced::is_map;
use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::{Edits, has_comment, lift_into_http, remove_block};
use crate::map_comparison::is_same;
use crate::rules::MAP_WRONG_CONTEXT as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let is_ours = |problem: &&Problem| {
        matches!(problem.kind, ProblemKind::Misplaced(id) if is_map(id, problem.context))
            && !context.is_misplaced_by_braces(problem.reference)
    };
    let problems: Vec<&Problem> = context.problems().iter().filter(is_ours).collect();
    if problems.is_empty() {
        return;
    }
    let maps = Maps::new(context, &problems);
    findings.extend(problems.into_iter().map(|problem| {
        let fix = maps.fix(context, problem.reference);
        let finding = finding(context, problem);
        let finding = match &fix {
            Some(fix) if fix.message == TAKE_AWAY => finding.help(TAKE_AWAY),
            _ => finding,
        };
        finding.mended_by(fix)
    }));
}

/// What to do with a map that is there a second time.
const TAKE_AWAY: &str = "take the map away: the same one is there already";

/// The maps of a configuration that has some in the wrong place.
struct Maps<'x> {
    /// Where they stand, the first of several levels.
    levels: FxHashMap<DirectiveRef, LevelId>,
    /// All of them.
    by_reference: FxHashMap<DirectiveRef, &'x Map>,
    /// The map that each variable is to have: one in the right place, or the first one.
    meant: FxHashMap<&'x str, DirectiveRef>,
}

impl<'x> Maps<'x> {
    fn new(context: &'x Context<'_>, problems: &[&Problem]) -> Self {
        let misplaced: FxHashSet<DirectiveRef> = problems.iter().map(|it| it.reference).collect();
        let mut levels = FxHashMap::default();
        for (level, block) in context.configuration.data_blocks() {
            levels.entry(block.reference).or_insert(level);
        }
        let maps = context.variables.maps();
        let mut meant = FxHashMap::default();
        let is_right = |map: &&Map| !misplaced.contains(&map.reference);
        for map in maps.iter().filter(is_right).chain(maps) {
            meant.entry(map.variable.as_str()).or_insert(map.reference);
        }
        Self { levels, by_reference: maps.iter().map(|map| (map.reference, map)).collect(), meant }
    }

    /// Moves the block out; where its variable has the same map already, takes it away. `None` where
    /// that other map is another one.
    fn fix(&self, context: &Context<'_>, reference: DirectiveRef) -> Option<FindingFix> {
        let map = self.by_reference.get(&reference)?;
        let meant = self.meant.get(map.variable.as_str())?;
        let block = context.configuration.setting(reference);
        if *meant != reference {
            let mut edits = Edits::default();
            edits.add_in(reference.file, remove_block(block.directive)?);
            edits.ask();
            let is_there =
                is_same(self.by_reference.get(meant)?, map) && !has_comment(block.directive);
            return is_there.then(|| edits.into_fix(TAKE_AWAY))?;
        }
        let mut edits = lift_into_http(context, *self.levels.get(&reference)?, block)?;
        // Its variable was meant for one server, and is there for all.
        edits.ask();
        edits.into_fix("move the map into `http`")
    }
}

fn finding(context: &Context<'_>, problem: &Problem) -> Finding {
    let setting = context.configuration.setting(problem.reference);
    let file = setting.reference.file;
    let finding = Finding::new(
        &RULE,
        Place { file, span: setting.directive.words_span() },
        format!(
            "\"map\" directive is not allowed here, in `{}`: a map defines its variable for all of \
             `http`",
            problem.context
        ),
    )
    .at_place("not allowed here")
    .help("move the whole block out, directly into `http`; no other map may define its variable");
    match setting.directive.parent() {
        Some(block) => finding.label(Place { file, span: block.words_span() }, "in this block"),
        None => finding,
    }
}
