//! A balancing method behind `keepalive`, which it takes away.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix};
use wslint_model::handshake::backends::Group;
use wslint_model::handshake::proxied_request::HTTP_1_1_BY_DEFAULT;
use wslint_model::resolve::Setting;

use crate::balancing::methods;
use crate::context::Context;
use crate::finding::{Finding, VersionRange};
use crate::rules::KEEPALIVE_BEFORE_BALANCER as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.backends().groups {
        let Some(keepalive) = group.own(context, d::KEEPALIVE) else { continue };
        let methods = methods(context, group.level);
        let Some(&method) = methods.last() else { continue };
        if method.reference.file != keepalive.reference.file
            || method.reference < keepalive.reference
            || context.has_syntax_error_in(keepalive.place())
            || context.has_syntax_error_in(method.place())
        {
            continue;
        }
        let name = method.name();
        let finding = Finding::new(
            &RULE,
            keepalive.place(),
            format!(
                "load balancing method redefined: before nginx 1.29.7, `{name}` behind `keepalive` \
                 takes its place, and no connection is kept open"
            ),
        )
        .at_place("does nothing")
        .label(method.place(), "takes its place")
        .versions(VersionRange::before(HTTP_1_1_BY_DEFAULT))
        .help("write `keepalive` behind the method");
        findings.push(match swap(context, group, keepalive, method) {
            Some(fix) => finding.fix(fix),
            None => finding,
        });
    }
}

/// The two lines in each other's place. A server between them may have parameters that the method
/// must not come before.
fn swap(
    context: &Context<'_>,
    group: &Group<'_>,
    keepalive: Setting<'_>,
    method: Setting<'_>,
) -> Option<Fix> {
    let is_between = |line: Setting<'_>| {
        line.reference > keepalive.reference && line.reference < method.reference
    };
    if context.configuration.own_settings(group.level).any(is_between) {
        return None;
    }
    let words = |line: Setting<'_>| {
        let span = line.directive.words_span();
        let source = context.configuration.loaded.sources.get(line.reference.file);
        let bytes = source.tree.slice(span);
        // A comment between the words would come along.
        let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains(['#', '\n']))?;
        Some((span, text.to_owned()))
    };
    let ((first, kept), (second, chosen)) = (words(keepalive)?, words(method)?);
    let edits = vec![Edit::replace(first, chosen), Edit::replace(second, kept)];
    Some(Fix::safe("let the two lines change places", edits))
}
