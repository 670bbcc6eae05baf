//! Two balancing methods in one upstream: the last one counts.

use wslint_model::resolve::Setting;

use crate::balancing::methods;
use crate::context::Context;
use crate::finding::Finding;
use crate::rules::BALANCER_REDEFINED as RULE;

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
