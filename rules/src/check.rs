//! Running rules over a configuration.

use std::cmp::Ordering;

use wslint_model::assumptions::Assumptions;
use wslint_model::parallel::{self, SIDE_BY_SIDE};
use wslint_model::resolve::Configuration;
use wslint_model::source::FileId;

use crate::comments::suppression;
use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::rule::Rule;
use crate::rules::{self, HANDSHAKE_REJECTED};
use crate::{facts, fix_writing};

/// Runs `rules` over a configuration. The findings come sorted by file, place and rule: the same
/// configuration gives the same list.
///
/// Of what was said beside the text, `assumptions`, a rule takes all for granted.
pub fn check(
    configuration: &Configuration,
    rules: &[&'static Rule],
    assumptions: &Assumptions,
) -> Vec<Finding> {
    check_for(configuration, rules, assumptions, Wanted { follows_ignores: false, ..Wanted::ALL })
}

/// As [`check`], without what comments in the configuration ignore.
pub fn check_with_ignores(
    configuration: &Configuration,
    rules: &[&'static Rule],
    assumptions: &Assumptions,
) -> Vec<Finding> {
    check_for(configuration, rules, assumptions, Wanted::ALL)
}

/// What is wanted of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Whether findings are left out that `# wslint: ignore[RULE]` silences.
    pub follows_ignores: bool,
    /// Whether advice is given. Where nobody reads it, it is not worked out.
    pub advice: bool,
    /// Whether handshakes are followed to see which of them fail for reasons that no rule names.
    /// Nothing that is found so can be fixed.
    pub rejections: bool,
}

impl Wanted {
    /// Everything but what comments ignore.
    pub const ALL: Self = Self { follows_ignores: true, advice: true, rejections: true };
    /// As [`Wanted::ALL`], for somebody who reads nothing but the fixes.
    pub const FIXES: Self = Self { rejections: false, ..Self::ALL };
}

fn is_advice(finding: &Finding) -> bool {
    facts::is_advice(finding.rule.category, finding.severity, finding.effect)
}

/// Runs a rule, unless all that it can find is advice that nobody reads.
fn run(rule: &'static Rule, context: &Context<'_>, findings: &mut Vec<Finding>) {
    if rule.only_advises && !context.wants_advice() {
        return;
    }
    let before = findings.len();
    (rule.check)(context, findings);
    let found = &findings[before..];
    debug_assert!(
        !rule.only_advises || found.iter().all(is_advice),
        "{rule:?} says what it can find"
    );
    debug_assert!(
        rule.refuses || found.iter().all(|it| it.effect != Effect::NotLoaded),
        "{rule:?} says that it can find what nginx refuses"
    );
}

/// Why nginx refuses a configuration, whichever rules are in use: the first error that says so.
pub(crate) fn refusal(context: &Context<'_>, assumptions: &Assumptions) -> Option<Finding> {
    let mut findings = Vec::new();
    for rule in rules::ALL.iter().filter(|rule| rule.refuses) {
        run(rule, context, &mut findings);
    }
    leave_templates_out(context, &mut findings);
    weigh_versions(assumptions, &mut findings);
    findings
        .into_iter()
        .filter(|it| it.effect == Effect::NotLoaded && it.severity == Severity::Error)
        .min_by(|one, other| in_order(context.configuration, one, other))
}

/// Leaves out what is found in templates: nothing can be said of one but that it is one.
fn leave_templates_out(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let templates: Vec<FileId> = context.templates().iter().map(|&(file, _)| file).collect();
    if !templates.is_empty() {
        findings.retain(|finding| {
            !templates.contains(&finding.place.file) || finding.rule.name == "template-leftover"
        });
    }
}

/// Leaves out what holds for other versions of nginx. Where nobody said which it is, what the
/// newest one does not mind is no error.
fn weigh_versions(assumptions: &Assumptions, findings: &mut Vec<Finding>) {
    match assumptions.nginx_version {
        Some(version) => findings.retain(|finding| {
            finding.nginx_versions.is_none_or(|versions| versions.contains(version))
        }),
        None => {
            for finding in findings {
                if finding.nginx_versions.is_some_and(|versions| versions.before.is_some()) {
                    finding.severity = finding.severity.min(Severity::Warning);
                }
            }
        }
    }
}

/// By file, place and rule.
fn in_order(configuration: &Configuration, one: &Finding, other: &Finding) -> Ordering {
    let name = |finding: &Finding| &configuration.loaded.sources.get(finding.place.file).name;
    let key = |finding: &Finding| (finding.place.span, finding.rule.name);
    name(one).cmp(name(other)).then_with(|| key(one).cmp(&key(other)))
}

/// Runs `rules` over a configuration, as [`check`] does, for what is wanted of it.
pub fn check_for(
    configuration: &Configuration,
    rules: &[&'static Rule],
    assumptions: &Assumptions,
    wanted: Wanted,
) -> Vec<Finding> {
    let mut context = Context::for_rules(configuration, assumptions, rules);
    // Whether a comment about advice is of use is known when all advice is.
    let has_ignores =
        |context: &Context<'_>| wanted.follows_ignores && !context.comments().ignores.is_empty();
    if !wanted.advice && !has_ignores(&context) {
        context.leave_advice_out();
    }
    let context = context;
    let mut findings = Vec::new();
    let (last, rules): (Vec<&'static Rule>, Vec<&'static Rule>) =
        rules.iter().partition(|rule| rule.name == HANDSHAKE_REJECTED.name);
    if configuration.levels().len() < SIDE_BY_SIDE {
        for rule in &rules {
            run(rule, &context, &mut findings);
        }
    } else {
        // What several rules ask is worked out first, so that none waits for another: one after the
        // other, because each of the two is done side by side itself.
        context.websocket_locations().count();
        context.problems();
        let check = |rule: &'static Rule| {
            let mut findings = Vec::new();
            run(rule, &context, &mut findings);
            findings
        };
        findings.extend(parallel::map(rules.clone(), 2, check).into_iter().flatten());
    }
    // What it looks for is what the others have not named. Whether a comment about it is of use is
    // known when it has run.
    if wanted.rejections || has_ignores(&context) {
        for rule in last {
            (rule.check)(&context, &mut findings);
        }
    }
    leave_templates_out(&context, &mut findings);
    // What holds for another version is ignored as well, and the comment not called unused.
    if wanted.follows_ignores {
        suppression::apply(&context, &mut findings);
    }
    fix_writing::withhold_from_sub_requests(&context, &mut findings);
    weigh_versions(assumptions, &mut findings);
    if !wanted.advice {
        findings.retain(|finding| !is_advice(finding));
    }
    findings.sort_by(|one, other| in_order(configuration, one, other));
    findings
}
