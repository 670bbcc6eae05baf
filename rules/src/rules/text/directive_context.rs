//! A directive in a block that it may not stand in.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::{Context as Block, directive};
use wslint_model::source::{FileId, Place};
use wslint_model::validate::{Problem, ProblemKind, shown_contexts, shown_places};

use crate::cause::misplaced::{is_in_if, is_map};
use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Groups;
use crate::rules::DIRECTIVE_CONTEXT as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut too_early: Vec<(Finding, Place)> = Vec::new();
    let mut https: FxHashMap<FileId, Option<(u32, Place)>> = FxHashMap::default();
    for problem in context.problems() {
        let (belongs, is_of_http) = match problem.kind {
            ProblemKind::Misplaced(id)
                if !is_in_if(id, problem.context) && !is_map(id, problem.context) =>
            {
                let definitions = id.definitions().iter();
                let is_of_http = definitions.clone().any(|it| it.contexts.contains(Block::Http));
                (shown_contexts(id, context), is_of_http)
            }
            ProblemKind::MisplacedAdded(contexts) => (shown_places(contexts.iter()), false),
            _ => continue,
        };
        let Some(finding) = finding(context, problem, &belongs) else { continue };
        let file = problem.reference.file;
        let http = (is_of_http && problem.context == Block::Main)
            .then(|| *https.entry(file).or_insert_with(|| first_http(context, file)))
            .flatten()
            .filter(|&(index, _)| index > problem.reference.index);
        match http {
            Some((_, http)) => too_early.push((finding, http)),
            None => findings.push(finding),
        }
    }
    // One line that has slipped down, be it before one directive or many.
    too_early.sort_by_key(|(finding, _)| finding.place);
    let mut groups = Groups::default();
    for (finding, http) in too_early {
        let place = finding.place;
        groups.add(http, || finding.label(http, "begins only here"), place);
    }
    findings.extend(groups.into_findings("and this").map(|mut finding| {
        finding.labels.retain(|label| label.place != finding.place);
        finding
    }));
}

/// The first `http` of a file.
fn first_http(context: &Context<'_>, file: FileId) -> Option<(u32, Place)> {
    let mut top = context.configuration.loaded.sources.get(file).tree.top_level();
    let http = top.find(|directive| directive.id() == Some(directive::HTTP))?;
    Some((http.index(), Place { file, span: http.words_span() }))
}

fn finding(context: &Context<'_>, problem: &Problem, belongs: &str) -> Option<Finding> {
    let setting = context.configuration.setting(problem.reference);
    let file = setting.reference.file;
    // Where a brace is wrong, directives stand in blocks that they were not written into.
    if context.is_misplaced_by_braces(problem.reference) {
        return None;
    }
    let place = Place { file, span: setting.directive.name_word().span() };
    let block = setting.directive.parent();
    let name = setting.name();
    let finding = Finding::new(
        &RULE,
        place,
        format!("\"{name}\" directive is not allowed here, in {}", shown(problem.context)),
    )
    .at_place("not allowed here")
    .help(format!("it may stand in {belongs}"));
    Some(match block {
        Some(block) => finding.label(Place { file, span: block.words_span() }, "in this block"),
        None => finding,
    })
}

fn shown(block: Block) -> String {
    match block {
        Block::Main => "the main level".to_owned(),
        block => format!("`{block}`"),
    }
}
