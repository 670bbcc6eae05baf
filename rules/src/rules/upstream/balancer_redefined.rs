//! Two balancing methods in one upstream: the last one counts.

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::finding::Finding;
use wslint_model::resolve::LevelId;
use wslint_model::resolve::Setting;
use crate::rules::BALANCER_REDEFINED as RULE;

/// The balancing methods. Each takes the place of the one before, with a warning.
const METHODS: [DirectiveId; 5] = [d::IP_HASH, d::HASH, d::LEAST_CONN, d::LEAST_TIME, d::RANDOM];

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for &level in &context.upstream_groups().levels {
        let methods = methods(context, level);
        let [.., before, last] = methods.as_slice() else { continue };
        if context.has_syntax_error_in(last.place()) || context.has_syntax_error_in(before.place())
        {
            continue;
        }
        let shown =
            |method: &Setting<'_>| String::from_utf8_lossy(&method.directive.name()).into_owned();
        let (before, after) = (before, last);
        findings.push(
            Finding::new(
                &RULE,
                after.place(),
                format!(
                    "load balancing method redefined: `{}` takes the place of `{}`",
                    shown(after),
                    shown(before)
                ),
            )
            .at_place("this one counts")
            .label(before.place(), "this one does nothing")
            .help("delete the one that is not meant"),
        );
    }
}

/// The methods of an upstream in the order of the text; none when that order is not seen.
pub(in crate::rules) fn methods<'c>(context: &Context<'c>, level: LevelId) -> Vec<Setting<'c>> {
    let configuration = context.configuration;
    let lines = METHODS.into_iter().flat_map(|id| configuration.own(level, id).iter());
    let mut methods: Vec<Setting<'c>> = lines.collect();
    methods.sort_by_key(|method| method.reference);
    if methods.windows(2).any(|pair| pair[0].reference.file != pair[1].reference.file) {
        methods.clear();
    }
    methods
}
