//! A variable that a shell or envsubst has replaced with nothing.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix, Span, Word};
use wslint_model::damage::text_damage::Damage;
use wslint_model::source::{FileId, Place};
use wslint_model::validate::{Problem, ProblemKind};

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Places;
use crate::refusal::refusal;
use crate::rules::EXPANDED_BY_SHELL as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // One heredoc writes one file: all its gaps have one cause.
    let mut files: Vec<(FileId, Vec<(&Problem, Span)>)> = Vec::new();
    let mut numbers: FxHashMap<FileId, usize> = FxHashMap::default();
    for problem in context.problems() {
        let ProblemKind::Damaged(Damage::Expanded(gap), _) = problem.kind else { continue };
        let setting = context.configuration.setting(problem.reference);
        let file = setting.reference.file;
        if context.has_syntax_error_in(Place { file, span: setting.directive.words_span() }) {
            continue;
        }
        let number = *numbers.entry(file).or_insert_with(|| {
            files.push((file, Vec::new()));
            files.len() - 1
        });
        files[number].1.push((problem, gap));
    }
    for (file, mut gaps) in files {
        gaps.sort_by_key(|&(_, gap)| gap);
        findings.extend(finding(context, file, &gaps));
    }
}

fn finding(context: &Context<'_>, file: FileId, gaps: &[(&Problem, Span)]) -> Option<Finding> {
    let &(first, gap) = gaps.first()?;
    let directive = context.configuration.setting(first.reference).directive;
    let missing = match gaps.len() {
        1 => "a value is missing",
        _ => "values are missing here and below",
    };
    let message = format!(
        "{}: {missing}, as if a shell or envsubst had taken a `$name` for its own",
        refusal(directive, &first.kind),
    );
    let mut few = Places::default();
    for &(_, gap) in &gaps[1..] {
        few.add(Place { file, span: gap });
    }
    let finding = few
        .label(
            Finding::new(&RULE, Place { file, span: gap }, message)
                .at_place("nothing is left of the value"),
            "and here",
        )
        .help(
            "quote the heredoc's word, as in `<<'EOF'`, or name the variables that envsubst may \
             replace",
        );
    // All gaps are filled, or none.
    let edits: Option<Vec<Edit>> =
        gaps.iter().map(|&(problem, gap)| edit(context, problem, gap)).collect();
    Some(match edits {
        Some(edits) => finding.fix(Fix::safe("write the variables again", edits)),
        None => finding,
    })
}

/// What must have stood there, where there is only one answer.
fn edit(context: &Context<'_>, problem: &Problem, gap: Span) -> Option<Edit> {
    let directive = context.configuration.setting(problem.reference).directive;
    let name = directive.argument(0).map(Word::value)?;
    let is_upgrade = directive.id() == Some(d::PROXY_SET_HEADER)
        && directive.argument_count() == 1
        && name.eq_ignore_ascii_case(b"upgrade");
    is_upgrade.then(|| Edit::replace(gap, " $http_upgrade"))
}
